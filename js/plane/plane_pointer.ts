/** The pointer on a plane: it goes to places and clicks them, drags, pinches and turns the wheel. */

import { batch, type Signal } from "@preact/signals-core";
import { listenToPointer } from "../interact/pointer";
import type { Camera } from "./camera";
import type { Place } from "./layout";

export interface PlaneActs {
  /** While it is over the plane. */
  readonly mouse: Signal<MouseEvent | null>;
  goTo(place: Place | null): void;
  click(place: Place): void;
}

export function listenOnPlane(
  plot: HTMLElement,
  view: Camera,
  { mouse, goTo, click }: PlaneActs,
  abort: AbortSignal,
): void {
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
        if (here) click(here);
      },
      zoom: view.zoomBy,
      pan: view.panBy,
    },
    abort,
  );
}
