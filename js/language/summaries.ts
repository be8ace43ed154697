/** The numbers of a head as text. */

import type { NumberName } from "../trace/contract";
import type { Numbers } from "./numbers";

/** Decimals that tell heads apart: tokens and nats need fewer than shares of attention. */
const DECIMALS: Partial<Record<NumberName, number>> = { distance: 1, entropy: 2 };

/** Empty for none. */
export function formatSummary(name: NumberName, value: number, numbers: Numbers): string {
  const { [name]: decimals } = DECIMALS;
  if (decimals !== undefined) return numbers.summary(value, decimals);
  return Number.isFinite(value) ? numbers.share(value, 0) : "";
}
