/** Where the steps stand in the overview: three ways, of queries, keys and values, that meet. */

import type { Box, Line, Point } from "../../draw/pen";
import { STEPS, type StepMeta, type StepName } from "../../trace/calculation";
import { operationOf } from "./operations";

export interface Stop {
  readonly name: StepName;
  /** Of the small picture. */
  readonly box: Box;
  /** With its name: what is clicked. */
  readonly area: Box;
}

export interface Overview {
  readonly height: number;
  readonly stops: readonly Stop[];
  readonly lines: readonly Line[];
  /** Of the names below the pictures. */
  readonly size: number;
}

type Steps = readonly Pick<StepMeta, "name" | "shape">[];

/** Ways, counted from above, and halves between them. */
const WAYS: { readonly [N in StepName]?: number } = {
  hidden: 1,
  input: 1,
  key_input: 1.5,
  value_input: 2,
  w_k: 1,
  k: 1,
  k_normed: 1,
  k_scaled: 1,
  k_rotated: 1,
  w_v: 2,
  v: 2,
  v_normed: 2,
  v_scaled: 2,
  scores: 0.5,
  scaled: 0.5,
  bias: -0.5,
  masked: 0.5,
  sink: -0.5,
  weights: 0.5,
  output: 1,
  edited: 1,
  w_o: 1,
  written: 1,
  block: 1,
};

/** Where keys are made of something else, the input is of the queries alone. */
function wayOf(name: StepName, steps: Steps): number {
  const has = (other: StepName) => steps.some((step) => step.name === other);
  if ((name === "hidden" || name === "input") && has("key_input")) return 0;
  if (name === "key_input" && has("value_input")) return 1;
  return WAYS[name] ?? 0;
}

/** What becomes of queries, keys and values: in the order that the model has. */
const STAGES: readonly (readonly StepName[])[] = [
  ["q_normed", "k_normed", "v_normed"],
  ["q_scaled", "k_scaled", "v_scaled"],
  ["q_rotated", "k_rotated"],
];

/** What stands in one column, from left to right; columns without any are left out. */
const COLUMNS: readonly (readonly StepName[])[] = [
  ["hidden"],
  ["input", "key_input", "value_input"],
  ["w_q", "w_k", "w_v"],
  ["q", "k", "v"],
  ...STAGES,
  ["scores"],
  ["scaled"],
  ["bias", "masked"],
  ["sink", "weights"],
  ["output"],
  ["edited"],
  ["w_o"],
  ["written"],
  ["block"],
];

/** What leads to what, beside the way that a column goes on from the one before. */
const EDGES: readonly (readonly [StepName, StepName])[] = [
  ["hidden", "input"],
  ["bias", "masked"],
  ["sink", "weights"],
];

/** Ways on which each step leads to the next that is there. */
const CHAINS: readonly (readonly StepName[])[] = [
  ["w_q", "q", "q_normed", "q_scaled", "q_rotated", "scores"],
  ["w_k", "k", "k_normed", "k_scaled", "k_rotated", "scores"],
  ["w_v", "v", "v_normed", "v_scaled", "output"],
  ["scores", "scaled", "masked", "weights", "output", "edited", "w_o", "written", "block"],
];

const NAME = 16;
const GAP = { x: 14, y: 10 };
const CELL = { width: 76, height: 46 };
const LEAST = 0.24;
const TOP = 4;
/** Steps are no farther apart than this. */
const WIDEST = 124;

/** As long for its axis as a picture is wide or tall: the same for equal axes, never a sliver. */
export function lengths(steps: Steps): (count: number) => number {
  const most = Math.max(2, ...steps.flatMap(({ shape }) => shape));
  return (count) => LEAST + ((1 - LEAST) * Math.log2(Math.max(1, count))) / Math.log2(most);
}

/** Columns, with the stages as the steps have them. */
function inOrder(steps: Steps): (readonly StepName[])[] {
  const at = (column: readonly StepName[]) => steps.findIndex(({ name }) => column.includes(name));
  const stages = [...STAGES].sort((one, other) => at(one) - at(other));
  let next = 0;
  return COLUMNS.map((column) => (STAGES.includes(column) ? (stages[next++] ?? column) : column));
}

/** @param most how tall a picture may be. */
export function overviewOf(steps: Steps, width: number, most = CELL.height): Overview {
  const has = (name: StepName) => steps.some((step) => step.name === name);
  const columns = inOrder(steps)
    .map((column) => column.filter(has))
    .filter((column) => column.length);
  const ways = steps.map(({ name }) => wayOf(name, steps));
  const [first, last] = [Math.min(...ways), Math.max(...ways)];
  const pitch = Math.min(WIDEST, width / Math.max(1, columns.length));
  const start = (width - pitch * columns.length) / 2;
  const gap = Math.min(GAP.x, pitch / 4);
  const wide = Math.min(CELL.width, pitch - gap);
  const tall = Math.min(most, CELL.height, 0.75 * wide);
  const row = tall + NAME + GAP.y;
  const share = lengths(steps);
  const around = Math.min(pitch - 2, wide + 22);
  const stops = columns.flatMap((column, place) =>
    column.map((name): Stop => {
      const [rows, across] = steps.find((step) => step.name === name)?.shape ?? [1, 1];
      const middle = {
        x: start + (place + 0.5) * pitch,
        y: (wayOf(name, steps) - first) * row + tall / 2 + TOP,
      };
      const [axisRows] = STEPS[name];
      const [w, t] = [wide * share(across), axisRows === "one" ? 5 : tall * share(rows)];
      return {
        name,
        box: { x: middle.x - w / 2, y: middle.y - t / 2 + 2, width: w, height: t },
        area: {
          x: middle.x - around / 2,
          y: middle.y - tall / 2 - 3,
          width: around,
          height: tall + NAME + 8,
        },
      };
    }),
  );
  return {
    height: Math.ceil((last - first) * row + tall + NAME + 3 * TOP),
    stops,
    lines: linesOf(stops, steps, pitch),
    size: wide < 50 ? 9.5 : 11,
  };
}

const straight = (from: Point, to: Point): Line => [from, to];

function linesOf(stops: readonly Stop[], steps: Steps, pitch: number): Line[] {
  const of = (name: StepName) => stops.find((stop) => stop.name === name);
  const projected = (["q", "k", "v"] as const).flatMap((name) => {
    const { left, right } = operationOf(name, steps);
    return left && right ? [[left, right] as const] : [];
  });
  const order = steps.map(({ name }) => name);
  const chained = CHAINS.flatMap((chain) => {
    const there = chain.filter(of).sort((one, other) => order.indexOf(one) - order.indexOf(other));
    return there.slice(1).map((name, place) => [there[place] ?? name, name] as const);
  });
  const edges = [...projected, ...EDGES, ...chained];
  return edges.flatMap(([from, to]): Line[] => {
    const [a, b] = [of(from)?.box, of(to)?.box];
    if (!a || !b) return [];
    if (Math.abs(a.x + a.width / 2 - b.x - b.width / 2) < 1) {
      const x = a.x + a.width / 2;
      const { y, height } = of(from)?.area ?? a; // with its name
      return [straight([x, y + height - 3], [x, b.y - 2])];
    }
    const [x, y] = [a.x + a.width + 3, a.y + a.height / 2];
    const [end, goal] = [b.x - 3, b.y + b.height / 2];
    const turn = Math.max(x, end - pitch); // straight until its last column
    const bend = (end - turn) / 2;
    return [
      ...(turn > x ? [straight([x, y], [turn, y])] : []),
      [
        [turn, y],
        [turn + bend, y],
        [end - bend, goal],
        [end, goal],
      ],
    ];
  });
}
