/** What mouse and keyboard do in the text: hover, pin, walk, let go. */

import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import { on } from "../../browser/dom";
import { isSeveral, listenToKeys } from "../../interact/keys";
import { listenToPointer } from "../../interact/pointer";
import { tooltip } from "../../interact/tooltip";
import { RIGHT_TO_LEFT } from "../../language/direction";
import type { AppState } from "../../state/app_state";
import { letGo, toggleToken } from "../../state/selecting";
import { isInfluence } from "../../trace/influence";
import type { Unit } from "../../trace/units";
import type { Passage } from "./passage";
import type { Passages } from "./passages";
import { isPictureAlone } from "./picture";
import type { Pinning } from "./pinning";
import type { TextScores } from "./scores";
import { tipOf } from "./tip";
import { selectedUnit } from "./words";

export interface TextInteraction {
  /** A unit that the mouse is over, though no other view shows it: it lies in another window. */
  readonly elsewhere: ReadonlySignal<number | null>;
  /** Scrolls the text alone; `scrollIntoView` would scroll the notebook too. */
  reveal(node: HTMLElement | undefined): void;
}

const isOfButton = ({ target }: Event): boolean => (target as Element).closest("button") !== null;

interface Place {
  side: Passage;
  unit: Unit;
  index: number;
  /** Its row in the attention. */
  row: number | undefined;
}

export function textInteraction(
  element: HTMLElement,
  text: HTMLElement,
  { queries, keys, keyUnits, isColoured }: Passages,
  state: AppState,
  scores: TextScores,
  pins: Pinning,
  abort: AbortSignal,
): TextInteraction {
  const tip = tooltip(element, abort);
  const elsewhere = signal<number | null>(null);

  /** Where attention from a selected token is shown, the mouse asks how much a word gets. */
  const role = () =>
    state.sides.value.same && state.measure.value === "attention_from" && state.token.value !== null
      ? "key"
      : "query";

  /** In an image a click asks what the patch attends to: it has no cosine that would be looked for. */
  const asksForPatch = () =>
    state.measure.value === "attention_from" &&
    isPictureAlone(state.sides.value.queryText.tokens, state.meta.value.image);

  function placeOf(event: Event): Place | null {
    const node = (event.target as Element).closest<HTMLElement>("[data-unit]");
    if (!node) return null;
    const isKey = keys.element.contains(node);
    const index = Number(node.dataset.unit);
    const unit = (isKey ? keyUnits : state.units).value[index];
    const rows = state.sides.value[isKey ? "keys" : "queries"].toRow;
    const row = rows.get(unit?.tokens[0] ?? -1);
    return unit ? { side: isKey ? keys : queries, unit, index, row } : null;
  }

  function showTip({ side, unit, index }: Place, event: MouseEvent): void {
    const { keyText, queryText } = state.sides.value;
    const of = side === keys ? keyText : queryText;
    tip.show(tipOf({ unit, index, text: of, coloured: isColoured(side) }, state, scores), event);
  }

  function hover(place: Place | null): void {
    const isKey = place?.side === keys;
    const as = isKey ? "key" : role();
    const row = place?.row;
    const now = state.hovered.value;
    batch(() => {
      elsewhere.value = place && !isKey && row === undefined ? place.index : null;
      if (row === undefined) state.hovered.value = null;
      else if (now?.token !== row || now.as !== as) state.hovered.value = { token: row, as };
    });
  }

  /** What is shown follows the token whose prediction it is of. */
  const asksForWord = () => isInfluence(state.measure.value);

  /**
   * A click pins, whatever the colours are of; with Alt it selects alone. In an image it asks what
   * the patch attends to.
   */
  function choose({ side, unit, index, row }: Place, event: MouseEvent): void {
    if (side === keys) {
      if (row !== undefined) toggleToken(state, row, "key");
    } else if (event.altKey || ((asksForPatch() || asksForWord()) && !isSeveral(event))) {
      const isSelected = index === selectedUnit(state);
      const token = asksForWord() ? unit.tokens.at(-1) : unit.tokens[0]; // what comes after it
      state.token.value = isSelected ? null : (token ?? null);
    } else if (isSeveral(event)) pins.toggle(index);
    else pins.only(index);
  }

  listenToPointer(
    text,
    {
      point(at, event) {
        const place = at && placeOf(event);
        hover(place);
        if (place) showTip(place, event);
        else tip.hide();
      },
      click(_, event) {
        const place = placeOf(event);
        if (!place) return;
        choose(place, event);
        if (place.side === queries) showTip(place, event);
      },
    },
    abort,
  );
  on(text, "mousedown", abort, (event) => {
    if (!event.shiftKey || !placeOf(event)) return;
    event.preventDefault(); // it would select the text up to here
    text.focus({ preventScroll: true });
  });

  /** Selects the first unit that is shown from this one on, or back. */
  function goTo(from: number, by: number): void {
    const units = state.units.value;
    for (let unit = from; unit >= 0 && unit < units.length; unit += by) {
      const node = queries.nodeOf(unit);
      if (!node || node.closest("[data-folded]")) continue; // hidden
      state.token.value = units[unit]?.tokens[0] ?? null;
      return;
    }
  }

  const pin = (event: KeyboardEvent) => {
    const unit = selectedUnit(state);
    if (unit === undefined || isOfButton(event)) return false;
    return isSeveral(event) ? pins.toggle(unit) : pins.only(unit);
  };
  listenToKeys(
    text,
    {
      move({ by, x, y }) {
        if (by === "page") return false; // it scrolls
        const now = selectedUnit(state);
        const units = state.units.value;
        const isRtl = now !== undefined && RIGHT_TO_LEFT.test(units[now]?.text ?? "");
        const step = by === "step" && isRtl ? y - x : x + y;
        const [before, beyond] = step > 0 ? [-1, units.length] : [units.length, -1];
        if (by === "end") goTo(beyond - step, -step);
        else goTo((now ?? before) + step, step);
        return true;
      },
      enter: pin,
      space: pin,
      escape() {
        const isPinned = state.pinned.value.length > 0;
        return batch(() => {
          pins.none();
          return letGo(state) || isPinned;
        });
      },
    },
    abort,
    (key) => key === "Enter" || key === " ",
  );

  /** Blocks of a long text get their true height when they come into sight, so it looks again. */
  function reveal(node: HTMLElement | undefined, looks = 8): void {
    if (!node?.getClientRects().length || abort.aborted) return;
    const [seen, box] = [text.getBoundingClientRect(), node.getBoundingClientRect()];
    if (box.top < seen.top) text.scrollTop -= seen.top - box.top + 8;
    else if (box.bottom > seen.bottom) text.scrollTop += box.bottom - seen.bottom + 8;
    else return;
    if (looks > 1) requestAnimationFrame(() => reveal(node, looks - 1));
  }

  return { elsewhere, reveal: (node) => reveal(node) };
}
