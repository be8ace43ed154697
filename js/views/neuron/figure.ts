/** The rows in sight of the neuron view as a figure. */

import { svg, svgImage, textAt } from "../../browser/svg";
import { focusColour } from "../../controls/head_chips";
import { SINK } from "../../controls/token_list";
import { ROW_HEIGHT } from "../../controls/virtual_rows";
import type { Figure } from "../../draw/figure";
import { inksOf } from "../../draw/inks";
import { shortened, textWidth } from "../../draw/text_width";
import { isolated } from "../../language/direction";
import type { AppState } from "../../state/app_state";
import { cellsOf } from "./cells";
import type { NeuronData } from "./data";
import { vectorLegend } from "./legend";
import { NEURON } from "./texts";
import { imageOf, STRIP_HEIGHT, stripsOf } from "./vectors";

const GAP = 12;
const LABEL_MOST = 180;
const STRIP_WIDTH = 210;
const NUMBER_WIDTH = 66;
const BAR_WIDTH = 130;

/** `range`: first row in sight, and one past the last. */
export function neuronFigure(
  element: HTMLElement,
  data: NeuronData,
  state: AppState,
  [first, last]: readonly [number, number],
): Figure | null {
  const row = data.row.value;
  if (!row) return null;
  const { say } = state;
  const dark = state.dark.value;
  const inks = inksOf(element, dark);
  const { soft, rule } = inks;
  const { queries, keys } = state.sides.value;
  const rows = Array.from({ length: last - first }, (_, i) => first + i);
  const nameOf = (index: number) => (data.isSink(index) ? SINK : keys.tokens[index])?.label ?? "";
  const query = queries.tokens[data.query.value]?.label ?? "";
  const widths = [query, ...rows.map(nameOf)].map((label) => textWidth(label, 13));
  const labelWidth = Math.min(LABEL_MOST, Math.max(60, ...widths) + 8);
  const vectors = data.vectors.value;
  const strips = stripsOf(data);
  const top = vectors ? 52 : 24; // below the query's own strip and the titles
  const marks: SVGElement[] = [];
  const title = (x: number, text: string, end = false) =>
    marks.push(
      textAt(x, top - 8, text, {
        "font-size": 11,
        fill: soft,
        "text-anchor": end ? "end" : "start",
      }),
    );

  const middle = (i: number) => top + i * ROW_HEIGHT + ROW_HEIGHT / 2;
  title(0, say(NEURON.token));
  rows.forEach((index, i) => {
    marks.push(clipped(4, middle(i) + 4.5, nameOf(index), labelWidth, index, data, soft));
  });
  marks.push(...brackets(rows, data, soft, middle));
  let x = labelWidth + GAP;
  if (vectors) {
    const { dim } = vectors.keys;
    const keysInSight: [number, number] = [first, Math.min(last, keys.tokens.length)];
    marks.push(textAt(4, 18, isolated(query), { "font-size": 13, "font-weight": 700 }));
    for (const strip of strips) {
      const isQuery = strip.name === "query";
      const range: [number, number] = isQuery ? [0, 1] : keysInSight;
      const image = imageOf(strip, range, dim, dark);
      for (let key = range[0]; key < range[1]; key++) {
        const y = isQuery ? 4 : top + (key - first) * ROW_HEIGHT + 2;
        const line = rowOf(image, key - range[0], dim);
        marks.push(svgImage(line, { x, y, width: STRIP_WIDTH, height: STRIP_HEIGHT }));
      }
      if (isQuery) {
        const name = { "font-size": 11, fill: soft };
        marks.push(textAt(x + STRIP_WIDTH + GAP, 17, say(NEURON.query), name));
        continue;
      }
      title(x, strip.name === "key" ? say(NEURON.key) : "q × k");
      x += STRIP_WIDTH + GAP;
    }
  }
  const number = (y: number, text: string, fill: string | null = null) => {
    if (fill) {
      const box = { x, y: y - 9, width: NUMBER_WIDTH, height: STRIP_HEIGHT, rx: 2, fill };
      marks.push(svg("rect", box));
    }
    const style = { "font-size": 12, "text-anchor": "end" };
    marks.push(textAt(x + NUMBER_WIDTH - 4, y + 4, text, style));
  };
  const cells = rows.flatMap((index) => cellsOf(data, state, index) ?? []);
  if (row.score) {
    title(x + NUMBER_WIDTH - 4, "q · k · scale", true);
    cells.forEach(({ score }, i) => {
      if (score.text) number(middle(i), score.text, score.colour);
    });
    x += NUMBER_WIDTH + GAP;
  }
  if (row.logit && row.changed) {
    title(x + NUMBER_WIDTH - 4, say(NEURON.logit), true);
    cells.forEach(({ logit }, i) => {
      if (logit) number(middle(i), logit);
    });
    x += NUMBER_WIDTH + GAP;
  }
  title(x + BAR_WIDTH - 4, "softmax", true);
  const filled = { fill: focusColour(state), "fill-opacity": Number(inks["bar-opacity"]) };
  cells.forEach(({ isHidden, softmax, sum }, i) => {
    const y = middle(i) - 9;
    const bar = { x, y, height: STRIP_HEIGHT, rx: 2 };
    marks.push(
      svg("rect", { ...bar, width: BAR_WIDTH, fill: inks.bar }),
      svg("rect", { ...bar, width: BAR_WIDTH * softmax.share, ...filled }),
      textAt(x + BAR_WIDTH - 4, y + 13, softmax.text, {
        "font-size": 12,
        "text-anchor": "end",
        ...(isHidden ? { fill: inks.soft } : {}),
      }),
    );
    if (sum) marks.push(textAt(x + BAR_WIDTH + GAP, y + 13, sum, { "font-size": 12 }));
  });
  x += BAR_WIDTH + (data.hasPieces.value ? GAP + NUMBER_WIDTH : 0);
  marks.push(svg("line", { x1: 0, x2: x, y1: top - 2, y2: top - 2, stroke: rule }));
  return {
    width: x,
    height: top + rows.length * ROW_HEIGHT,
    marks,
    legend: vectors ? vectorLegend(data, state) : [],
  };
}

/** A long name ends in an ellipsis, as on the screen. */
function clipped(
  x: number,
  y: number,
  label: string,
  width: number,
  index: number,
  data: NeuronData,
  soft: string,
): SVGElement {
  const style = data.isSink(index) ? { "font-style": "italic", fill: soft } : {};
  return textAt(x, y, shortened(label, width, 13), { "font-size": 13, ...style });
}

/** Left of the pieces of a word. */
function brackets(
  rows: readonly number[],
  data: NeuronData,
  colour: string,
  middle: (i: number) => number,
): SVGElement[] {
  return rows.flatMap((index, i) => {
    const piece = data.pieces.value[index];
    if (!piece) return [];
    const half = ROW_HEIGHT / 2;
    const from = piece.place === "first" ? middle(i) - half + 4 : middle(i) - half;
    const to = piece.place === "last" ? middle(i) + half - 4 : middle(i) + half;
    const ends = [
      piece.place === "first" ? `M2 ${from}H-1.5` : `M-1.5 ${from}`,
      `V${to}`,
      piece.place === "last" ? "H2" : "",
    ];
    return [svg("path", { d: ends.join(""), fill: "none", stroke: colour, "stroke-width": 1.2 })];
  });
}

function rowOf(image: HTMLCanvasElement, row: number, dim: number): HTMLCanvasElement {
  const line = document.createElement("canvas");
  line.width = dim;
  line.height = 1;
  line.getContext("2d")?.drawImage(image, 0, row, dim, 1, 0, 0, dim, 1);
  return line;
}
