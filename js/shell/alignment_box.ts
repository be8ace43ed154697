/** The tokens of two passes in rows: those in one row go together, and clicks part and join them. */

import { signal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { popover } from "../controls/popover";
import { COMPARISON } from "../language/texts/comparison";
import { type AppState, watch } from "../state/app_state";
import type { Slot } from "../trace/comparison";

type Pair = [number, number];

const pairsOf = (slots: readonly Slot[]): Pair[] =>
  slots.flatMap(([one, other]) =>
    typeof one === "number" && typeof other === "number" ? [[one, other] as Pair] : [],
  );

/** The pairs with one more; null where it would cross another. */
export function joined(pairs: readonly Pair[], pair: Pair): Pair[] | null {
  const all = [...pairs, pair].sort((a, b) => a[0] - b[0]);
  const rises = all.every(([one, other], place) => {
    const before = all[place - 1];
    return !before || (one > before[0] && other > before[1]);
  });
  return rises ? all : null;
}

export function alignmentBox(state: AppState, abort: AbortSignal): HTMLElement {
  const { say, comparison } = state;
  /** A token that stands alone and waits for its partner. */
  const chosen = signal<{ side: 0 | 1; token: number } | null>(null);
  const failure = signal("");

  const hint = h("p", { class: "aw-hint" });
  const list = h("ol", { class: "aw-aligned" });
  const error = h("p", { class: "aw-edit-error", role: "alert" });
  const again = button(say(COMPARISON.again), { class: "aw-button" }, abort, () => {
    failure.value = "";
    chosen.value = null;
    state.alignment.value = null;
  });
  const label = say(COMPARISON.alignment);
  const { opener, box } = popover(
    label,
    { class: "aw-edit-act aw-opener aw-alignment-menu", title: label },
    [hint, list, error, again],
    abort,
  );
  opener.textContent = label;

  const canEdit = () => state.meta.value.read_only !== "page";
  const labelOf = (side: 0 | 1, token: number): string =>
    comparison.peek()?.sides[side]?.tokens[token]?.label ?? "";

  function part(pair: Pair): void {
    const pairs = pairsOf(comparison.peek()?.slots ?? []);
    const left = pairs.filter(([one]) => one !== pair[0]);
    failure.value = left.length ? "" : say(COMPARISON.last);
    chosen.value = null;
    if (left.length) state.alignment.value = left;
  }

  function choose(side: 0 | 1, token: number): void {
    failure.value = "";
    const { value: first } = chosen;
    if (!first || first.side === side) {
      chosen.value = first?.token === token && first.side === side ? null : { side, token };
      return;
    }
    chosen.value = null;
    const pair: Pair = side ? [first.token, token] : [token, first.token];
    const pairs = joined(pairsOf(comparison.peek()?.slots ?? []), pair);
    if (pairs) state.alignment.value = pairs;
    else failure.value = say(COMPARISON.crosses);
  }

  function cell(side: 0 | 1, slot: Slot): HTMLElement {
    const token = slot[side];
    if (typeof token !== "number") return h("span", { class: "aw-nobody" });
    return h("span", { class: "aw-aligned-token" }, labelOf(side, token));
  }

  function row(slot: Slot): HTMLElement {
    const [one, other] = slot;
    const isPair = typeof one === "number" && typeof other === "number";
    const cells = [cell(0, slot), cell(1, slot)];
    if (!canEdit()) return h("li", { class: isPair ? "" : "aw-alone" }, ...cells);
    const side = typeof one === "number" ? 0 : 1;
    const token = slot[side] as number;
    const names = cells.map(({ textContent }) => textContent).filter(Boolean);
    const title = isPair
      ? say(COMPARISON.part, { pair: names.join(" – ") })
      : say(COMPARISON.join, { token: names[0] ?? "" });
    const { value: first } = chosen;
    const isChosen = !isPair && first?.side === side && first.token === token;
    const act = h(
      "button",
      { type: "button", title, "aria-label": title, "aria-pressed": String(isChosen) },
      ...cells,
    );
    act.addEventListener("click", () => (isPair ? part([one, other]) : choose(side, token)), {
      signal: abort,
    });
    return h("li", { class: isPair ? "" : "aw-alone" }, act);
  }

  watch(abort, () => {
    const { value: found } = comparison;
    void state.alignment.value;
    hint.textContent = say(canEdit() ? COMPARISON.about : COMPARISON.fixed);
    again.hidden = !canEdit() || state.alignment.value === null;
    const place = [...list.children].findIndex((each) => each.contains(document.activeElement));
    const names = found?.names.map((name) => h("span", {}, name)) ?? [];
    const head = h("li", { class: "aw-aligned-names" }, ...names);
    list.replaceChildren(head, ...(found?.slots ?? []).map(row));
    if (place >= 0) list.children[place]?.querySelector("button")?.focus();
    error.textContent = failure.value;
    error.hidden = !failure.value;
  });
  return h("span", { class: "aw-popover-holder" }, opener, box);
}
