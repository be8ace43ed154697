/** The scatter of heads as it is drawn, on the screen and in a figure. */

import type { Inks } from "../../draw/inks";
import type { Pen } from "../../draw/pen";
import { shortened, textWidth } from "../../draw/text_width";
import type { AtlasRow } from "./data";
import { type Dot, type ScatterPlan, TICK_SIZE } from "./scatter_plan";

export interface Scatter {
  readonly plan: ScatterPlan;
  readonly across: string;
  readonly up: string;
  readonly ink: Inks;
  readonly chosen: AtlasRow | null;
  readonly pointed: AtlasRow | null;
}

const NAME_SIZE = 12;
const MANY = 400;

export const radiusOf = (count: number): number => (count > MANY ? 2.5 : 4);

export function drawScatter(pen: Pen, { plan, across, up, ink, chosen, pointed }: Scatter): void {
  const { box, dots } = plan;
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  pen.lines(
    [
      ...plan.across.map(({ at }) => [[at, box.y] as const, [at, bottom] as const] as const),
      ...plan.up.map(({ at }) => [[box.x, at] as const, [right, at] as const] as const),
    ],
    { colour: ink.rule, width: 1 },
  );
  const soft = { colour: ink.soft, size: TICK_SIZE };
  for (const { at, label } of ticksWithRoom(plan)) {
    pen.text(at, bottom + 14, label, { ...soft, anchor: "middle" });
  }
  for (const { at, label } of plan.up) {
    pen.text(box.x - 6, at + 4, label, { ...soft, anchor: "end" });
  }
  const name = { colour: ink.ink, size: NAME_SIZE };
  const room = (text: string) => shortened(text, plan.width - 8, NAME_SIZE);
  pen.text(right, bottom + 32, room(`${across} →`), { ...name, anchor: "end" });
  pen.text(2, 13, room(`↑ ${up}`), name);
  const radius = radiusOf(dots.length);
  const centre = ({ x, y }: Dot) => [x, y] as const;
  pen.dots(
    dots.filter(({ row }) => row !== chosen).map(centre),
    radius,
    ink.soft,
    dots.length > MANY ? 0.4 : 0.55,
  );
  for (const [row, colour, grown] of [
    [pointed, ink.ink, 2],
    [chosen, ink.accent, 2.5],
  ] as const) {
    const dot = dots.find((each) => each.row === row);
    if (!dot) continue;
    pen.dots([centre(dot)], radius + grown, colour);
    const label = `L${dot.row.layer}H${dot.row.head}`;
    const isLeft = dot.x + radius + 8 + textWidth(label, NAME_SIZE, 650) > right;
    const x = isLeft ? dot.x - radius - 6 : dot.x + radius + 6;
    const style = { colour, size: NAME_SIZE, bold: true } as const;
    const wide = textWidth(label, NAME_SIZE, 650) + 4;
    // Above its dot, or below it where the name of the axis stands.
    const y = dot.y < box.y + NAME_SIZE ? dot.y + 16 : dot.y - 6;
    const back = { x: isLeft ? x - wide + 2 : x - 2, y: y - 11, width: wide, height: 15 };
    pen.fill(back, ink.paper, 0.85);
    pen.text(x, y, label, { ...style, anchor: isLeft ? "end" : "start" });
  }
}

/** Labels that would touch the one before are left out. */
function ticksWithRoom({ across }: ScatterPlan) {
  let end = Number.NEGATIVE_INFINITY;
  return across.filter(({ at, label }) => {
    const half = textWidth(label, TICK_SIZE) / 2;
    if (at - half < end + 6) return false;
    end = at + half;
    return true;
  });
}
