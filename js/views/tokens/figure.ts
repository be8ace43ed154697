/** The tokens in sight and the mask as a figure. */

import { svg, textAt } from "../../browser/svg";
import { ROW_HEIGHT } from "../../controls/virtual_rows";
import type { Figure } from "../../draw/figure";
import { type Inks, inksOf } from "../../draw/inks";
import { svgPen } from "../../draw/pen";
import { shortened, textWidth, wrapped } from "../../draw/text_width";
import type { AppState } from "../../state/app_state";
import type { TokenLists } from "./lists";
import type { LayerMask } from "./mask_data";
import { LONGEST, type MaskPicture, sizeOf } from "./mask_picture";
import { maskLegend, maskSentence, maskTitle } from "./words";

const GAP = 14;
const WIDEST = 240;
const SIZE = 12;

export function tokensFigure(
  element: HTMLElement,
  state: AppState,
  lists: TokenLists,
  layer: LayerMask,
  picture: MaskPicture,
): Figure {
  const table = tableMarks(lists.inSight(), state, inksOf(element, state.dark.value));
  const { value: data } = layer.mask;
  if (!data) return { ...table, legend: [] };
  const left = table.width + 28;
  const size = sizeOf(data, layer.isFull(), LONGEST);
  const mask = maskMarks(size, maskTitle(state, layer), maskSentence(state, layer), picture);
  return {
    width: left + mask.width,
    height: Math.max(table.height, mask.height),
    marks: [...table.marks, svg("g", { transform: `translate(${left} 0)` }, ...mask.marks)],
    legend: maskLegend(state),
  };
}

type Marks = Omit<Figure, "legend">;

function tableMarks(
  { columns, tokens, range: [first, last], selected }: ReturnType<TokenLists["inSight"]>,
  state: AppState,
  { soft, rule, wash }: Inks,
): Marks {
  const marks: SVGElement[] = [];
  const rows = tokens.slice(first, last);
  let x = 6;
  for (const { title, cell, end } of columns) {
    const texts = rows.map((token, row) => shortened(cell(token, first + row), WIDEST, SIZE));
    const head = state.say(title);
    const width = Math.max(textWidth(head, 11), ...texts.map((text) => textWidth(text, SIZE)));
    const place = end ? x + width : x;
    const anchor = { "text-anchor": end ? "end" : "start" };
    marks.push(textAt(place, 14, head, { "font-size": 11, fill: soft, ...anchor }));
    texts.forEach((text, row) => {
      const y = 24 + row * ROW_HEIGHT + 15;
      const weight = first + row === selected ? { "font-weight": 700 } : {};
      marks.push(textAt(place, y, text, { "font-size": SIZE, ...anchor, ...weight }));
    });
    x += width + GAP;
  }
  const width = x - GAP + 6;
  const below = [
    svg("line", { x1: 0, x2: width, y1: 21, y2: 21, stroke: rule, "stroke-width": 1 }),
  ];
  const marked: SVGElement[] = [];
  if (selected !== null && selected >= first && selected < last) {
    const y = 24 + (selected - first) * ROW_HEIGHT;
    marked.push(svg("rect", { x: 0, y, width, height: ROW_HEIGHT, rx: 3, fill: wash }));
  }
  return { width, height: 26 + rows.length * ROW_HEIGHT, marks: [...marked, ...below, ...marks] };
}

function maskMarks(
  [width, height]: readonly [number, number],
  title: string,
  words: string,
  picture: MaskPicture,
): Marks {
  const says = wrapped(words, LONGEST + 20, 11);
  const map = { x: 20, y: 40 + 15 * says.length, width, height };
  const pen = svgPen();
  picture.drawAt(pen, map);
  const widths = [map.x + width, textWidth(title, 13), ...says.map((line) => textWidth(line, 11))];
  return {
    width: Math.max(...widths),
    height: map.y + height + 4,
    marks: [
      textAt(0, 14, title, { "font-size": 12, "font-weight": 650 }),
      ...says.map((line, row) => textAt(0, 31 + 15 * row, line, { "font-size": 11 })),
      ...pen.marks,
    ],
  };
}
