/** Controls of the matrix: which head, how coloured, how large. */

import { button, h } from "../dom";
import { headColours } from "../palette";
import { type AppState, watch } from "../state";
import { MATRIX } from "../texts/matrix";
import type { Camera } from "./camera";

export function matrixControls(
  element: HTMLElement,
  state: AppState,
  view: Camera,
  abort: AbortSignal,
): void {
  const { say } = state;
  const chips = h("div", { class: "aw-chips", role: "group", "aria-label": say(MATRIX.heads) });
  const flags = (["normalise_rows", "log_colour"] as const).map((name) => {
    const [label, title] =
      name === "log_colour" ? [MATRIX.log, MATRIX.logTitle] : [MATRIX.byRow, MATRIX.byRowTitle];
    const flag = button(say(label), { "data-flag": name, title: say(title) }, abort, () => {
      state[name].value = !state[name].value;
    });
    watch(abort, () => flag.setAttribute("aria-pressed", String(state[name].value)));
    return flag;
  });
  const named = (label: string, title: string, act: () => void) =>
    button(label, { "aria-label": title, title }, abort, act);
  const out = named("−", say(MATRIX.zoomOut), () => view.zoomBy(0.5));
  const larger = named("+", say(MATRIX.zoomIn), () => view.zoomBy(2));
  const fit = button(say(MATRIX.fit), { title: say(MATRIX.fitTitle) }, abort, view.fit);
  element.append(
    chips,
    h("span", { class: "aw-buttons" }, ...flags),
    h("span", { class: "aw-buttons" }, out, larger, fit),
  );

  chips.addEventListener(
    "click",
    (event) => {
      const chip = (event.target as Element).closest<HTMLElement>("[data-head]");
      if (chip) state.lastHead.value = Number(chip.dataset.head);
    },
    { signal: abort },
  );

  watch(abort, () => {
    const heads = state.activeHeads.value;
    const focus = state.focusHead.value;
    chips.hidden = state.combine.value !== "overlay" || heads.length < 2;
    const held = chips.contains(document.activeElement ?? null);
    const colours = headColours(Math.max(0, ...heads) + 1, state.dark.value);
    chips.replaceChildren(
      ...heads.map((head) => {
        const chip = h(
          "button",
          {
            type: "button",
            class: "aw-chip",
            "data-head": head,
            "aria-pressed": String(head === focus),
            "aria-label": say(MATRIX.head, { head: String(head) }),
          },
          String(head),
        );
        chip.style.setProperty("--aw-head", colours[head] ?? "");
        return chip;
      }),
    );
    if (held) chips.querySelector<HTMLElement>(`[data-head="${focus}"]`)?.focus();
  });

  watch(abort, () => {
    const factor = view.factor.value;
    larger.disabled = factor >= view.largest.value * 0.999;
    out.disabled = factor <= 1;
    fit.disabled = factor <= 1;
  });
}
