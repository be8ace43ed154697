/** How colours look, computed apart from js/draw/palette.ts, from the papers it names. */

export type Rgb = readonly [number, number, number]; // 0..1, sRGB

export function rgbOf(css: string): Rgb {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(css);
  if (hex) return triple(hex.slice(1).map((channel) => Number.parseInt(channel, 16) / 255));
  const parts = /^rgb\((\d+) (\d+) (\d+)\)$/.exec(css);
  if (!parts) throw new Error(`${css} is no colour`);
  return triple(parts.slice(1).map((channel) => Number(channel) / 255));
}

function triple([a = Number.NaN, b = Number.NaN, c = Number.NaN]: readonly number[]): Rgb {
  return [a, b, c];
}

const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);

/** WCAG 2.2, relative luminance and contrast ratio. */
export function contrast(a: Rgb, b: Rgb): number {
  const luminance = ([r, g, b]: Rgb) =>
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Machado, Oliveira, Fernandes 2009: table of severity 1.0, on linear RGB. */
const MACHADO = {
  normal: "1 0 0  0 1 0  0 0 1",
  protanopia:
    "0.152286 1.052583 -0.204868  0.114503 0.786281 0.099216  -0.003882 -0.048116 1.051998",
  deuteranopia:
    "0.367322 0.860646 -0.227968  0.280085 0.672501 0.047413  -0.011820 0.042940 0.968881",
  tritanopia:
    "1.255528 -0.076749 -0.178779  -0.078411 0.930809 0.147602  0.004733 0.691367 0.303900",
};

export type Eye = keyof typeof MACHADO;
export const EYES = Object.keys(MACHADO) as Eye[];

/** Ottosson 2020, "A perceptual color space for image processing". */
function oklab(r: number, g: number, b: number): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** OKLab distance as this eye sees it; about 0.02 is just noticeable. */
export function distance(a: Rgb, b: Rgb, eye: Eye): number {
  const m = MACHADO[eye].split(/ +/).map(Number);
  const seen = (colour: Rgb) => {
    const [r, g, b] = colour.map(linear);
    const channel = (row: number) =>
      (m[row] ?? 0) * (r ?? 0) + (m[row + 1] ?? 0) * (g ?? 0) + (m[row + 2] ?? 0) * (b ?? 0);
    const [x, y, z] = [0, 3, 6].map((row) => Math.min(1, Math.max(0, channel(row))));
    return oklab(x ?? 0, y ?? 0, z ?? 0);
  };
  const [left, right] = [seen(a), seen(b)];
  return Math.hypot(left[0] - right[0], left[1] - right[1], left[2] - right[2]);
}
