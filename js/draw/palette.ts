/** Colours of heads, apart for every kind of eye. */

import { css } from "./colour";
import { gamma, linear, type Matrix, type Oklab, oklabOf, type Rgb, rgbOf, times } from "./oklab";

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

function through(eye: Matrix, rgb: Rgb): Rgb {
  const seen = times(eye, [linear(rgb[0]), linear(rgb[1]), linear(rgb[2])]);
  const clamp = (c: number) => gamma(Math.min(1, Math.max(0, c)));
  return [clamp(seen[0]), clamp(seen[1]), clamp(seen[2])];
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
