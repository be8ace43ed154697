/** The place that the mouse or the keyboard is at, and what a click or a key does there. */

import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import { listenToPointer } from "../../interact/pointer";
import { type AppState, letGo, toggleToken, watch } from "../../state/app_state";
import type { Camera } from "./camera";
import { matrixKeys } from "./keyboard";
import type { Place } from "./plan";

export interface Pointing {
  /** What is under the mouse, or where the keyboard is. */
  readonly place: ReadonlySignal<Place | null>;
  /** Where the mouse is, while it is over the place. */
  readonly mouse: ReadonlySignal<MouseEvent | null>;
}

export function pointing(
  plot: HTMLElement,
  state: AppState,
  view: Camera,
  abort: AbortSignal,
): Pointing {
  const place = signal<Place | null>(null);
  const mouse = signal<MouseEvent | null>(null);

  /** The token of the row, else of the column, is hovered in the other views too. */
  function goTo(next: Place | null): void {
    const now = place.peek();
    const same =
      now?.picture === next?.picture && now?.query === next?.query && now?.key === next?.key;
    if (same) return;
    batch(() => {
      place.value = next;
      if (next && next.query !== null) state.hovered.value = { token: next.query, as: "query" };
      else if (next && next.key !== null) state.hovered.value = { token: next.key, as: "key" };
      else state.hovered.value = null;
    });
  }

  /** A cell selects both its tokens, or lets go of both; a label selects its own. */
  function select({ query, key }: Place): void {
    const isRow = query !== null && query === state.selected.value;
    const isColumn = key !== null && key === state.selectedKey.value;
    const isCell = query !== null && key !== null;
    const letsGo = isRow && isColumn;
    batch(() => {
      if (query !== null && (!isCell || letsGo || !isRow)) toggleToken(state, query, "query");
      if (key !== null && (!isCell || letsGo || !isColumn)) toggleToken(state, key, "key");
    });
  }

  listenToPointer(
    plot,
    {
      point(at, event) {
        batch(() => {
          goTo(at && view.placeAt(at));
          mouse.value = at ? event : null;
        });
      },
      click(at) {
        const here = view.placeAt(at);
        if (here) select(here);
      },
      zoom: view.zoomBy,
      pan: view.panBy,
    },
    abort,
  );
  matrixKeys(
    plot,
    {
      place: () => place.value,
      start: () => ({
        picture: 0,
        query: state.selected.value ?? Math.floor(view.sight.value.y),
        key: state.selectedKey.value ?? Math.floor(view.sight.value.x),
      }),
      counts: () => view.counts.value,
      go(next) {
        mouse.value = null;
        goTo(next);
        if (next) view.reveal(next.query, next.key);
      },
      select,
      letGo() {
        const isAt = place.value !== null && mouse.value === null;
        return batch(() => {
          goTo(null);
          return letGo(state) || isAt;
        });
      },
      zoom: view.zoomBy,
      fit: view.fit,
    },
    abort,
  );

  let sides: unknown = null;
  watch(abort, () => {
    if (sides === state.sides.value) return;
    sides = state.sides.value; // other rows, another picture
    batch(() => {
      place.value = null;
      mouse.value = null;
      view.fit();
    });
  });
  watch(abort, () => view.reveal(state.selected.value, state.selectedKey.value));
  return { place, mouse };
}
