/** How the matrix stands on the page and which part of it is in sight, as signals. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Sight } from "../../draw/pen";
import type { Point } from "../../interact/pointer";
import type { AppState } from "../../state/app_state";
import { type Label, widestLabel } from "./labels";
import {
  FIT,
  largestFactor,
  type Place,
  type Plan,
  panned,
  placeAt,
  planOf,
  poolingFor,
  revealing,
  sightOf,
  type Zoom,
  zoomed,
} from "./plan";
import type { Wanted } from "./weights";

export interface Camera {
  /** Of the element, set by whoever measures it. */
  readonly width: Signal<number>;
  /** Pixels of the screen to one of the page, set by whoever measures the width. */
  readonly fineness: Signal<number>;
  readonly labels: ReadonlySignal<{ rows: readonly Label[]; columns: readonly Label[] }>;
  readonly counts: ReadonlySignal<{ pictures: number; queries: number; keys: number }>;
  readonly plan: ReadonlySignal<Plan>;
  readonly sight: ReadonlySignal<Sight>;
  /** How many cells, each way, one pixel stands for. */
  readonly pooling: ReadonlySignal<number>;
  readonly wanted: ReadonlySignal<Wanted>;
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

export function camera(state: AppState): Camera {
  const width = signal(0);
  const fineness = signal(window.devicePixelRatio || 1);
  const zoom = signal<Zoom>(FIT);
  const labels = computed(() => {
    const { queries, keys } = state.sides.value;
    const of = (tokens: typeof queries.tokens) =>
      tokens.map(({ label, special }) => ({ text: label, special }));
    return { rows: of(queries.tokens), columns: of(keys.tokens) };
  });
  const counts = computed(() => ({
    pictures: state.combine.value === "columns" ? Math.max(1, state.activeHeads.value.length) : 1,
    queries: Math.max(1, labels.value.rows.length),
    keys: Math.max(1, labels.value.columns.length),
  }));
  const widest = computed(() => {
    const most = width.value < 700 ? 84 : 112;
    const { rows, columns } = labels.value;
    return { rows: widestLabel(rows, most), columns: widestLabel(columns, most) };
  });
  const plan = computed(() =>
    planOf({ width: width.value, labels: widest.value, ...counts.value }),
  );
  const sight = computed(() => sightOf(zoom.value, counts.value.queries, counts.value.keys));
  const pooling = computed(() => {
    const [map] = plan.value.maps;
    if (!map || !width.value) return 1;
    const cell = Math.min(map.width / sight.value.width, map.height / sight.value.height);
    return poolingFor(cell, fineness.value);
  });
  const largest = computed(() => largestFactor(plan.value));
  const shares = (at: Point): Point => {
    const { maps } = plan.value;
    const { picture = 0 } = placeAt(plan.value, sight.value, at.x, at.y) ?? {};
    const map = maps[picture] ?? { x: 0, y: 0, width: 1, height: 1 };
    const inside = (share: number) => Math.min(1, Math.max(0, share));
    return { x: inside((at.x - map.x) / map.width), y: inside((at.y - map.y) / map.height) };
  };
  return {
    width,
    fineness,
    labels,
    counts,
    plan,
    sight,
    pooling,
    largest,
    factor: computed(() => zoom.value.factor),
    wanted: computed(() => {
      const { x, y, width: across, height: down } = sight.value;
      return {
        pooling: pooling.value,
        scale: state.normalise_rows.value ? "share" : "weight",
        queries: [Math.floor(y), Math.ceil(y + down)],
        keys: [Math.floor(x), Math.ceil(x + across)],
      };
    }),
    placeAt: (at) => placeAt(plan.value, sight.value, at.x, at.y),
    zoomBy(by, at) {
      const around = at ? shares(at) : { x: 0.5, y: 0.5 };
      zoom.value = zoomed(zoom.value, by, around, largest.value);
    },
    panBy(x, y) {
      const [map] = plan.value.maps;
      if (map) zoom.value = panned(zoom.value, -x / map.width, -y / map.height);
    },
    fit() {
      zoom.value = FIT;
    },
    reveal(query, key) {
      if (zoom.peek().factor <= 1) return;
      const { queries, keys } = counts.peek();
      const middle = (token: number | null, of: number) =>
        token === null ? null : (token + 0.5) / of;
      zoom.value = revealing(zoom.peek(), middle(key, keys), middle(query, queries));
    },
  };
}
