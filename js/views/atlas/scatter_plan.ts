/** Where heads stand in a scatter of two summaries, in CSS pixels. */

import type { Box } from "../../draw/pen";
import { textWidth } from "../../draw/text_width";
import type { AtlasRow } from "./data";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Dot {
  readonly row: AtlasRow;
  readonly x: number;
  readonly y: number;
}

export interface ScatterPlan {
  readonly width: number;
  readonly height: number;
  readonly box: Box;
  readonly across: readonly Tick[];
  readonly up: readonly Tick[];
  /** Heads that have both numbers. */
  readonly dots: readonly Dot[];
}

export interface ScatterOf {
  readonly width: number;
  readonly height: number;
  /** By which the axes end: all heads, also those that are left out. */
  readonly all: readonly AtlasRow[];
  readonly shown: readonly AtlasRow[];
  across(row: AtlasRow): number;
  up(row: AtlasRow): number;
  write(value: number, decimals: number): string;
}

export const TICK_SIZE = 11;
const MOST_TICKS = 5;
const TOP = 22;
const BELOW = 38;
const RIGHT = 14;

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** From a round number to a round number, in steps of 1, 2 or 5 times a power of 10; from 0 where
 * nothing lies below it. */
export function axisOf(values: readonly number[], most = MOST_TICKS): Axis {
  const known = values.filter(Number.isFinite);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step = ([1, 2, 5, 10].find((by) => span <= by * power * most) ?? 10) * power;
  const end = Math.ceil(high / step - 1e-9) * step;
  return { low: Math.floor(low / step + 1e-9) * step, high: end || step, step };
}

const decimalsOf = (step: number) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));

function ticksOf({ low, high, step }: Axis, write: ScatterOf["write"]) {
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, place) => {
    const value = low + place * step;
    return { value, label: write(Math.abs(value) < step / 2 ? 0 : value, decimalsOf(step)) };
  });
}

export function scatterPlan(of: ScatterOf): ScatterPlan {
  const [x, y] = [axisOf(of.all.map(of.across)), axisOf(of.all.map(of.up))];
  const [below, beside] = [ticksOf(x, of.write), ticksOf(y, of.write)];
  const left = Math.ceil(Math.max(...beside.map(({ label }) => textWidth(label, TICK_SIZE)))) + 12;
  const box = {
    x: left,
    y: TOP,
    width: Math.max(40, of.width - left - RIGHT),
    height: Math.max(40, of.height - TOP - BELOW),
  };
  const placeX = (value: number) => box.x + ((value - x.low) / (x.high - x.low)) * box.width;
  const placeY = (value: number) =>
    box.y + box.height - ((value - y.low) / (y.high - y.low)) * box.height;
  const dots = of.shown.flatMap((row) => {
    const [a, b] = [of.across(row), of.up(row)];
    return Number.isFinite(a) && Number.isFinite(b) ? { row, x: placeX(a), y: placeY(b) } : [];
  });
  return {
    width: of.width,
    height: of.height,
    box,
    across: below.map(({ value, label }) => ({ at: placeX(value), label })),
    up: beside.map(({ value, label }) => ({ at: placeY(value), label })),
    dots,
  };
}

/** The dot nearest to a place, if one is near. */
export function dotAt(
  { dots }: Pick<ScatterPlan, "dots">,
  place: { readonly x: number; readonly y: number },
  near = 14,
): Dot | null {
  let best: Dot | null = null;
  let least = near;
  for (const dot of dots) {
    const far = Math.hypot(dot.x - place.x, dot.y - place.y);
    if (far > least) continue;
    [best, least] = [dot, far];
  }
  return best;
}

/** Where a key leads: to the dot that comes next to the right, or upwards. */
export function nextDot(
  { dots }: Pick<ScatterPlan, "dots">,
  from: AtlasRow | null,
  { x, y, isEnd }: { x: number; y: number; isEnd: boolean },
): Dot | null {
  const isAcross = x !== 0;
  const value = (dot: Dot) => (isAcross ? dot.x : -dot.y);
  const inOrder = [...dots].sort((a, b) => value(a) - value(b) || a.row.index - b.row.index);
  const by = isAcross ? x : -y;
  if (isEnd) return (by > 0 ? inOrder.at(-1) : inOrder[0]) ?? null;
  const now = inOrder.findIndex(({ row }) => row === from);
  if (now < 0) return inOrder[by > 0 ? 0 : inOrder.length - 1] ?? null;
  return inOrder[Math.max(0, Math.min(inOrder.length - 1, now + by))] ?? null;
}
