/** What the colours of the matrix stand for: beside the picture, and in a figure of it. */

import type { LegendItem } from "../../draw/legend";
import type { AppState } from "../../state/app_state";
import type { Colours } from "./colours";
import { MATRIX } from "./texts";
import { formatBound } from "./words";

export interface Seen {
  /** The smallest of what is coloured. */
  least: number;
  /** The largest weight, and of how many keys some are beyond the scale. */
  most: number;
  keysAbove: number;
  hasNaN: boolean;
}

export function legendItems(
  state: AppState,
  colours: Colours,
  { least, most, keysAbove, hasNaN }: Seen,
) {
  const { say, numbers } = state;
  const { low, high, log, relative } = colours.domain;
  const label = relative
    ? say(log ? MATRIX.shareLog : MATRIX.share)
    : say(log ? MATRIX.weightLog : MATRIX.weight);
  const isCut = log && least < low && least > 0;
  const items: LegendItem[] = [
    {
      ramp: colours.ramp,
      low: log ? `${isCut ? "≤ " : ""}${formatBound(numbers, low)}` : "0",
      high: relative ? "1" : formatBound(numbers, high),
      label,
    },
  ];
  if (keysAbove) {
    const words = { n: keysAbove, value: formatBound(numbers, most) };
    items.push({ colour: colours.beyond, label: say(MATRIX.beyond, words) });
  }
  if (least === 0) items.push({ colour: colours.zero, label: say(MATRIX.zero) });
  if (hasNaN) items.push({ colour: colours.nan, label: say(MATRIX.nan) });
  return items;
}
