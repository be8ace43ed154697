/** The table of passages and the cells of the one that is picked, as a figure. */

import type { Figure } from "../../draw/figure";
import type { Inks } from "../../draw/inks";
import { svgPen } from "../../draw/pen";
import { divergingCss } from "../../draw/scales";
import { shortened, textWidth, wrapped } from "../../draw/text_width";
import { weightColours, weightLegend } from "../../draw/weight_colours";
import type { AppState } from "../../state/app_state";
import type { PassagesData } from "./data";
import { drawMap, planOf } from "./map";
import { linesOf, reachOf } from "./table";
import { LEFT_OUT, PASSAGES } from "./texts";
import { mapTitle, scaleOfShares, shareInWords, signed, verdictInWords } from "./words";

const [NAME, BAR, NUMBER, ROW, GAP] = [200, 90, 60, 22, 12];
const MOST = 60; // rows

export function passagesFigure(state: AppState, data: PassagesData, inks: Inks): Figure | null {
  const lines = linesOf(state, data);
  if (!data.shares.value.size) return null;
  const { say } = state;
  const pen = svgPen();
  const soft = { colour: inks.soft, size: 11 };
  const column = (place: number) => NAME + GAP + place * (BAR + NUMBER + GAP);
  const isLeaving = data.leaving.known.value !== null;
  const columns = [PASSAGES.all, PASSAGES.shown, ...(isLeaving ? [LEFT_OUT.column] : [])];
  pen.text(0, 12, say(PASSAGES.passage), soft);
  columns.forEach((title, place) => {
    pen.text(column(place), 12, say(title), soft);
  });
  const reach = reachOf(lines);
  let y = 20;
  for (const line of lines.slice(0, MOST)) {
    const bold = line.passage === data.picked.value;
    const name = shortened(line.name, NAME, 12);
    pen.text(0, y + 15, name, { colour: inks.ink, size: 12, bold });
    const bar = (place: number, share: number, text: string, colour: string) => {
      const width = BAR * Math.min(1, Math.abs(share) || 0);
      pen.fill({ x: column(place), y: y + 5, width, height: ROW - 10 }, colour);
      pen.text(column(place) + BAR + 4, y + 15, text, { colour: inks.ink, size: 12 });
    };
    line.shares.forEach((share, place) => {
      bar(place, share, Number.isNaN(share) ? "" : shareInWords(state, share), inks.accent);
    });
    if (line.change !== null) {
      const colour = divergingCss(Math.sign(line.change), 1, state.dark.value);
      bar(2, line.change / reach, signed(state, line.change), colour);
    }
    y += ROW;
  }
  const width = column(columns.length);
  const verdict = verdictInWords(state, data);
  for (const said of verdict ? wrapped(verdict, width, 11) : []) {
    pen.text(0, y + 14, said, { colour: inks.ink, size: 11 });
    y += 16;
  }
  y += 12;
  const title = mapTitle(state, data);
  pen.text(0, y + 12, title, { colour: inks.ink, size: 11, bold: true });
  y += 20;
  const plan = planOf(state, data, Math.max(width, 420));
  const below = svgPen();
  drawMap(state, data, plan, below, inks);
  const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
  group.setAttribute("transform", `translate(0 ${y})`);
  group.append(...below.marks);
  return {
    width: Math.max(width, plan.width, textWidth(title, 11, 650)),
    height: y + plan.height,
    marks: [...pen.marks, group],
    legend: [weightLegend(state, weightColours(state, null), scaleOfShares(state, data))],
  };
}
