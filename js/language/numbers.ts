/** How numbers are written: one way for all views, with the decimal sign of the language. */

import { decimalsOf, exactness } from "../trace/exactness";
import type { NumberFormat } from "../trace/options";

export interface Numbers {
  /** A probability as every view shows it, with as many decimals as were chosen; 0 and 1 bare. */
  weight(weight: number): string;
  /** The same, where another error is known. */
  share(weight: number, error: number): string;
  /** How much a probability changed, with its sign. */
  change(value: number, error?: number): string;
  /** Any other number, at a glance; `error` is how far it may be from the model's. */
  glance(value: number, error?: number): string;
  /** An end of a scale: three digits at least, so that two of them differ where they can. */
  end(value: number, error?: number): string;
  /** What has so many decimals by default; "" for none. */
  summary(value: number, decimals: number): string;
  /** A float32 in full, or as many digits as it has; what a person chose is written so. */
  exact(value: number, error?: number): string;
  /** So many decimals; if `least` is given, as few as that. Thousands stand apart. */
  fixed(value: number, decimals: number, least?: number): string;
}

const made = new Map<string, Numbers>();

export function numbersIn(language: string, format: NumberFormat = "standard"): Numbers {
  const name = `${language} ${format}`;
  const known = made.get(name) ?? writtenIn(language, format);
  made.set(name, known);
  return known;
}

/** Those of now, each time that one is written. */
export const followingNumbers = (now: () => Numbers): Numbers => ({
  weight: (weight) => now().weight(weight),
  share: (weight, error) => now().share(weight, error),
  change: (value, error) => now().change(value, error),
  glance: (value, error) => now().glance(value, error),
  end: (value, error) => now().end(value, error),
  summary: (value, decimals) => now().summary(value, decimals),
  exact: (value, error) => now().exact(value, error),
  fixed: (value, decimals, least) => now().fixed(value, decimals, least),
});

/** Decimals of what is smaller than 10. */
const DECIMALS: Record<NumberFormat, number> = {
  short: 2,
  standard: 3,
  full: Number.POSITIVE_INFINITY,
};

function writtenIn(language: string, format: NumberFormat): Numbers {
  const digits = DECIMALS[format];
  const sign = new Intl.NumberFormat(language).format(0.5).replace(/\d/g, "");
  const signed = (text: string) => text.replace(".", sign).replaceAll("-", "−");
  // Made once: the browser takes longer to make one than to use it a hundred times.
  const formats = new Map<string, Intl.NumberFormat>();
  const share = (weight: number, error: number) => signed(shareOf(weight, error, digits));
  return {
    weight: (weight) => share(weight, exactness().weight),
    share,
    change: (value, error = 0) => signed(changeOf(value, error, digits)),
    glance: (value, error = 0) => signed(glanceOf(value, error, digits)),
    end: (value, error = 0) => signed(endOf(value, error, digits)),
    summary(value, decimals) {
      if (!Number.isFinite(value)) return "";
      if (format === "full") return signed(exactOf(value, 0));
      return signed(rounded(value, format === "short" ? Math.min(2, decimals) : decimals));
    },
    exact: (value, error = 0) => signed(exactOf(value, error)),
    fixed(value, decimals, least = decimals) {
      const name = `${decimals} ${least}`;
      const digits = { minimumFractionDigits: least, maximumFractionDigits: decimals };
      const format = formats.get(name) ?? new Intl.NumberFormat(language, digits);
      formats.set(name, format);
      const rounded = format.format(Number(value.toFixed(decimals))); // as everywhere
      return rounded.replace("-", "−");
    },
  };
}

function shareOf(weight: number, error: number, digits: number): string {
  if (Number.isNaN(weight)) return "NaN";
  if (weight === 0 || weight === 1) return String(weight);
  const decimals = Math.min(digits, decimalsOf(error));
  if (decimals > 20) return exactOf(weight, error);
  const least = 10 ** -decimals;
  const isLess = weight > 0 && weight < (error > 0 ? least : least / 2);
  return isLess ? `<${least.toFixed(decimals)}` : weight.toFixed(decimals);
}

/** What is too small to be written is told by its size, whatever its sign: "<0.001". */
function changeOf(value: number, error: number, digits: number): string {
  const size = shareOf(Math.abs(value), error, digits);
  if (size === "NaN" || size === "0" || size.startsWith("<")) return size;
  return value < 0 ? `-${size}` : `+${size}`;
}

/** So many digits are there. */
const isShort = (size: number, error: number, digits: number): boolean =>
  error <= size * 5 * 10 ** -digits;

function glanceOf(value: number, error: number, digits: number): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return String(value);
  if (digits > 20) return exactOf(value, error);
  const size = Math.abs(value);
  const isFar = size < 10 ** -digits || size >= 1e5;
  if (isFar && isShort(size, error, digits)) return value.toExponential(digits - 1);
  const decimals = size < 10 ? digits : size < 1000 ? digits - 1 : 0;
  return rounded(value, Math.min(decimals, decimalsOf(error)));
}

function endOf(value: number, error: number, digits: number): string {
  const size = Math.abs(value);
  const isSmall = size >= 1e-3 && size < 0.1 && digits <= 20;
  return isSmall && isShort(size, error, digits)
    ? value.toPrecision(digits)
    : glanceOf(value, error, digits);
}

function exactOf(value: number, error: number): string {
  const whole = String(Number(value.toPrecision(7)));
  if (!(error > 0) || !Number.isFinite(value)) return whole;
  const short = rounded(value, Math.min(20, decimalsOf(error)));
  return short.length < whole.length ? short : whole;
}

function rounded(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** What the last digit stands for of a number of this size as an end of a scale has it. */
export function lastPlace(size: number): number {
  if (!(size > 0)) return 0;
  if (size < 0.1 || size >= 1e5) return 10 ** (Math.floor(Math.log10(size)) - 2);
  return size < 10 ? 1e-3 : size < 1000 ? 1e-2 : 1;
}
