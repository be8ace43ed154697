/** The scale of a vector's elements, which lie on both sides of 0. */

import type { Numbers } from "../language/numbers";
import type { Say } from "../language/say";
import type { Scale } from "./legend";
import type { Range } from "./range";
import { beyondInWords } from "./scale_words";
import { divergingCss } from "./scales";

/** `range` is null while it is not known, `error` how far its ends may be from the model's. */
export function divergingScale(
  range: Range | null,
  error: number,
  dark: boolean,
  { say, numbers }: { say: Say; numbers: Numbers },
): Omit<Scale, "label"> {
  const ramp = Array.from({ length: 17 }, (_, step) => divergingCss(step / 8 - 1, 1, dark));
  if (!range) return { ramp, low: "…", high: "…" };
  return {
    ramp,
    low: numbers.glance(range.low, error),
    high: `+${numbers.glance(range.high, error)}`,
    beyond: beyondInWords(say, range, (value) => numbers.end(value, error)),
  };
}
