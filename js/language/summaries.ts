/** The numbers of a head as text. */

import type { NumberName } from "../trace/contract";
import type { Numbers } from "./numbers";

/** Decimals that tell heads apart: tokens and nats need fewer than shares of attention. */
const DECIMALS: Partial<Record<NumberName, number>> = {
  divergence: 2,
  distance: 1,
  distance_variance: 1,
  entropy: 2,
};

/** How much it changed, with its sign; empty for none. */
export function formatChange(name: NumberName, change: number, numbers: Numbers): string {
  if (name === "divergence") return formatSummary(name, change, numbers);
  const { [name]: decimals } = DECIMALS;
  if (decimals === undefined) return Number.isFinite(change) ? numbers.change(change) : "";
  const size = numbers.summary(Math.abs(change), decimals);
  return Number(size.replace(",", ".")) ? `${change < 0 ? "−" : "+"}${size}` : size;
}

/** Empty for none. */
export function formatSummary(name: NumberName, value: number, numbers: Numbers): string {
  const { [name]: decimals } = DECIMALS;
  if (decimals !== undefined) return numbers.summary(value, decimals);
  return Number.isFinite(value) ? numbers.share(value, 0) : "";
}

/** The number as it was written, or with fewer digits where that has no room; "≈0" for what is too
 * small for them, and nothing where nothing fits. */
export function shorter(
  written: string,
  value: number,
  numbers: Numbers,
  fits: (text: string) => boolean,
): string {
  if (fits(written)) return written;
  const size = Math.abs(value);
  const sign = /^[+\u2212]/.exec(written)?.[0] ?? "";
  const candidates = [2, 1].map((decimals) =>
    size < 0.5 * 10 ** -decimals ? "≈0" : sign + numbers.fixed(size, decimals),
  );
  return candidates.find(fits) ?? "";
}
