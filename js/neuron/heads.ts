/** Which of several selected heads the neuron view shows. */

import { h } from "../dom";
import { headColours } from "../palette";
import { type AppState, watch } from "../state";
import { NEURON } from "../texts/neuron";

export function headChips(state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const chips = h("div", { class: "aw-chips", role: "group", "aria-label": say(NEURON.headShown) });
  watch(abort, () => {
    const heads = state.activeHeads.value;
    const colours = headColours(Math.max(0, ...heads) + 1, state.dark.value);
    const focused = chips.querySelector<HTMLElement>(":focus")?.dataset.head;
    chips.replaceChildren(
      ...heads.map((head) => {
        const chip = h(
          "button",
          {
            type: "button",
            class: "aw-chip",
            "data-head": head,
            "aria-pressed": String(head === state.focusHead.value),
            "aria-label": say(NEURON.head, { head: String(head) }),
          },
          String(head),
        );
        chip.style.setProperty("--aw-head", colours[head] ?? "");
        return chip;
      }),
    );
    chips.hidden = heads.length < 2;
    if (focused) chips.querySelector<HTMLElement>(`[data-head="${focused}"]`)?.focus();
  });
  chips.addEventListener(
    "click",
    (event) => {
      const chip = (event.target as Element).closest<HTMLElement>("[data-head]");
      if (chip) state.lastHead.value = Number(chip.dataset.head);
    },
    { signal: abort },
  );
  return chips;
}

export function focusColour(state: AppState): string {
  const count = state.layerMeta.value?.n_heads ?? 0;
  return headColours(count, state.dark.value)[state.focusHead.value ?? 0] ?? "";
}
