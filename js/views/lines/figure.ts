/** The lines as a figure: rows in sight with labels and weights, and the lines between them. */

import { svg, textAt } from "../../browser/svg";
import type { Figure } from "../../draw/figure";
import type { Inks } from "../../draw/inks";
import { shortened } from "../../draw/text_width";
import type { AppState } from "../../state/app_state";
import { blocksOf, weightAt } from "./column";
import { type ShownLines, slotColours } from "./data";
import { LABEL_SIZE, type LabelFit } from "./label_fit";
import { type Layout, laneOf, placeOf } from "./layout";
import { headsLegend, weightLegend } from "./legend";
import { LINES } from "./texts";

export interface Scene {
  layout: Layout;
  /** As they are drawn between the columns. */
  lines: readonly SVGElement[];
  shown: ShownLines;
  /** Rows of each column, that of a sink among the keys. */
  counts: { query: number; key: number };
  /** Of tokens that stand side by side. */
  fit: LabelFit | null;
  /** Room for the labels and weights of each column. */
  room: { query: number; key: number };
  inks: Inks;
}

const HEADER = 20;
const WEIGHT = 42;
const SMALL = { "font-size": 11 };

export function linesFigure(state: AppState, scene: Scene): Figure {
  const { layout, room } = scene;
  const depth = room.query + layout.depth + room.key;
  const canvas = layout.vertical
    ? { x: room.query, y: HEADER, width: layout.depth, height: layout.length }
    : { x: 0, y: HEADER + room.query, width: layout.length, height: layout.depth };
  return {
    width: layout.vertical ? depth : layout.length,
    height: layout.vertical ? HEADER + layout.length : 2 * HEADER + depth,
    marks: [
      ...names(state, scene),
      svg("svg", { ...canvas, overflow: "hidden" }, ...scene.lines),
      ...(["query", "key"] as const).flatMap((side) => rowsOf(state, scene, side)),
    ],
    legend: [weightLegend(state, scene.shown, scene.inks), ...headsLegend(state)],
  };
}

/** What the columns are, and the heads of lanes. */
function names(state: AppState, { layout, room, inks }: Scene): SVGElement[] {
  const { vertical, length, depth, apart, slots } = layout;
  const small = { ...SMALL, fill: inks.soft };
  const [query, key] = [state.say(LINES.query), state.say(LINES.key)];
  const ends = vertical
    ? [
        textAt(room.query - 5, 11, query, { ...small, "text-anchor": "end" }),
        textAt(room.query + depth + 5, 11, key, small),
      ]
    : [
        textAt(0, 11, query, small),
        textAt(0, 2 * HEADER + room.query + depth + room.key - 6, key, small),
      ];
  if (!apart) return ends;
  const colours = slotColours(state);
  const heads = Array.from({ length: slots }, (_, slot) => {
    const { from, to } = laneOf(layout, slot);
    const name = String(state.activeHeads.value[slot]);
    const style = { ...SMALL, fill: colours[slot] ?? "", "font-weight": 650 };
    return vertical
      ? textAt(room.query + (from + to) / 2, 11, name, { ...style, "text-anchor": "middle" })
      : textAt(length + 2, HEADER + room.query + (from + to) / 2, name, style);
  });
  return [...ends, ...heads];
}

function rowsOf(state: AppState, scene: Scene, side: "query" | "key"): SVGElement[] {
  const { layout, shown, counts, inks } = scene;
  const { queries, keys } = state.sides.value;
  const { tokens } = side === "key" ? keys : queries;
  const marked = side === "query" || state.sides.value.same ? state.selected : state.selectedKey;
  const marks: SVGElement[] = [];
  for (let row = 0; row < counts[side]; row++) {
    const place = placeOf(layout, side, row);
    if (place < 0 || place > layout.length) continue;
    const isSink = row >= tokens.length;
    const token = tokens[row];
    const weight = weightAt(shown, side, row, isSink);
    const label = {
      text: isSink ? state.say(LINES.sink) : (token?.label ?? ""),
      style: {
        "font-size": token?.special || isSink ? 12 : LABEL_SIZE,
        ...(token?.special || isSink ? { fill: inks.soft } : {}),
        ...(marked.value === row || (shown.of === side && shown.row === row)
          ? { "font-weight": 700 }
          : {}),
      },
    };
    const number = weight === undefined ? "" : state.numbers.weight(weight);
    const blocks = side === "key" && number ? blocksOf(state, shown, row) : [];
    marks.push(...rowMarks(scene, side, place, label, number, blocks));
  }
  return marks;
}

interface Label {
  text: string;
  style: Record<string, string | number>;
}

function rowMarks(
  scene: Scene,
  side: "query" | "key",
  place: number,
  { text, style }: Label,
  number: string,
  blocks: readonly { colour: string; opacity: number }[],
): SVGElement[] {
  const { layout, fit, room, inks } = scene;
  const small = { ...SMALL, fill: inks.soft };
  const size = Number(style["font-size"]);
  if (fit && !fit.turned) {
    const top = side === "query" ? HEADER : HEADER + room.query + layout.depth;
    const lines = side === "query" ? [14, room.query - 6] : [18, room.key - 4];
    const middle = { "text-anchor": "middle" };
    const label = shortened(text, layout.pitch - 4, size);
    const [ofNumber = 0, ofLabel = 0] = side === "query" ? lines : [lines[1], lines[0]];
    const box = {
      x: place - layout.pitch / 2 + 4,
      y: top + 26,
      width: layout.pitch - 8,
      height: 10,
    };
    return [
      textAt(place, top + ofLabel, label, { ...style, ...middle }),
      textAt(place, top + ofNumber, number, { ...small, ...middle }),
      ...rects(blocks, box),
    ];
  }
  // Along the row: the label beside the lines, the weight at the far end; turned, from the top.
  const isKey = side === "key";
  const start = layout.vertical ? 0 : HEADER;
  const near = start + (isKey ? room.query + layout.depth + 5 : room.query - 5);
  const far = start + (isKey ? room.query + layout.depth + room.key - 5 : 5);
  const shared = isKey && blocks.length > 0; // with the blocks of the heads
  const labelRoom = fit?.label ?? (shared ? (room.key - 10) / 2 : room[side] - 10 - WEIGHT);
  const anchored = (end: boolean) => ({ "text-anchor": end ? "end" : "start" });
  const across = layout.vertical ? HEADER + place : -place;
  const marks = [
    textAt(near, across + 5, shortened(text, labelRoom, size), { ...style, ...anchored(!isKey) }),
    textAt(far, across + 4, number, { ...small, ...anchored(isKey) }),
    ...rects(blocks, {
      x: near + labelRoom + 6,
      y: across - 7,
      width: Math.max(0, far - WEIGHT - near - labelRoom - 6),
      height: 14,
    }),
  ];
  return layout.vertical ? marks : [svg("g", { transform: "rotate(90)" }, ...marks)];
}

function rects(
  blocks: readonly { colour: string; opacity: number }[],
  box: { x: number; y: number; width: number; height: number },
): SVGElement[] {
  const width = box.width / blocks.length;
  return blocks.map(({ colour, opacity }, slot) =>
    svg("rect", {
      ...box,
      x: box.x + slot * width,
      width,
      fill: colour,
      "fill-opacity": String(Math.round(1000 * opacity) / 1000),
    }),
  );
}
