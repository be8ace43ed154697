/** A list of what a model predicts, to choose one from, or to type another. */

import { h, on } from "../browser/dom";
import { unsteered } from "../language/direction";
import type { Text } from "../language/say";
import { CANDIDATES } from "../language/texts/candidates";
import { type AppState, type Settable, watch } from "../state/app_state";

interface Candidates {
  readonly ids: readonly number[];
  readonly labels: readonly string[];
}

interface Choosing {
  readonly label: Text;
  /** What is meant while none is chosen. */
  none(): string;
  readonly chosen: Settable<string | number | null>;
  candidates(): Candidates;
  /** Of the chosen one, where the model has said it. */
  labelOfChosen(): string;
  shown(): boolean;
}

const TYPE = "type";

/** A text that the list shows stands for the id beside it. */
function asListed(chosen: string | number | null, { ids, labels }: Candidates) {
  if (typeof chosen !== "string") return chosen;
  return ids[labels.indexOf(chosen.trim())] ?? chosen;
}

/** All but `label` and `chosen` read signals. */
export function candidateList(
  { say }: AppState,
  { label, none, chosen, candidates, labelOfChosen, shown }: Choosing,
  abort: AbortSignal,
): HTMLElement {
  const list = h("select", { class: "aw-select aw-candidates" });
  const typed = h("input", {
    type: "text",
    class: "aw-typed-candidate",
    "aria-label": say(CANDIDATES.typed),
    placeholder: say(CANDIDATES.typed),
    spellcheck: "false",
    hidden: true,
  });
  const field = h("label", { class: "aw-field" }, h("span", {}, say(label)), list);
  const element = h("span", { class: "aw-candidate-field" }, field, typed);

  const nameOf = (id: string | number | null) => (id === null ? "" : JSON.stringify(id));
  function close(): void {
    typed.hidden = true;
    typed.value = "";
    list.value = nameOf(asListed(chosen.peek(), candidates()));
  }
  on(list, "change", abort, () => {
    if (list.value === TYPE) {
      typed.hidden = false;
      typed.focus();
      return;
    }
    chosen.value = list.value === "" ? null : JSON.parse(list.value);
    close();
  });
  on(typed, "keydown", abort, (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault(); // Escape leaves this alone, and not the box around it
    if (event.key === "Enter" && typed.value.trim()) chosen.value = typed.value.trimEnd();
    list.focus();
    close();
  });

  let drawn = "";
  watch(abort, () => {
    element.hidden = !shown();
    const { ids, labels } = candidates();
    const own = asListed(chosen.value, candidates());
    const known = ids.map((id, place) => [nameOf(id), labels[place] ?? ""] as const);
    const isOther = own !== null && !known.some(([value]) => value === nameOf(own));
    const other = isOther ? [[nameOf(own), labelOfChosen() || String(own)] as const] : [];
    const names = [["", none()] as const, ...known, ...other, [TYPE, say(CANDIDATES.another)]];
    const now = JSON.stringify(names);
    if (drawn !== now) {
      drawn = now;
      list.replaceChildren(
        ...names.map(([value = "", text = ""]) => h("option", { value }, unsteered(text))),
      );
    }
    if (typed.hidden) list.value = nameOf(own);
  });
  return element;
}
