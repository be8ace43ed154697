/** The ends of a colour scale in words, the same beside the picture and in a figure of it. */

import type { Say } from "../language/say";
import { SCALE } from "../language/texts/scale";
import type { Range } from "./range";

/** Stand at what is set aside, in the picture and beside the scale. */
export const MARKS = { above: "▲", below: "▼" } as const;

/** The one number of values that are all alike; it is rounded where they are not the same. */
export function alikeInWords(
  say: Say,
  { low, high }: Range,
  format: (value: number) => string,
): string {
  const value = format((low + high) / 2);
  return say(SCALE.alike, { value: format(low) === format(high) ? value : `≈ ${value}` });
}

/** What lies beyond the ends, a part each. */
export function beyondInWords(say: Say, range: Range, format: (value: number) => string): string[] {
  return (["below", "above"] as const).flatMap((side) => {
    const { count: n, value } = range[side];
    return n ? [`${MARKS[side]} ${say(SCALE[side], { n, value: format(value) })}`] : [];
  });
}
