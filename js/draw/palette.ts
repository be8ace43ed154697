/** Colours: how they look to each kind of eye, and those of heads. */

export type Rgb = readonly [number, number, number]; // 0..1, sRGB

type Oklab = readonly [number, number, number];

type Matrix = readonly [Oklab, Oklab, Oklab];

/** Machado et al. 2009, severity 1, on linear RGB. */
const EYES: readonly Matrix[] = [
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
];

const times = (m: Matrix, v: Oklab): Oklab => [
  m[0][0] * v[0] + m[0][1] * v[1] + m[0][2] * v[2],
  m[1][0] * v[0] + m[1][1] * v[1] + m[1][2] * v[2],
  m[2][0] * v[0] + m[2][1] * v[1] + m[2][2] * v[2],
];

const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const gamma = (c: number) => (c <= 0.0031308 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055);

function through(eye: Matrix, rgb: Rgb): Rgb {
  const seen = times(eye, [linear(rgb[0]), linear(rgb[1]), linear(rgb[2])]);
  const clamp = (c: number) => gamma(Math.min(1, Math.max(0, c)));
  return [clamp(seen[0]), clamp(seen[1]), clamp(seen[2])];
}

const RGB_TO_LMS: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const LMS_TO_LAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const LAB_TO_LMS: Matrix = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
];
const LMS_TO_RGB: Matrix = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
];

function oklabOf(rgb: Rgb): Oklab {
  const [l, m, s] = times(RGB_TO_LMS, [linear(rgb[0]), linear(rgb[1]), linear(rgb[2])]);
  return times(LMS_TO_LAB, [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)]);
}

function rgbOf(lab: Oklab): Rgb {
  const [l, m, s] = times(LAB_TO_LMS, lab);
  const [r, g, b] = times(LMS_TO_RGB, [l ** 3, m ** 3, s ** 3]);
  return [gamma(r), gamma(g), gamma(b)];
}

export function css(rgb: Rgb): string {
  return `rgb(${rgb.map((channel) => Math.round(channel * 255)).join(" ")})`;
}

export function hexRgb(hex: string): Rgb {
  const channel = (place: number) => Number.parseInt(hex.slice(place, place + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2: contrast ratio of two colours. */
export function contrast(a: Rgb, b: Rgb): number {
  const luminance = (rgb: Rgb) =>
    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
  const [high, low] = [Math.max(luminance(a), luminance(b)), Math.min(luminance(a), luminance(b))];
  return (high + 0.05) / (low + 0.05);
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

interface Candidate {
  rgb: Rgb;
  lab: Oklab;
  /** As each kind of eye sees it. */
  seen: Oklab[];
  /** Distance to the nearest colour chosen so far. */
  free: number;
}

interface Palette {
  candidates: Candidate[];
  chosen: Candidate[];
}

function candidates(lightness: readonly number[]): Candidate[] {
  const found: Candidate[] = [];
  for (const l of lightness) {
    for (const chroma of [0.08, 0.13, 0.18, 0.23]) {
      for (let step = 0; step < 24; step++) {
        const hue = ((255 + step * 15) * Math.PI) / 180; // blue first
        const lab: Oklab = [l, chroma * Math.cos(hue), chroma * Math.sin(hue)];
        const rgb = rgbOf(lab);
        if (rgb.some((channel) => channel < 0 || channel > 1)) continue;
        found.push({ rgb, lab, seen: seenBy(rgb), free: Infinity });
      }
    }
  }
  return found;
}

function addColour(palette: Palette): void {
  const free = palette.candidates.reduce((best, next) => (next.free > best.free ? next : best));
  // Beyond the gamut's patience colours come again; heads carry their number everywhere.
  const chosen =
    free.free > 0 ? free : palette.chosen[palette.chosen.length % palette.candidates.length];
  palette.chosen.push(chosen ?? free);
  for (const candidate of palette.candidates) {
    const least = Math.min(...distances(candidate.seen, free.seen));
    const usual = hueDistance(candidate.lab, free.lab);
    candidate.free = Math.min(candidate.free, 2.5 * least, usual);
  }
}

const oklabDistance = (a: Oklab, b: Oklab) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const seenBy = (rgb: Rgb): Oklab[] => EYES.map((eye) => oklabOf(through(eye, rgb)));

/** Distance of the same two colours to each kind of eye. */
const distances = (a: readonly Oklab[], b: readonly Oklab[]): number[] =>
  a.map((lab, eye) => oklabDistance(lab, b[eye] ?? lab));

/** Colours that differ in hue are told apart sooner than those that differ in lightness. */
const hueDistance = (a: Oklab, b: Oklab) =>
  Math.hypot(0.7 * (a[0] - b[0]), 1.25 * (a[1] - b[1]), 1.25 * (a[2] - b[2]));

/** OKLab distance to the eye that tells the two apart least. */
export const colourDistance = (a: Rgb, b: Rgb): number =>
  Math.min(...distances(seenBy(a), seenBy(b)));

const lightPalette: Palette = {
  candidates: candidates([0.42, 0.5, 0.57, 0.65]),
  chosen: [],
};
const darkPalette: Palette = { candidates: candidates([0.58, 0.66, 0.74, 0.82, 0.9]), chosen: [] };

/**
 * Any number of distinguishable colours, the same head always the same one: each next colour is
 * the candidate farthest from all before it (greedy farthest-point). Two colours are as far apart
 * as their OKLab distance (Ottosson 2020), in which hue counts for more than lightness, or 2.5 times
 * the smallest that normal, protanopic and deuteranopic eyes see (Machado et al. 2009), whichever
 * is less.
 */
export function headColours(count: number, dark: boolean): string[] {
  const palette = dark ? darkPalette : lightPalette;
  while (palette.chosen.length < count) addColour(palette);
  return palette.chosen.slice(0, count).map((candidate) => css(candidate.rgb));
}
