/** Colours: how they are written, mixed and compared, and the ink that is read on one. */

import { linear, type Rgb, rgbOf } from "./oklab";

export type { Rgb } from "./oklab";

export function css(rgb: Rgb): string {
  return `rgb(${rgb.map((channel) => Math.round(channel * 255)).join(" ")})`;
}

/** Of `#rrggbb` or `rgb(r g b)`; grey for what is neither. */
export function rgbIn(colour: string): Rgb {
  const hex = /^\s*#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour);
  const [r = 128, g = 128, b = 128] = hex
    ? hex.slice(1).map((channel) => Number.parseInt(channel, 16))
    : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [r / 255, g / 255, b / 255];
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const at = (i: 0 | 1 | 2) => from[i] + (to[i] - from[i]) * share;
  return [at(0), at(1), at(2)];
}

/** At a share of the way through all of them. */
export function mixOf(stops: readonly Rgb[], share: number): Rgb {
  const place = share * (stops.length - 1);
  const [from, to] = [stops[Math.floor(place)], stops[Math.ceil(place)]];
  if (!from || !to) throw new RangeError(`${share} is not within 0 and 1`);
  return mix(from, to, place - Math.floor(place));
}

/** WCAG 2.2: contrast ratio of two colours. */
export function contrast(a: Rgb, b: Rgb): number {
  const luminance = (rgb: Rgb) =>
    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
  const [high, low] = [Math.max(luminance(a), luminance(b)), Math.min(luminance(a), luminance(b))];
  return (high + 0.05) / (low + 0.05);
}

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [1, 1, 1];
/** `--aw-paper` of base.css. */
export const PAPERS = { light: rgbIn("#ffffff"), dark: rgbIn("#15171c") };

/** `--aw-ink` of base.css. */
const INKS = { light: rgbIn("#16181d"), dark: rgbIn("#eceef2") };

/** WCAG 2.2, 1.4.3. */
const READABLE = 4.5;

/** The ink of the theme where it can be read, else black or white: one of them always can. */
export function inkOn(colour: Rgb, dark: boolean): Rgb {
  const inks = [dark ? INKS.dark : INKS.light, dark ? BLACK : WHITE];
  const readable = inks.find((ink) => contrast(ink, colour) >= READABLE);
  return readable ?? (dark ? WHITE : BLACK);
}

/**
 * A computed colour as every program reads it, with its opacity. A browser computes colours that
 * were mixed in OKLab to `oklab(…)`, and leaves others as they were: null for those.
 */
export function plainColour(computed: string): { colour: string; opacity: number } | null {
  const found = /^(rgba?|oklab|color)\((?:srgb )?([^)]*)\)$/.exec(computed.trim());
  const [x, y, z, alpha = 1] = (found?.[2] ?? "").split(/[\s,/]+/).map(Number);
  if (!found || x === undefined || y === undefined || z === undefined) return null;
  const clamp = (c: number) => Math.min(1, Math.max(0, c));
  const scale = found[1]?.startsWith("rgb") ? 255 : 1;
  const [r, g, b] = found[1] === "oklab" ? rgbOf([x, y, z]) : [x / scale, y / scale, z / scale];
  const hex = [r, g, b].map((c) =>
    Math.round(255 * clamp(c))
      .toString(16)
      .padStart(2, "0"),
  );
  return { colour: `#${hex.join("")}`, opacity: alpha };
}
