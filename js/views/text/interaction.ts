/** What mouse and keyboard do in the text: hover, pin, walk, let go. */

import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import { isSeveral, listenToKeys } from "../../interact/keys";
import { tooltip } from "../../interact/tooltip";
import { RIGHT_TO_LEFT } from "../../language/direction";
import { type AppState, letGo, toggleToken } from "../../state/app_state";
import type { Unit } from "../../trace/units";
import type { Passage } from "./passage";
import type { Pinning } from "./pinning";
import type { TextScores } from "./scores";
import { tipOf } from "./tip";

export interface Sides {
  queries: Passage;
  keys: Passage;
  keyUnits: ReadonlySignal<Unit[]>;
  coloured(side: Passage): boolean;
}

export interface TextInteraction {
  /** A unit that the mouse is over, though no other view shows it: it lies in another window. */
  readonly elsewhere: ReadonlySignal<number | null>;
  /** Scrolls the text alone; `scrollIntoView` would scroll the notebook too. */
  reveal(node: HTMLElement | undefined): void;
}

interface Place {
  side: Passage;
  unit: Unit;
  index: number;
}

export function textInteraction(
  element: HTMLElement,
  text: HTMLElement,
  { queries, keys, keyUnits, coloured }: Sides,
  state: AppState,
  scores: TextScores,
  pins: Pinning,
  abort: AbortSignal,
): TextInteraction {
  const tip = tooltip(element, abort);
  const elsewhere = signal<number | null>(null);
  const listen = <K extends keyof HTMLElementEventMap>(
    kind: K,
    hear: (event: HTMLElementEventMap[K]) => void,
  ) => text.addEventListener(kind, hear, { signal: abort });

  /** Where attention from a selected token is shown, the mouse asks how much a word gets. */
  const role = () =>
    state.sides.value.same && state.measure.value === "attention_from" && state.token.value !== null
      ? "key"
      : "query";

  function placeOf(event: Event): Place | null {
    const node = (event.target as Element).closest<HTMLElement>("[data-unit]");
    if (!node) return null;
    const side = keys.element.contains(node) ? keys : queries;
    const index = Number(node.dataset.unit);
    const unit = (side === keys ? keyUnits.value : state.units.value)[index];
    return unit ? { side, unit, index } : null;
  }

  function point({ side, unit, index }: Place, event: MouseEvent): void {
    const { keyText, queryText } = state.sides.value;
    const pointed = {
      unit,
      index,
      text: side === keys ? keyText : queryText,
      coloured: coloured(side),
    };
    tip.show(tipOf(pointed, state, scores), event);
  }

  function hover(place: Place | null): void {
    const sides = state.sides.value;
    const [first] = place?.unit.tokens ?? [];
    const isKey = place?.side === keys;
    const row =
      first === undefined ? undefined : (isKey ? sides.keys : sides.queries).toRow.get(first);
    const as = isKey ? "key" : role();
    const now = state.hovered.value;
    batch(() => {
      elsewhere.value = place && !isKey && row === undefined ? place.index : null;
      if (row === undefined) state.hovered.value = null;
      else if (now?.token !== row || now.as !== as) state.hovered.value = { token: row, as };
    });
  }

  listen("pointermove", (event) => {
    const place = placeOf(event);
    hover(place);
    if (place) point(place, event);
    else tip.hide();
  });
  listen("pointerleave", () => {
    hover(null);
    tip.hide();
  });
  listen("mousedown", (event) => {
    if (!event.shiftKey || !placeOf(event)) return;
    event.preventDefault(); // it would select the text up to here
    text.focus({ preventScroll: true });
  });
  listen("click", (event) => {
    const place = placeOf(event);
    if (!place) return;
    if (place.side === keys) {
      const row = state.sides.value.keys.toRow.get(place.unit.tokens[0] ?? -1);
      if (row !== undefined) toggleToken(state, row, "key");
      return;
    }
    const row = state.sides.value.keys.toRow.get(place.unit.tokens[0] ?? -1);
    const isQuery = place.index === state.unitOfToken.value[state.token.value ?? -1];
    if (isSeveral(event)) pins.toggle(place.index);
    else if (role() === "query" || row === undefined) pins.only(place.index);
    else if (isQuery) {
      batch(() => {
        pins.none();
        state.token.value = null;
      });
    } else toggleToken(state, row, "key");
    point(place, event);
  });
  /** Selects the first unit that is shown from this one on, or back. */
  function goTo(from: number, by: number): void {
    const units = state.units.value;
    for (let unit = from; unit >= 0 && unit < units.length; unit += by) {
      if (!queries.nodeOf(unit)) continue; // hidden
      state.token.value = units[unit]?.tokens[0] ?? null;
      return;
    }
  }

  const selected = () => state.unitOfToken.value[state.token.value ?? -1];
  const pin = (event: KeyboardEvent) => {
    const unit = selected();
    if (unit === undefined) return false;
    return isSeveral(event) ? pins.toggle(unit) : pins.only(unit);
  };
  listenToKeys(
    text,
    {
      move({ by, x, y }) {
        if (by === "page") return false; // it scrolls
        const now = selected();
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
    if (!node?.isConnected || abort.aborted) return;
    const [seen, box] = [text.getBoundingClientRect(), node.getBoundingClientRect()];
    if (box.top < seen.top) text.scrollTop -= seen.top - box.top + 8;
    else if (box.bottom > seen.bottom) text.scrollTop += box.bottom - seen.bottom + 8;
    else return;
    if (looks > 1) requestAnimationFrame(() => reveal(node, looks - 1));
  }

  return { elsewhere, reveal: (node) => reveal(node) };
}
