/** How numbers are written: one way, shared by all views. */

import { decimalsOf, exactness } from "../trace/exactness";

const minus = (text: string) => text.replaceAll("-", "−");

/** A probability as every view shows it: four decimals, or as many as it has. */
export const formatWeight = (weight: number): string => formatShare(weight, exactness().weight);

/** The same, where another error is known. */
export function formatShare(weight: number, error: number): string {
  if (Number.isNaN(weight)) return "NaN";
  const decimals = Math.min(4, decimalsOf(error));
  const least = 10 ** -decimals;
  if (error > 0 && weight > 0 && weight < least) return `<${least.toFixed(decimals)}`;
  return weight.toFixed(decimals);
}

/** Any other number, at a glance; `error` is how far it may be from the model's. */
export function formatNumber(value: number, error = 0): string {
  if (!Number.isFinite(value)) return minus(String(value));
  const size = Math.abs(value);
  const isShort = error <= size * 5e-3; // three digits are there
  if (size !== 0 && isShort && (size < 1e-3 || size >= 1e5)) return minus(value.toExponential(2));
  return fixed(value, Math.min(size < 10 ? 3 : size < 1000 ? 2 : 0, decimalsOf(error)));
}

/** An end of a scale: three digits at least, so that two of them differ where they can. */
export function formatEnd(value: number, error = 0): string {
  const size = Math.abs(value);
  const isShort = error <= size * 5e-3; // three digits are there
  const isSmall = size >= 1e-3 && size < 0.1;
  return isSmall && isShort ? minus(value.toPrecision(3)) : formatNumber(value, error);
}

/** What the last digit stands for of a number of this size as it is printed there. */
export function lastPlace(size: number): number {
  if (!(size > 0)) return 0;
  if (size < 0.1 || size >= 1e5) return 10 ** (Math.floor(Math.log10(size)) - 2);
  return size < 10 ? 1e-3 : size < 1000 ? 1e-2 : 1;
}

/** A float32 in full, for the reader who points at it, or as many digits as it has. */
export function formatExact(value: number, error = 0): string {
  const whole = minus(String(Number(value.toPrecision(7))));
  if (!(error > 0) || !Number.isFinite(value)) return whole;
  const short = fixed(value, Math.min(20, decimalsOf(error)));
  return short.length < whole.length ? short : whole;
}

function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}
