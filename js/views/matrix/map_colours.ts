/** The colours of all maps that are shown, and their legend: one scale for them together. */

import { computed } from "@preact/signals-core";
import type { LegendItem } from "../../draw/legend";
import type { Cells } from "../../draw/pen";
import { LEAST_SHARE, rangeFromZero } from "../../draw/range";
import { raster } from "../../draw/raster";
import { type Margins, mostByKey } from "../../measures/margins";
import type { AppState } from "../../state/app_state";
import { shapeAt, type Tensor } from "../../trace/tensor";
import { type Colours, coloursOf, domainOf } from "./colours";
import { MATRIX } from "./texts";
import type { Tile, Weights } from "./weights";
import { formatBound } from "./words";

export type MapColours = ReturnType<typeof mapColours>;

export function mapColours(state: AppState, weights: Weights) {
  const known = computed(() => weights.margins.value.flatMap((each) => each ?? []));
  const least = (of: (each: Margins) => number): number | null => {
    const found = known.value.map(of).filter((value) => !Number.isNaN(value));
    return found.length ? Math.min(...found) : null;
  };
  const relative = state.normalise_rows;
  const lowest = () => least((each) => (relative.value ? each.leastShare : each.least)) ?? 1;
  const positive = () =>
    least((each) => (relative.value ? each.leastPositiveShare : each.leastPositive)) ?? 0;
  const most = () => (relative.value ? 1 : -(least((each) => -each.most) ?? -1));
  /** Keys of which one weight is far above all that the others get; a scale by the logarithm, and
   * one by rows, tells small weights apart as it is. */
  const range = computed(() =>
    state.log_colour.value || relative.value
      ? null
      : rangeFromZero([known.value.flatMap(mostByKey)], LEAST_SHARE),
  );
  const colours = computed(() => {
    const { above, high = 0 } = range.value ?? {};
    const end = above?.count ? high : most();
    const domain = domainOf(positive(), end, state.log_colour.value, relative.value);
    return coloursOf({ ...domain, beyond: Boolean(above?.count) }, state.dark.value);
  });
  const painted = new WeakMap<Tensor, { colours: Colours; canvas: HTMLCanvasElement }>();

  return {
    colours,
    /** A tile in these colours. */
    cellsOf({ tensor, query, key, pooling }: Tile): Cells {
      const { value: now } = colours;
      const [rows, columns] = [shapeAt(tensor, 0), shapeAt(tensor, 1)];
      let drawn = painted.get(tensor);
      if (drawn?.colours !== now) {
        const colour = (cell: number) => now.of(tensor.data[cell] ?? Number.NaN);
        drawn = { colours: now, canvas: raster(columns, rows, colour) };
        painted.set(tensor, drawn);
      }
      const size = { width: columns * pooling, height: rows * pooling };
      return { canvas: drawn.canvas, x: key, y: query, ...size };
    },
    legend(hasNaN: boolean): LegendItem[] {
      const { say, numbers } = state;
      const { ramp, beyond, zero, nan, domain } = colours.value;
      const { low, high, log } = domain;
      const isCut = log && lowest() < low && lowest() > 0;
      const label = relative.value
        ? say(log ? MATRIX.shareLog : MATRIX.share)
        : say(log ? MATRIX.weightLog : MATRIX.weight);
      const items: LegendItem[] = [
        {
          ramp,
          low: log ? `${isCut ? "≤ " : ""}${formatBound(numbers, low)}` : "0",
          high: relative.value ? "1" : formatBound(numbers, high),
          label,
        },
      ];
      const n = range.value?.above.count ?? 0;
      if (n) {
        const words = { n, value: formatBound(numbers, most()) };
        items.push({ colour: beyond, label: say(MATRIX.beyond, words) });
      }
      if (lowest() === 0) items.push({ colour: zero, label: say(MATRIX.zero) });
      if (hasNaN) items.push({ colour: nan, label: say(MATRIX.nan) });
      return items;
    },
  };
}
