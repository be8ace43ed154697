/** The colours of all maps that are shown, and their legend: one scale for them together. */

import { computed } from "@preact/signals-core";
import type { LegendItem } from "../../draw/legend";
import { isUnboundedHere } from "../../draw/measure_words";
import type { Cells } from "../../draw/pen";
import { raster } from "../../draw/raster";
import { neutralWeightColours, weightColours, weightLegend } from "../../draw/weight_colours";
import { COMPARISON } from "../../language/texts/comparison";
import type { AppState } from "../../state/app_state";
import { hasNobody } from "../../state/nobody";
import { shapeAt, type Tensor } from "../../trace/tensor";
import { type Colours, coloursOf } from "./colours";
import { MATRIX } from "./texts";
import type { Picture, Tile, Weights } from "./weights";

export type MapColours = ReturnType<typeof mapColours>;

export function mapColours(state: AppState, weights: Weights) {
  /** Of one head its own, of several together those of all. */
  const of = ({ heads }: Picture) => {
    const [head = null, second] = heads;
    const isRelative = state.normalise_rows.value && isUnboundedHere(state);
    const top = isRelative ? 1 : undefined; // of shares of the row's largest
    return weightColours(state, second === undefined ? head : null, top);
  };
  const colours = computed(() =>
    weights.pictures.value.map((picture) =>
      coloursOf(of(picture), state.dark.value, hasNobody(state)),
    ),
  );
  const painted = new WeakMap<Tensor, { name: string; canvas: HTMLCanvasElement }>();
  const isAnyZero = () =>
    weights.margins.value.some(
      (each) => each && (state.normalise_rows.value ? each.leastShare : each.least) === 0,
    );

  return {
    colours,
    /** A tile in these colours. */
    cellsOf({ tensor, query, key, pooling }: Tile, { name, of }: Colours): Cells {
      const [rows, columns] = [shapeAt(tensor, 0), shapeAt(tensor, 1)];
      let drawn = painted.get(tensor);
      if (drawn?.name !== name) {
        const colour = (cell: number) => of(tensor.data[cell] ?? Number.NaN);
        drawn = { name, canvas: raster(columns, rows, colour) };
        painted.set(tensor, drawn);
      }
      const size = { width: columns * pooling, height: rows * pooling };
      return { canvas: drawn.canvas, x: key, y: query, ...size };
    },
    legend(hasNaN: boolean): LegendItem[] {
      const { say } = state;
      const [first, second] = weights.pictures.value;
      const [own] = colours.value;
      if (!first || !own) return [];
      const scale = second ? neutralWeightColours(state, own.top) : of(first);
      const isShare = state.normalise_rows.value;
      const share = state.isDifference.value ? MATRIX.shareOfChange : MATRIX.share;
      const label = isShare ? say(share) : undefined;
      const items: LegendItem[] = [weightLegend(state, scale, label)];
      if (isAnyZero() && !own.isSigned) items.push({ colour: own.zero, label: say(MATRIX.zero) });
      if (hasNobody(state)) items.push({ colour: own.nan, label: say(COMPARISON.nobody) });
      else if (hasNaN) items.push({ colour: own.nan, label: say(MATRIX.nan) });
      return items;
    },
  };
}
