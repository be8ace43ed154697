/** Colours of heads: the same in light and dark, apart for every kind of eye. */

import { contrast, css, PAPERS } from "./colour";
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
  [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
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

/** WCAG 2.2, 1.4.11: a line against the paper it lies on. */
const LEAST_CONTRAST = 3;

/** From the middle to both ends: what is farther has too little contrast on one of the papers. */
const LIGHTNESS = [54, 56, 58, 60, 62, 64, 66, 68, 70, 72, 74, 52, 50, 48, 46, 44];
const CHROMA = [0.17, 0.08, 0.11, 0.14, 0.2, 0.23, 0.26];
const HUES = 36;
const BLUE = 255; // the first

/** As a screen shows it. */
function onScreen([r, g, b]: Rgb): Rgb {
  const rounded = (channel: number) => Math.round(channel * 255) / 255;
  return [rounded(r), rounded(g), rounded(b)];
}

function candidates(): Candidate[] {
  const found: Candidate[] = [];
  for (const lightness of LIGHTNESS) {
    for (const chroma of CHROMA) {
      for (let step = 0; step < HUES; step++) {
        const hue = ((BLUE + (step * 360) / HUES) * Math.PI) / 180;
        const lab: Oklab = [lightness / 100, chroma * Math.cos(hue), chroma * Math.sin(hue)];
        const exact = rgbOf(lab);
        if (exact.some((channel) => channel < 0 || channel > 1)) continue;
        const rgb = onScreen(exact);
        const isSeen = [PAPERS.light, PAPERS.dark].every(
          (paper) => contrast(rgb, paper) >= LEAST_CONTRAST,
        );
        if (isSeen) found.push({ rgb, lab, seen: seenBy(rgb), free: Infinity });
      }
    }
  }
  return found;
}

let all: Candidate[] | null = null;
const chosen: Candidate[] = [];

/** How much nearer two colours may be to the eye that tells them apart least. */
const NEARER = 2.75;

function addColour(among: Candidate[]): void {
  const free = among.reduce((best, next) => (next.free > best.free ? next : best));
  // Beyond the gamut's patience colours come again; heads carry their number everywhere.
  const again = chosen[chosen.length % among.length];
  chosen.push(free.free > 0 || !again ? free : again);
  for (const candidate of among) {
    const least = Math.min(...distances(candidate.seen, free.seen));
    const usual = hueDistance(candidate.lab, free.lab);
    candidate.free = Math.min(candidate.free, NEARER * least, usual);
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

/**
 * Any number of distinguishable colours, the same head always the same one: each next colour is
 * the candidate farthest from all before it (greedy farthest-point). Two colours are as far apart
 * as their OKLab distance (Ottosson 2020), in which hue counts for more than lightness, or 2.75
 * times the smallest that normal, protanopic, deuteranopic and tritanopic eyes see (Machado et al.
 * 2009), whichever is less.
 */
export function headColours(count: number): string[] {
  all ??= candidates();
  while (chosen.length < count) addColour(all);
  return chosen.slice(0, count).map(({ rgb }) => css(rgb));
}
