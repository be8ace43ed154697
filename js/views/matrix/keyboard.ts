/** The matrix by keyboard: a cell to stand on, and what is done with it. */

import { on } from "../../browser/dom";
import { listenToKeys, type Move, moved } from "../../interact/keys";
import type { Place } from "../../plane/layout";
import type { Pointing } from "../../plane/pointing";
import type { AppState } from "../../state/app_state";
import type { MatrixView } from "./plan";

/** Rows that a page of them is. */
const PAGE = 10;

export function matrixKeys(
  plot: HTMLElement,
  state: AppState,
  view: MatrixView,
  { place, walkTo, select, keys }: Pointing,
  abort: AbortSignal,
): void {
  const start = (): Place => ({
    picture: 0,
    query: state.selected.value ?? Math.floor(view.sight.value.y),
    key: state.selectedKey.value ?? Math.floor(view.sight.value.x),
  });
  const selectHere = () => select(place.value ?? start());
  listenToKeys(
    plot,
    {
      ...keys,
      move(move, { shiftKey }) {
        walkTo(place.value ? placeAfter(place.value, move, shiftKey) : start());
      },
      enter: selectHere,
      space: selectHere,
    },
    abort,
  );
  on(plot, "blur", abort, () => walkTo(null));

  /** With Shift from one map to the next. */
  function placeAfter(here: Place, { by, x, y }: Move, next: boolean): Place {
    const { maps, queries, keys } = view.plan.value;
    if (next && maps.length > 1)
      return { ...here, picture: moved(here.picture, x + y, maps.length) };
    return {
      picture: here.picture,
      query: moved(here.query ?? 0, by === "page" ? y * PAGE : y, queries),
      key: moved(here.key ?? 0, by === "end" ? x * keys : x, keys),
    };
  }
}
