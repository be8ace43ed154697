/** The whole of both columns, small: what is in sight, and where the attention goes. */

import { fitCanvas, h, on } from "../../browser/dom";
import { placeIn } from "../../browser/zoom";
import { ROW_HEIGHT } from "../../controls/virtual_rows";
import type { Inks } from "../../draw/inks";
import { canvasPen } from "../../draw/pen";
import type { AppState } from "../../state/app_state";
import type { ShownLines } from "./data";
import type { Layout, Side } from "./layout";
import { LINES } from "./texts";

/** Queries have the first lane, keys the second. */
const LANE = 11;
const GAP = 4;
const DEPTH = 2 * LANE + GAP;

export interface Minimap {
  readonly element: HTMLElement;
  draw(layout: Layout, counts: Record<Side, number>, shown: ShownLines, inks: Inks): void;
}

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
  let drawn: { layout: Layout; counts: Record<Side, number> } | null = null;
  let held: Side | null = null;

  function drag({ clientX, clientY }: PointerEvent): void {
    if (!drawn || !held) return;
    const { layout, counts } = drawn;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const share = layout.vertical ? (clientY - top) / height : (clientX - left) / width;
    scroll(held, share * counts[held] * layout.pitch);
  }
  on(canvas, "pointerdown", abort, (event) => {
    const { x, y } = placeIn(canvas, event);
    const across = drawn?.layout.vertical ? x : y;
    held = across < DEPTH / 2 ? "query" : "key";
    canvas.setPointerCapture(event.pointerId);
    drag(event);
  });
  on(canvas, "pointermove", abort, drag);
  const letGo = () => {
    held = null;
  };
  on(canvas, "lostpointercapture", abort, letGo);

  return {
    element,
    draw(layout, counts, shown, inks) {
      const { vertical, length, pitch } = layout;
      element.hidden = Math.max(counts.query, counts.key) * pitch <= length + ROW_HEIGHT;
      drawn = { layout, counts };
      if (element.hidden) return;
      const context = vertical
        ? fitCanvas(canvas, DEPTH, length)
        : fitCanvas(canvas, length, DEPTH);
      if (!context) return;
      const pen = canvasPen(context);
      for (const side of ["query", "key"] as const) {
        const across = side === "query" ? 0 : LANE + GAP;
        const fill = (from: number, to: number, colour: string, opacity = 1) =>
          pen.fill(
            vertical
              ? { x: across, y: from, width: LANE, height: to - from }
              : { x: from, y: across, width: to - from, height: LANE },
            colour,
            opacity,
          );
        const scale = length / Math.max(1, counts[side]);
        const first = (layout.scrolled[side] / pitch) * scale;
        const end = Math.max(first + (length / pitch) * scale, 3 + first);
        fill(0, length, inks.bar);
        fill(first, Math.min(length, end), inks.accent, 0.35);
        marksOf(shown, side, Math.ceil(length), scale).forEach((opacity, pixel) => {
          if (opacity) fill(pixel, pixel + Math.max(2, scale), inks.ink, opacity);
        });
      }
    },
  };
}

/** Scrolling draws the same marks again. */
const known = new WeakMap<ShownLines, Partial<Record<Side, Float32Array>>>();

/** Opacity of each pixel along a lane: the strongest line that ends there; of all queries, the sum
 * of what the keys receive. */
function marksOf(shown: ShownLines, side: Side, length: number, scale: number): Float32Array {
  const before = known.get(shown)?.[side];
  if (before?.length === length) return before;
  const marks = countMarks(shown, side, length, scale);
  known.set(shown, { ...known.get(shown), [side]: marks });
  return marks;
}

function countMarks(
  { edges, of }: ShownLines,
  side: Side,
  length: number,
  scale: number,
): Float32Array {
  const marks = new Float32Array(length);
  if (of === "nothing" || (of === "all" && side === "query")) return marks;
  let most = 0;
  for (let i = 0; i < edges.count; i++) {
    const pixel = Math.min(length - 1, Math.floor((edges[side][i] ?? 0) * scale));
    const weight = Math.abs(edges.weight[i] ?? 0);
    const before = marks[pixel] ?? 0;
    const now = of === "all" ? before + weight : Math.max(before, weight);
    marks[pixel] = now;
    if (now > most) most = now;
  }
  if (side === of) return marks.map((mark) => Number(mark > 0));
  return marks.map((mark) => (most ? mark / most : 0));
}
