/** The rows in sight, what they sum to, and the score that is split, as a figure. */

import { ROW_HEIGHT, rowsInSight } from "../../controls/virtual_rows";
import type { Figure } from "../../draw/figure";
import type { Inks } from "../../draw/inks";
import { svgPen } from "../../draw/pen";
import { shortened, textWidth, wrapped } from "../../draw/text_width";
import type { AppState } from "../../state/app_state";
import { barOf, type Reach } from "./bars";
import type { AttributionData } from "./data";
import { footSentences } from "./foot";
import { type PartList, scoreWords } from "./score";
import type { TermTable } from "./terms";
import { ATTRIBUTION } from "./texts";
import { signed } from "./words";

const SIZE = 12;
const SMALL = 11;
const GAP = 14;
const BAR = 130;
const NAME = 190;
const LINE = 16;

export function attributionFigure(
  state: AppState,
  table: TermTable,
  data: AttributionData,
  inks: Inks,
): Figure | null {
  const { value: found } = data.written;
  if (!found) return null;
  const { say, numbers } = state;
  const { value: dark } = state.dark;
  const pen = svgPen();
  let [y, width] = [0, 0];

  const bar = (x: number, value: number, reach: Reach) => {
    const { zero, start, length, colour } = barOf(value, reach, dark);
    pen.fill({ x: x + zero * BAR - 0.5, y: y + 2, width: 1, height: ROW_HEIGHT - 4 }, inks.soft);
    pen.fill(
      { x: x + start * BAR, y: y + 5, width: length * BAR, height: ROW_HEIGHT - 10 },
      colour,
    );
  };
  const text = (x: number, said: string, anchor: "start" | "end" = "start") =>
    pen.text(x, y + 15, said, { colour: inks.ink, size: SIZE, anchor });
  const title = (x: number, said: string, bold: boolean) =>
    pen.text(x, y + 12, said, { colour: bold ? inks.ink : inks.soft, size: SMALL, bold });
  const sentences = (said: readonly string[]) => {
    for (const line of said.flatMap((each) => wrapped(each, Math.max(width, 420), SMALL))) {
      pen.text(0, y + 12, line, { colour: inks.soft, size: SMALL });
      y += LINE;
    }
  };

  const shown = data.terms.value.slice(...rowsInSight(table.scroller, data.terms.value.length));
  const texts = shown.map(table.textsOf);
  const widest = (column: 1 | 2) =>
    Math.max(0, ...texts.map((each) => textWidth(each[column], SIZE)));
  const names = Math.min(NAME, Math.max(...texts.map(([name]) => textWidth(name, SIZE))));
  const [first, second] = [names + GAP, names + 2 * GAP + BAR + 8 + widest(1)];
  width = Math.max(
    second + BAR + 8 + widest(2),
    second + textWidth(say(ATTRIBUTION.effect), SMALL),
  );
  title(0, data.heading.value, true);
  y += 20;
  title(0, say(ATTRIBUTION.writer), false);
  title(first, say(ATTRIBUTION.direct), false);
  title(second, say(ATTRIBUTION.effect), false);
  y += 20;
  shown.forEach((term, row) => {
    const [name = "", part = "", change = ""] = texts[row] ?? [];
    text(0, shortened(name, names, SIZE));
    bar(first, Number(term.value), data.reach.value);
    text(second - GAP, part, "end");
    const effect = data.effectOf(term);
    const end = second + BAR + 8 + widest(2);
    if (effect) bar(second, Number(effect.effect), data.reach.value);
    text(end, change, "end");
    if (effect?.backup) text(end + 2, "*");
    y += ROW_HEIGHT;
  });
  y += 4;
  sentences(footSentences(state, table, data));

  const { title: why, words, lists } = scoreWords(state, data);
  if (!lists.length) return { width, height: y, marks: pen.marks, legend: [] };
  y += 12;
  title(0, why, true);
  y += 20;
  const top = y;
  let bottom = y;
  let x = 0;
  const list = ({ title: of, parts, reach }: PartList, name: number) => {
    const values = parts.map(({ value }) => signed(numbers, value));
    const room = Math.max(...values.map((value) => textWidth(value, SIZE)));
    const all = Math.max(textWidth(of, SMALL), name + GAP + BAR + 8 + room);
    title(x, of, false);
    y += 20;
    parts.forEach((part, row) => {
      text(x, shortened(part.name, name, SIZE));
      if (!part.isRest) bar(x + name + GAP, part.value, reach);
      text(x + name + GAP + BAR + 8 + room, values[row] ?? "", "end");
      y += ROW_HEIGHT;
    });
    bottom = Math.max(bottom, y);
    width = Math.max(width, x + all);
    return all;
  };
  lists.forEach((each, place) => {
    const own = Math.max(...each.parts.map((part) => textWidth(part.name, SIZE)));
    if (place < 2) {
      y = top;
      x += list(each, Math.min(NAME, own)) + 2 * GAP;
      return;
    }
    x = 0;
    y = bottom + 8;
    list(each, Math.min(2 * NAME, own));
  });
  y = bottom + 4;
  sentences([words]);
  return { width, height: y, marks: pen.marks, legend: [] };
}
