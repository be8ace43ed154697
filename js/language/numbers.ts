/** How numbers are written: one way for all views, with the decimal sign of the language. */

import { decimalsOf, exactness } from "../trace/exactness";

export interface Numbers {
  /** A probability as every view shows it: four decimals, or as many as it has. */
  weight(weight: number): string;
  /** The same, where another error is known. */
  share(weight: number, error: number): string;
  /** Any other number, at a glance; `error` is how far it may be from the model's. */
  glance(value: number, error?: number): string;
  /** An end of a scale: three digits at least, so that two of them differ where they can. */
  end(value: number, error?: number): string;
  /** A float32 in full, for the reader who points at it, or as many digits as it has. */
  exact(value: number, error?: number): string;
  /** So many decimals; if `least` is given, as few as that. Thousands stand apart. */
  fixed(value: number, decimals: number, least?: number): string;
}

const made = new Map<string, Numbers>();

export function numbersIn(language: string): Numbers {
  const known = made.get(language) ?? writtenIn(language);
  made.set(language, known);
  return known;
}

function writtenIn(language: string): Numbers {
  const sign = new Intl.NumberFormat(language).format(0.5).replace(/\d/g, "");
  const signed = (text: string) => text.replace(".", sign).replaceAll("-", "−");
  // Made once: the browser takes longer to make one than to use it a hundred times.
  const formats = new Map<string, Intl.NumberFormat>();
  const share = (weight: number, error: number) => signed(shareOf(weight, error));
  return {
    weight: (weight) => share(weight, exactness().weight),
    share,
    glance: (value, error = 0) => signed(glanceOf(value, error)),
    end: (value, error = 0) => signed(endOf(value, error)),
    exact: (value, error = 0) => signed(exactOf(value, error)),
    fixed(value, decimals, least = decimals) {
      const name = `${decimals} ${least}`;
      const digits = { minimumFractionDigits: least, maximumFractionDigits: decimals };
      const format = formats.get(name) ?? new Intl.NumberFormat(language, digits);
      formats.set(name, format);
      return format.format(Number(value.toFixed(decimals))); // rounded as everywhere
    },
  };
}

function shareOf(weight: number, error: number): string {
  if (Number.isNaN(weight)) return "NaN";
  const decimals = Math.min(4, decimalsOf(error));
  const least = 10 ** -decimals;
  if (error > 0 && weight > 0 && weight < least) return `<${least.toFixed(decimals)}`;
  return weight.toFixed(decimals);
}

/** Three digits are there. */
const isShort = (size: number, error: number): boolean => error <= size * 5e-3;

function glanceOf(value: number, error: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const isFar = size !== 0 && (size < 1e-3 || size >= 1e5);
  if (isFar && isShort(size, error)) return value.toExponential(2);
  return rounded(value, Math.min(size < 10 ? 3 : size < 1000 ? 2 : 0, decimalsOf(error)));
}

function endOf(value: number, error: number): string {
  const size = Math.abs(value);
  const isSmall = size >= 1e-3 && size < 0.1;
  return isSmall && isShort(size, error) ? value.toPrecision(3) : glanceOf(value, error);
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
