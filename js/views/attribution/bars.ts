/** Bars of numbers on both sides of 0. */

import { h } from "../../browser/dom";
import { divergingCss } from "../../draw/scales";

/** Where bars may go: 0 is within. */
export interface Reach {
  low: number;
  high: number;
}

export function reachOf(values: Iterable<number>): Reach {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low === high ? { low: 0, high: 1 } : { low, high };
}

/** Start and length as shares of the whole, and its colour. */
export function barOf(value: number, { low, high }: Reach, dark: boolean) {
  const place = (at: number) => (at - low) / (high - low);
  const size = Number.isFinite(value) ? value : 0;
  return {
    zero: place(0),
    start: place(Math.min(0, size)),
    length: Math.abs(size) / (high - low),
    colour: divergingCss(Math.sign(size), 1, dark),
  };
}

export const signedBar = (): HTMLElement =>
  h(
    "span",
    { class: "aw-signed-track", "aria-hidden": "true" },
    h("i", { class: "aw-signed-bar" }),
  );

/** No value, no bar. */
export function drawBar(track: HTMLElement, value: number | null, reach: Reach, dark: boolean) {
  const bar = track.firstElementChild as HTMLElement;
  const { zero, start, length, colour } = barOf(value ?? 0, reach, dark);
  track.style.setProperty("--aw-zero", percent(zero));
  track.toggleAttribute("data-empty", value === null);
  bar.style.left = percent(start);
  bar.style.width = percent(length);
  bar.style.background = colour;
}

const percent = (share: number) => `${Math.round(1e4 * share) / 100}%`;
