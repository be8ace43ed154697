/** The whole of both columns, small: what is in sight, and where the attention goes. */

import { fitCanvas, h } from "../../browser/dom";
import type { Inks } from "../../draw/inks";
import type { AppState } from "../../state/app_state";
import type { ShownLines } from "./data";
import type { Layout } from "./layout";
import { LINES } from "./texts";

/** Queries have the first lane, keys the second. */
const LANE = 11;
const GAP = 4;
export const MAP_DEPTH = 2 * LANE + GAP;

interface Counts {
  query: number;
  key: number;
}

export interface Minimap {
  readonly element: HTMLElement;
  draw(layout: Layout, counts: Counts, shown: ShownLines, inks: Inks): void;
}

type Side = keyof Counts;

/** `scroll` brings a place of a column, in pixels, into the middle of what is in sight. */
export function minimap(
  state: AppState,
  scroll: (side: Side, place: number) => void,
  abort: AbortSignal,
): Minimap {
  const canvas = h("canvas", { class: "aw-map-canvas" });
  const element = h(
    "div",
    { class: "aw-map", "aria-hidden": "true", title: state.say(LINES.map), hidden: true },
    canvas,
  );
  let drawn: { layout: Layout; counts: Counts } | null = null;
  let held: Side | null = null;

  function drag(event: PointerEvent): void {
    if (!drawn || !held) return;
    const { layout, counts } = drawn;
    const box = canvas.getBoundingClientRect();
    const along = layout.vertical ? event.clientY - box.top : event.clientX - box.left;
    const share = along / (layout.vertical ? box.height : box.width);
    scroll(held, share * counts[held] * layout.pitch);
  }
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (!drawn) return;
      const box = canvas.getBoundingClientRect();
      const across = drawn.layout.vertical ? event.clientX - box.left : event.clientY - box.top;
      held = across < MAP_DEPTH / 2 ? "query" : "key";
      canvas.setPointerCapture(event.pointerId);
      drag(event);
    },
    { signal: abort },
  );
  canvas.addEventListener("pointermove", drag, { signal: abort });
  for (const end of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(
      end,
      () => {
        held = null;
      },
      { signal: abort },
    );
  }

  return {
    element,
    draw(layout, counts, shown, inks) {
      const { vertical, length, pitch } = layout;
      element.hidden = Math.max(counts.query, counts.key) * pitch <= length + 1;
      drawn = { layout, counts };
      if (element.hidden) return;
      const size = vertical ? [MAP_DEPTH, length] : [length, MAP_DEPTH];
      const context = fitCanvas(canvas, size[0] ?? 0, size[1] ?? 0);
      if (!context) return;
      const box = (side: Side, from: number, to: number) => {
        const across = side === "query" ? 0 : LANE + GAP;
        if (vertical) context.fillRect(across, from, LANE, to - from);
        else context.fillRect(from, across, to - from, LANE);
      };
      for (const side of ["query", "key"] as const) {
        const scale = length / Math.max(1, counts[side]);
        context.fillStyle = inks.bar;
        context.globalAlpha = 1;
        box(side, 0, length);
        const first = layout.scrolled[side] / pitch;
        context.fillStyle = inks.accent;
        context.globalAlpha = 0.35;
        box(
          side,
          first * scale,
          Math.min(length, Math.max((first + length / pitch) * scale, 3 + first * scale)),
        );
        context.fillStyle = inks.ink;
        marksOf(shown, side, Math.ceil(length), scale).forEach((opacity, pixel) => {
          if (!opacity) return;
          context.globalAlpha = opacity;
          box(side, pixel, pixel + Math.max(2, scale));
        });
      }
      context.globalAlpha = 1;
    },
  };
}

/** Opacity of each pixel along a lane: the strongest line that ends there; of all queries, the sum
 * of what the keys receive. */
function marksOf(shown: ShownLines, side: Side, length: number, scale: number): Float32Array {
  const known = found.get(shown)?.[side];
  if (known?.length === length) return known;
  const marks = countMarks(shown, side, length, scale);
  found.set(shown, { ...found.get(shown), [side]: marks });
  return marks;
}

/** Scrolling draws the same marks again. */
const found = new WeakMap<ShownLines, Partial<Record<Side, Float32Array>>>();

function countMarks(shown: ShownLines, side: Side, length: number, scale: number): Float32Array {
  const marks = new Float32Array(length);
  const { edges, of } = shown;
  if (of === "nothing" || (of === "all" && side === "query")) return marks;
  let most = 0;
  for (let i = 0; i < edges.count; i++) {
    const pixel = Math.min(length - 1, Math.floor((edges[side][i] ?? 0) * scale));
    const weight = edges.weight[i] ?? 0;
    const before = marks[pixel] ?? 0;
    const now = of === "all" ? before + weight : Math.max(before, weight);
    marks[pixel] = now;
    if (now > most) most = now;
  }
  if (side === of) return marks.map((mark) => Number(mark > 0));
  return marks.map((mark) => (most ? mark / most : 0));
}
