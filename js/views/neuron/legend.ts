/** What the colours of the vectors stand for. */

import { divergingScale } from "../../draw/diverging_scale";
import type { LegendItem } from "../../draw/legend";
import type { Range } from "../../draw/range";
import type { AppState } from "../../state/app_state";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

/** Nothing where the attention alone is known. */
export function vectorLegend(data: NeuronData, state: AppState): LegendItem[] {
  if (!data.hasParts()) return [];
  const { say, dark } = state;
  const isHere = data.vectors.value !== null;
  const item = (label: string, range: Range, error: number): LegendItem => ({
    ...divergingScale(isHere ? range : null, error, dark.value, state),
    label,
    about: say(NEURON.scale, { name: label }),
  });
  return [
    item("q, k", data.vectorRange.value, data.vectorError()),
    item("q × k", data.productRange.value, data.productError()),
  ];
}
