/** The numbers of a head as text. */

import type { NumberName } from "../trace/contract";
import type { Numbers } from "./numbers";

/** Decimals that tell heads apart: shares of attention need more than tokens or nats. */
const decimalsOf = (name: NumberName): number =>
  name === "distance" ? 1 : name === "entropy" ? 2 : 3;

/** Empty for none. */
export function formatSummary(name: NumberName, value: number, numbers: Numbers): string {
  return Number.isFinite(value) ? numbers.fixed(value, decimalsOf(name)) : "";
}
