/** The colours of all maps that are shown: one scale for them together, from their margins. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { LegendItem } from "../../draw/legend";
import type { Cells } from "../../draw/pen";
import { LEAST_SHARE, rangeFromZero } from "../../draw/range";
import { type Margins, mostByKey } from "../../measures/margins";
import type { AppState } from "../../state/app_state";
import { shapeAt, type Tensor } from "../../trace/tensor";
import { type Colours, coloursOf, domainOf } from "./colours";
import { legendItems } from "./legend";
import type { Tile, Weights } from "./weights";

export interface MapColours {
  readonly colours: ReadonlySignal<Colours>;
  /** A tile in these colours. */
  cellsOf(tile: Tile): Cells;
  legend(hasNaN: boolean): LegendItem[];
}

export function mapColours(state: AppState, weights: Weights): MapColours {
  const known = computed(() => weights.margins.value.flatMap((each) => each ?? []));
  const least = (of: (each: Margins) => number): number | null => {
    const found = known.value.map(of).filter((value) => !Number.isNaN(value));
    return found.length ? Math.min(...found) : null;
  };
  const relative = computed(() => state.normalise_rows.value);
  const lowest = computed(() => least((each) => (relative.value ? each.leastShare : each.least)));
  const positive = computed(() =>
    least((each) => (relative.value ? each.leastPositiveShare : each.leastPositive)),
  );
  const most = computed(() => (relative.value ? 1 : -(least((each) => -each.most) ?? -1)));
  /** Keys of which one weight is far above all that the others get; a scale by the logarithm, and
   * one by rows, tells small weights apart as it is. */
  const range = computed(() =>
    state.log_colour.value || relative.value
      ? null
      : rangeFromZero([known.value.flatMap(mostByKey)], LEAST_SHARE),
  );
  const colours = computed(() => {
    const low = positive.value ?? 0;
    const { above, high = 0 } = range.value ?? {};
    const end = above?.count ? high : most.value;
    const domain = domainOf(low, end, state.log_colour.value, relative.value);
    return coloursOf({ ...domain, beyond: Boolean(above?.count) }, state.dark.value);
  });
  const painted = new WeakMap<Tensor, { colours: Colours; canvas: HTMLCanvasElement }>();

  return {
    colours,
    cellsOf({ tensor, query, key, pooling }) {
      let drawn = painted.get(tensor);
      if (drawn?.colours !== colours.value) {
        drawn = { colours: colours.value, canvas: colours.value.paint(tensor) };
        painted.set(tensor, drawn);
      }
      const [height, width] = [shapeAt(tensor, 0) * pooling, shapeAt(tensor, 1) * pooling];
      return { canvas: drawn.canvas, x: key, y: query, width, height };
    },
    legend: (hasNaN) =>
      legendItems(state, colours.value, {
        least: lowest.value ?? 1,
        most: most.value,
        keysAbove: range.value?.above.count ?? 0,
        hasNaN,
      }),
  };
}
