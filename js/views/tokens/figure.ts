/** The tokens in sight and the mask as a figure. */

import { svg, textAt } from "../../browser/svg";
import { ROW_HEIGHT } from "../../controls/virtual_rows";
import type { Figure } from "../../draw/figure";
import { type Inks, inksOf } from "../../draw/inks";
import { svgPen } from "../../draw/pen";
import { shortened, textWidth, wrapped } from "../../draw/text_width";
import type { AppState } from "../../state/app_state";
import type { TokenMeta } from "../../trace/contract";
import type { Column } from "./columns";
import type { MaskData } from "./mask_data";
import { endsOf, LONGEST, type MaskPicture, maskLegend, sizeOf } from "./mask_picture";
import { TOKENS } from "./texts";

const GAP = 14;
const WIDEST = 240;
const SIZE = 12;

export interface FigureOf {
  element: HTMLElement;
  columns: readonly Column[];
  tokens: readonly TokenMeta[];
  /** First row in sight, and one past the last. */
  range: readonly [number, number];
  selected: number | null;
  mask: MaskData | null;
  picture: MaskPicture;
  title: string;
  /** What the mask is called. */
  words: string;
}

export function tokensFigure(of: FigureOf, state: AppState): Figure {
  const inks = inksOf(of.element, state.dark.value);
  const table = tableMarks(of, state, inks);
  const left = table.width + 28;
  const mask = of.mask ? maskMarks(of.mask, of, state, inks) : null;
  return {
    width: mask ? left + mask.width : table.width,
    height: Math.max(table.height, mask?.height ?? 0),
    marks: [
      ...table.marks,
      ...(mask ? [svg("g", { transform: `translate(${left} 0)` }, ...mask.marks)] : []),
    ],
    legend: mask ? maskLegend(state) : [],
  };
}

interface Marks {
  width: number;
  height: number;
  marks: SVGElement[];
}

function tableMarks(
  { columns, tokens, range: [first, last], selected }: FigureOf,
  state: AppState,
  { soft, rule, wash }: Inks,
): Marks {
  const marks: SVGElement[] = [];
  const rows = Array.from({ length: last - first }, (_, i) => first + i);
  let x = 6;
  for (const { title, cell, end } of columns) {
    const texts = rows.map((row) => shortened(cell(tokens[row] as TokenMeta, row), WIDEST, SIZE));
    const head = state.say(title);
    const width = Math.max(textWidth(head, 11), ...texts.map((text) => textWidth(text, SIZE)));
    const place = end ? x + width : x;
    const anchor = { "text-anchor": end ? "end" : "start" };
    marks.push(textAt(place, 14, head, { "font-size": 11, fill: soft, ...anchor }));
    texts.forEach((text, i) => {
      const y = 24 + i * ROW_HEIGHT + 15;
      const weight = rows[i] === selected ? { "font-weight": 700 } : {};
      marks.push(textAt(place, y, text, { "font-size": SIZE, ...anchor, ...weight }));
    });
    x += width + GAP;
  }
  const width = x - GAP + 6;
  const height = 26 + rows.length * ROW_HEIGHT;
  const below: SVGElement[] = [
    svg("line", { x1: 0, x2: width, y1: 21, y2: 21, stroke: rule, "stroke-width": 1 }),
  ];
  if (selected !== null && selected >= first && selected < last) {
    const y = 24 + (selected - first) * ROW_HEIGHT;
    below.unshift(svg("rect", { x: 0, y, width, height: ROW_HEIGHT, rx: 3, fill: wash }));
  }
  return { width, height, marks: [...below, ...marks] };
}

function maskMarks(
  data: MaskData,
  { title, words, picture }: FigureOf,
  state: AppState,
  { soft }: Inks,
): Marks {
  const [width, height] = sizeOf(data.queries, data.keys, LONGEST);
  const says = wrapped(words, LONGEST + 20, 11);
  const [x, y] = [20, 40 + 15 * says.length];
  const axis = { "font-size": 11, fill: soft };
  const marks: SVGElement[] = [
    textAt(0, 14, title, { "font-size": 12, "font-weight": 650 }),
    ...says.map((line, i) => textAt(0, 31 + 15 * i, line, { "font-size": 11 })),
    textAt(x, y - 6, endsOf(state, "keys")[0], axis),
    textAt(x + width / 2, y - 6, `${state.say(TOKENS.keyAxis)} →`, {
      ...axis,
      "text-anchor": "middle",
    }),
    textAt(x + width, y - 6, endsOf(state, "keys")[1], { ...axis, "text-anchor": "end" }),
    svg(
      "g",
      { transform: `translate(${x - 14} ${y}) rotate(90)` },
      textAt(0, 0, endsOf(state, "queries")[0], axis),
      textAt(height / 2, 0, `${state.say(TOKENS.queryAxis)} →`, {
        ...axis,
        "text-anchor": "middle",
      }),
      textAt(height, 0, endsOf(state, "queries")[1], { ...axis, "text-anchor": "end" }),
    ),
  ];
  const pen = svgPen();
  picture.drawAt(pen, { x, y, width, height });
  const widths = [x + width, textWidth(title, 13), ...says.map((line) => textWidth(line, 11))];
  return { width: Math.max(...widths), height: y + height + 4, marks: [...marks, ...pen.marks] };
}
