/** The numbers of a head as text. */

import type { NumberName } from "../trace/contract";

/** Decimals that tell heads apart: shares of attention need more than tokens or nats. */
const decimalsOf = (name: NumberName): number =>
  name === "distance" ? 1 : name === "entropy" ? 2 : 3;

/** Empty for none. */
export function formatSummary(name: NumberName, value: number, language: string): string {
  if (!Number.isFinite(value)) return "";
  const digits = decimalsOf(name);
  return value.toLocaleString(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
