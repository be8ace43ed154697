/** What the colours of the text stand for: one scale, in one colour or in that of each pin. */

import { colourSteps } from "../../draw/colour_maps";
import { type Inks, inksOf } from "../../draw/inks";
import type { LegendItem } from "../../draw/legend";
import type { Range } from "../../draw/range";
import { alikeInWords, beyondInWords } from "../../draw/scale_words";
import { heatStep } from "../../draw/scales";
import { inIsolation } from "../../language/direction";
import type { Say } from "../../language/say";
import type { ColourMap } from "../../trace/options";
import { HUES } from "./passage";

export interface Scale {
  range: Range;
  say: Say;
  map: ColourMap;
  steps: number;
  /** A score as an end of the scale. */
  end(score: number): string;
  /** 0 is in the middle, and named. */
  diverging: boolean;
  /** Names of what each colour stands for; none for the one scale. */
  names: readonly string[];
}

export function legendOf(scale: Scale | null, element: HTMLElement, dark: boolean): LegendItem[] {
  if (!scale) return [];
  const { range, say, map, steps, end, diverging, names } = scale;
  const inks = inksOf(element, dark);
  const shown = Array.from({ length: steps }, (_, step) =>
    range.flat ? heatStep(0, [0, 0], steps) : step,
  );
  const rampOf = (high: keyof Inks) => {
    const colours = colourSteps(map, dark, [inks["heat-low"], inks[high]]);
    return shown.map((step) => colours[step]?.colour ?? "");
  };
  const stack = names.map((name, pin) => ({
    ramp: rampOf(`hue-${pin % HUES}` as keyof Inks),
    label: inIsolation(name),
  }));
  return [
    {
      ramp: rampOf("heat-high"),
      low: range.flat ? alikeInWords(say, range, end) : end(range.low),
      high: range.flat ? "" : (diverging ? "+" : "") + end(range.high),
      beyond: beyondInWords(say, range, end),
      ...(diverging ? { middle: "0" } : {}),
      ...(stack.length ? { stack } : {}),
    },
  ];
}
