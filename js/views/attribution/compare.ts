/** The list of predictions that the likeliest one may be compared with. */

import { h, on } from "../../browser/dom";
import { unsteered } from "../../language/direction";
import { type AppState, watch } from "../../state/app_state";
import type { Model } from "../../tensors/answer";
import type { AttributionData } from "./data";
import { ATTRIBUTION } from "./texts";

export function compareList(
  state: AppState,
  model: Model,
  data: AttributionData,
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const list = h("select", { class: "aw-select aw-compare" });
  const element = h("label", { class: "aw-field" }, h("span", {}, say(ATTRIBUTION.compare)), list);
  on(list, "change", abort, () => data.compare(list.value === "" ? null : Number(list.value)));
  let drawn = "";
  watch(abort, () => {
    const { value: found } = data.written;
    const { value: other } = data.other;
    // After an error one can still go back.
    element.hidden = !model.asks.value || (!found && other === null);
    if (!found) return;
    const names = found.ids
      .slice(1)
      .map((id, place) => [id, found.labels[place + 1] ?? ""] as const);
    const now = JSON.stringify(names);
    if (drawn !== now) {
      drawn = now;
      list.replaceChildren(
        h("option", { value: "" }, say(ATTRIBUTION.nothing)),
        ...names.map(([id, label]) => h("option", { value: id }, unsteered(label))),
      );
    }
    list.value = other === null ? "" : String(other);
  });
  return element;
}
