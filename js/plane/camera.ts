/** Which part of a plane is in sight: the whole, or what was zoomed to. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Sight } from "../draw/pen";
import type { Point } from "../interact/pointer";
import { LARGEST_CELL, type Layout, type Place, placeAt } from "./layout";

/** How much larger than fitted, and the cell in the middle, as shares of the whole. */
export interface Zoom {
  factor: number;
  x: number;
  y: number;
}

export const FIT: Zoom = { factor: 1, x: 0.5, y: 0.5 };

export function sightOf({ factor, x, y }: Zoom, queries: number, keys: number): Sight {
  const size = 1 / factor;
  const start = (middle: number) => Math.min(1 - size, Math.max(0, middle - size / 2));
  return {
    x: start(x) * keys,
    y: start(y) * queries,
    width: size * keys,
    height: size * queries,
  };
}

/** By this much larger, while what is at a place of the map (shares of it) stays there. */
export function zoomed(zoom: Zoom, by: number, at: Point, most: number): Zoom {
  const factor = Math.min(most, Math.max(1, zoom.factor * by));
  const { x: left, y: top, width: size } = sightOf(zoom, 1, 1);
  const middle = (start: number, place: number) => start + place * size + (0.5 - place) / factor;
  return clamped({ factor, x: middle(left, at.x), y: middle(top, at.y) });
}

/** Moved by shares of what is in sight. */
export const panned = (zoom: Zoom, x: number, y: number): Zoom =>
  clamped({ ...zoom, x: zoom.x + x / zoom.factor, y: zoom.y + y / zoom.factor });

/** Moved no further than needed for a cell to be in sight. */
export function revealing(zoom: Zoom, x: number | null, y: number | null): Zoom {
  const half = 0.5 / zoom.factor;
  const near = (middle: number, place: number | null) =>
    place === null || Math.abs(place - middle) < half ? middle : place;
  return clamped({ ...zoom, x: near(zoom.x, x), y: near(zoom.y, y) });
}

function clamped({ factor, x, y }: Zoom): Zoom {
  const half = 0.5 / factor;
  const inside = (middle: number) => Math.min(1 - half, Math.max(half, middle));
  return { factor, x: inside(x), y: inside(y) };
}

/** One step of the buttons and keys. */
export const ZOOM_STEP = 1.5;
/** Where so little more could be had, all is seen as it is. */
const LEAST_ZOOM = ZOOM_STEP;

export interface Camera {
  readonly layout: ReadonlySignal<Layout>;
  readonly sight: ReadonlySignal<Sight>;
  readonly factor: ReadonlySignal<number>;
  readonly largest: ReadonlySignal<number>;
  placeAt(at: Point): Place | null;
  /** Around a place of the element, else the middle. */
  zoomBy(factor: number, at?: Point): void;
  /** By pixels. */
  panBy(x: number, y: number): void;
  fit(): void;
  /** Brings a cell into sight. */
  reveal(query: number | null, key: number | null): void;
}

export function camera(layout: ReadonlySignal<Layout>): Camera {
  const zoom = signal<Zoom>(FIT);
  const sight = computed(() => sightOf(zoom.value, layout.value.queries, layout.value.keys));
  const largest = computed(() => {
    const { maps, queries, keys } = layout.value;
    const [map] = maps;
    const most = map ? LARGEST_CELL / Math.min(map.width / keys, map.height / queries) : 1;
    return most < LEAST_ZOOM ? 1 : most;
  });
  const find = (at: Point) => placeAt(layout.value, sight.value, at.x, at.y);
  return {
    layout,
    sight,
    largest,
    factor: computed(() => zoom.value.factor),
    placeAt: find,
    zoomBy(by, at) {
      const map = layout.value.maps[(at && find(at)?.picture) ?? 0];
      const inside = (share: number) => Math.min(1, Math.max(0, share));
      const around =
        at && map
          ? { x: inside((at.x - map.x) / map.width), y: inside((at.y - map.y) / map.height) }
          : { x: 0.5, y: 0.5 };
      zoom.value = zoomed(zoom.value, by, around, largest.value);
    },
    panBy(x, y) {
      const [map] = layout.value.maps;
      if (map) zoom.value = panned(zoom.value, -x / map.width, -y / map.height);
    },
    fit() {
      zoom.value = FIT;
    },
    reveal(query, key) {
      if (zoom.peek().factor <= 1) return;
      const { queries, keys } = layout.peek();
      const middle = (token: number | null, of: number) =>
        token === null ? null : (token + 0.5) / of;
      zoom.value = revealing(zoom.peek(), middle(key, keys), middle(query, queries));
    },
  };
}
