/** The place of a plane that the mouse or the keyboard is at, and what a click does there. */

import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import type { KeyActs } from "../interact/keys";
import { tooltip } from "../interact/tooltip";
import { type AppState, watch } from "../state/app_state";
import { letGo, toggleToken } from "../state/selecting";
import { type Camera, ZOOM_STEP } from "./camera";
import type { Place } from "./layout";
import { listenOnPlane } from "./plane_pointer";

export interface Pointing {
  /** What is under the mouse, or where the keyboard is. */
  readonly place: ReadonlySignal<Place | null>;
  /** The keyboard goes there. */
  walkTo(next: Place | null): void;
  select(place: Place): void;
  /** Keys that do the same on every plane. */
  readonly keys: Pick<KeyActs, "escape" | "zoom" | "fit">;
}

/** `linesOf` says what stands beside the mouse. */
export function pointing(
  { element, state, abort }: { element: HTMLElement; state: AppState; abort: AbortSignal },
  plot: HTMLElement,
  view: Camera,
  linesOf: (place: Place) => readonly string[],
): Pointing {
  const tip = tooltip(element, abort);
  const place = signal<Place | null>(null);
  const mouse = signal<MouseEvent | null>(null); // while it is over the place

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

  listenOnPlane(plot, view, { mouse, goTo, click: select }, abort);

  watch(abort, () => {
    plot.toggleAttribute("data-zoomed", view.factor.value > 1);
    plot.dataset.maps = view.layout.value.maps
      .map(({ x, y, width, height }) => `${x} ${y} ${width} ${height}`)
      .join(";");
  });
  watch(abort, () => {
    const lines = mouse.value && place.value ? linesOf(place.value) : [];
    if (mouse.value && lines.length) tip.show(lines, mouse.value);
    else tip.hide();
  });
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

  return {
    place,
    walkTo(next) {
      mouse.value = null;
      goTo(next);
      if (next) view.reveal(next.query, next.key);
    },
    select,
    keys: {
      escape() {
        const isAt = place.value !== null && mouse.value === null;
        return batch(() => {
          goTo(null);
          return letGo(state) || isAt;
        });
      },
      zoom: (by) => view.zoomBy(ZOOM_STEP ** by),
      fit: view.fit,
    },
  };
}
