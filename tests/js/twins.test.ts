/**
 * What both languages compute, they compute alike: `PYTHONPATH=tests python tests/test_twins.py`
 * writes the cases that this and pytest run.
 */

import { readFileSync } from "node:fs";
import { signal } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { fromBase64 } from "../../js/browser/base64";
import { pooledMatrix } from "../../js/measures/calculation";
import { cosineToMean, previousCosine, wordVectors } from "../../js/measures/cosines";
import { labelOf } from "../../js/measures/detectors";
import { grouped } from "../../js/measures/grouped";
import { mapMargins, mapTile } from "../../js/measures/heatmaps";
import {
  countNaNs,
  differenceMaps,
  mapsOf,
  receivedMeans,
  wholeOf,
} from "../../js/measures/layer_maps";
import { minMax } from "../../js/measures/min_max";
import { answerQueries } from "../../js/measures/shares";
import { strongestEdges } from "../../js/measures/strongest_edges";
import { differenceThumbnails, thumbnails } from "../../js/measures/summaries";
import { decodeLevels } from "../../js/saved/level_codec";
import { notebookHost } from "../../js/saved/notebook_host";
import { STEPS } from "../../js/trace/calculation";
import type { NumberName, State } from "../../js/trace/contract";
import { ownOf } from "../../js/trace/sides";
import type { Tensor } from "../../js/trace/tensor";
import { type AxesOf, readKey, type TensorKey, writeKey } from "../../js/trace/tensor_key";
import type { Unit } from "../../js/trace/units";
import { matrixOf, pictureOf } from "../../js/views/calculation/matrix";
import { NotebookHost } from "./helpers/host";
import { layerOf, metaOf, stateOf, token, tokensOf } from "./helpers/state";

/** JSON has no NaN: null stands for it. */
type Numbers = readonly (number | null | Numbers)[];

const root = decodeURIComponent(import.meta.url.replace(/^file:\/\/|tests\/js\/.*$/g, ""));
const cases = <T>(name: string): [number, T][] =>
  (JSON.parse(readFileSync(`${root}tests/golden/${name}.json`, "utf8")) as T[]).map((of, index) => [
    index,
    of,
  ]);

const flat = (numbers: Numbers): number[] =>
  numbers.flatMap((each) => (Array.isArray(each) ? flat(each) : [Number(each ?? Number.NaN)]));

function shapeOf(numbers: Numbers): number[] {
  const [first] = numbers;
  return [numbers.length, ...(Array.isArray(first) ? shapeOf(first) : [])];
}

const tensorOf = (numbers: Numbers): Tensor => ({
  shape: shapeOf(numbers),
  data: Float32Array.from(flat(numbers)),
});

function expectEqual({ shape, data }: Tensor, numbers: Numbers): void {
  expect(shape).toEqual(shapeOf(numbers));
  expect([...data]).toEqual([...tensorOf(numbers).data]);
}

function expectNear(found: ArrayLike<number>, numbers: Numbers): void {
  const expected = flat(numbers);
  expect(found).toHaveLength(expected.length);
  expected.forEach((number, place) => {
    const away = Math.abs((found[place] ?? 0) - number);
    if (Number.isNaN(number)) expect(found[place]).toBeNaN();
    else expect(away).toBeLessThan(2e-7 * Math.max(1, Math.abs(number)));
  });
}

it.each(cases<{ text: string; key: TensorKey | null }>("keys"))("key %i", (_, { text, key }) => {
  expect(readKey(text)).toEqual(key);
  if (key) expect(writeKey(key)).toBe(text);
});

it("the steps of a calculation are those of Python", () => {
  const found = Object.entries(STEPS).map(([name, [rows, columns]]) => ({ name, rows, columns }));
  const read = readFileSync(`${root}tests/golden/calculation.json`, "utf8");
  expect(found).toEqual(JSON.parse(read));
});

interface Edges extends AxesOf<"edges"> {
  maps: Numbers;
  parts: (number | null)[];
  most: number;
  lines: Numbers;
  left_out: number;
}

it.each(cases<Edges>("edges"))("edges %i", (_, of) => {
  const side = { tokens: of.parts.map((segment) => token("a", { segment })) } as never;
  const sides = { queries: side, keys: side };
  const { shape, data } = strongestEdges(mapsOf(tensorOf(of.maps)), sides, of, of.most);
  expect(shape).toEqual([of.lines.length + 1, 4]);
  expect([...data.subarray(4)]).toEqual(flat(of.lines));
  expect(1e6 * (data[1] ?? 0) + (data[2] ?? 0)).toBe(of.left_out);
});

interface Heatmap {
  maps: Numbers;
  heads: number[];
  together: "mean" | "maximum";
  tiles: { scale: "weight" | "share"; pooling: number; tile: Numbers }[];
  margins: Numbers;
}

it.each(cases<Heatmap>("heatmaps"))("heatmaps %i", (_, { tiles, margins, ...of }) => {
  const maps = mapsOf(tensorOf(of.maps));
  const place = { ...of, kind: "encoder", layer: 0, row: 0, column: 0 } as const;
  for (const { tile, ...choice } of tiles)
    expectEqual(mapTile(maps, { ...place, ...choice }), tile);
  expectEqual(mapMargins(maps, place), margins);
});

it.each(cases<{ maps: Numbers; pictures: Numbers }>("thumbnails"))("thumbnails %i", (_, of) => {
  expectEqual(thumbnails(mapsOf(tensorOf(of.maps))), of.pictures);
});

interface Padded {
  maps: Numbers;
  after: Numbers;
  padding: boolean[];
  pictures: Numbers;
  changes: Numbers;
  received: Numbers;
  margins: Numbers;
  lines: Numbers;
  attention: number;
  answered_at: number[];
}

it.each(cases<Padded>("padded"))("padded %i", (_, of) => {
  const tokens = of.padding.map((padding) => token("a", { padding, special: padding }));
  const side = { tokens } as never;
  const own = ownOf({ queries: side, keys: side });
  const maps = { ...mapsOf(tensorOf(of.maps)), own };
  const after = { ...mapsOf(tensorOf(of.after)), own };
  expect(own?.queries).toHaveLength(of.padding.filter((each) => !each).length);
  expectEqual(thumbnails(maps), of.pictures);
  expectEqual(differenceThumbnails(differenceMaps(maps, after)), of.changes);
  expectNear(receivedMeans(maps).data, of.received);
  const place = { heads: [0, 1], kind: "encoder", layer: 0, together: "mean" } as const;
  expectNear(mapMargins(maps, place).data, of.margins);
  const choice = { combine: "each", heads: [0, 1], top_p: 0.9, threshold: 0, segments: "all" };
  const { data } = strongestEdges(maps, { queries: side, keys: side }, choice as never);
  expect([...data.subarray(4)]).toEqual(flat(of.lines));
  expect(data[0]).toBeCloseTo(of.attention, 5);
  expect(answerQueries(tokens, true, [])).toEqual(of.answered_at);
});

interface Differences {
  before: Numbers;
  after: Numbers;
  heads: number[];
  edges: (Omit<AxesOf<"edges">, "heads" | "segments"> & {
    most: number;
    lines: Numbers;
    left_out: number;
    attention: number;
  })[];
  tiles: {
    together: "mean" | "maximum";
    scale: "weight" | "share";
    pooling: number;
    tile: Numbers;
  }[];
  margins: Numbers;
  thumbnails: Numbers;
  lost: number[];
}

it.each(cases<Differences>("differences"))("differences %i", (_, of) => {
  const maps = differenceMaps(mapsOf(tensorOf(of.before)), mapsOf(tensorOf(of.after)));
  const { heads } = of;
  const side = { tokens: of.before.map(() => token("a")) } as never;
  const sides = { queries: side, keys: side };
  for (const { most, lines, left_out, attention, ...choice } of of.edges) {
    const asked = { ...choice, heads, segments: "all" } as const;
    const { data } = strongestEdges(maps, sides, asked, most);
    expect([...data.subarray(4)]).toEqual(flat(lines));
    expect(data[2]).toBe(left_out);
    expect(data[0]).toBeCloseTo(attention, 5);
  }
  const place = { heads, kind: "encoder", layer: 0, row: 0, column: 0 } as const;
  for (const { tile, ...choice } of of.tiles) {
    expectEqual(mapTile(maps, { ...place, ...choice }), tile);
  }
  expectEqual(mapMargins(maps, { ...place, together: "maximum" }), of.margins);
  expectEqual(differenceThumbnails(maps), of.thumbnails);
  expect([...countNaNs(maps).data]).toEqual(of.lost);
});

interface Grouped {
  maps: Numbers;
  queries: number[][];
  keys: number[][];
  renormalise: boolean;
  weights: Numbers;
}

it.each(cases<Grouped>("grouped"))("grouped %i", (_, of) => {
  const made = grouped(mapsOf(tensorOf(of.maps)), of.queries, of.keys, of.renormalise);
  expect(wholeOf(made).shape).toEqual(shapeOf(of.weights));
  expectNear(wholeOf(made).data, of.weights);
});

interface Placed {
  before: Numbers;
  after: Numbers;
  received: Numbers[];
  change: Numbers;
  margins: { heads: number[]; together: "mean" | "maximum"; margins: Numbers }[];
}

it.each(cases<Placed>("placed"))("placed %i", (_, of) => {
  const passes = [of.before, of.after].map((maps) => ({
    ...mapsOf(tensorOf(maps)),
    lacksTokens: true,
  }));
  passes.forEach((maps, pass) => {
    expectNear(receivedMeans(maps).data, of.received[pass] ?? []);
  });
  const [before, after] = passes;
  if (!before || !after) throw new Error("two passes");
  const change = differenceMaps(before, after);
  expectNear(receivedMeans(change).data, of.change);
  const place = { kind: "encoder", layer: 0 } as const;
  for (const { margins, ...asked } of of.margins) {
    expectNear(mapMargins(change, { ...place, ...asked }).data, margins);
  }
});

interface Vectors {
  hidden: Numbers;
  units: number[][];
  special: boolean[];
  vectors: Numbers;
  norms: Numbers;
  previous_cosine: Numbers;
  min_max: Numbers;
  min_max_norms: Numbers;
  cosine_to_mean: { targets: number[]; cosines: Numbers }[];
}

interface LabelCase {
  scores: Record<string, number | null>;
  queries: number;
  label: string;
}

describe.each(cases<LabelCase>("labels"))("what a head is called %i", (_, of) => {
  it("is what Python calls it", () => {
    const scoreOf = (name: NumberName) => Math.fround(of.scores[name] ?? Number.NaN);
    const found = labelOf(scoreOf, of.queries);
    expect(found?.name ?? "").toBe(of.label);
    if (found) expect(found.score).toBe(scoreOf(found.name));
  });
});

describe.each(cases<Vectors>("vectors"))("vectors %i", (_, of) => {
  const units = of.units.map((tokens, unit) => ({ tokens, special: of.special[unit] }) as Unit);
  const words = wordVectors(tensorOf(of.hidden), units);

  it("of words", () => expectNear(words.data, of.vectors));

  it("have norms", () => expectNear(words.norms, of.norms));

  it("have cosines to those before", () =>
    expectNear(previousCosine(words, units), of.previous_cosine));

  it("are scaled from the smallest score to the largest", () => {
    const special = units.map((unit) => unit.special);
    expectNear(minMax(previousCosine(words, units), special), of.min_max);
    expectNear(minMax(words.norms, special), of.min_max_norms);
  });

  it.each(of.cosine_to_mean)("have cosines to the mean of $targets", ({ targets, cosines }) => {
    expectNear(cosineToMean(words, targets), cosines);
  });
});

interface Levels {
  data: string;
  special: number[];
  fine: number[];
  weights: Numbers;
}

it.each(cases<Levels>("levels"))("levels %i", (_, { data, weights, ...marks }) => {
  const [queries = 0, keys = 0] = shapeOf(weights);
  const map = decodeLevels(new Uint8Array(fromBase64(data).buffer), queries, keys, marks);
  weights.forEach((row, query) => {
    expectNear(map.row(query), row as Numbers);
  });
});

interface Choice {
  layers: Record<"encoder" | "decoder" | "cross", (number | null)[]>;
  has_target: boolean;
  before: Partial<State>;
  change: Partial<State>;
  after: Partial<State>;
}

it.each(cases<Choice>("choices"))(
  "choices %i",
  (_, { layers, has_target, before, change, after }) => {
    const tokens = tokensOf("a small novel idea");
    const meta = metaOf(tokens, {
      target: has_target
        ? {
            tokens,
            has_hidden_states: true,
            has_word_embeddings: true,
            generated: false,
            given: null,
            replaceable: false,
          }
        : null,
      attention: Object.entries(layers).map(([kind, heads]) => ({
        kind: kind as State["attention_kind"],
        layers: heads.map((n) => (n === null ? null : layerOf(n))),
      })),
    });
    const notebook = new NotebookHost(stateOf({ meta, ...before }));
    const host = notebookHost(notebook, signal(true), new AbortController().signal);
    for (const [name, value] of Object.entries(change))
      host.set(name as keyof State, value as never);
    host.save_changes();
    expect(notebook.state).toEqual({ ...stateOf({ meta }), ...after });
  },
);

interface Pooled {
  values: string[][];
  down: number;
  across: number;
  pooled: string[][];
}

/** Python's words for a number, of which JSON has not all. */
const told = (numbers: string[][]): Tensor => ({
  shape: [numbers.length, numbers[0]?.length ?? 0],
  data: Float32Array.from(numbers.flat(), (text) => Number(text.replace("inf", "Infinity"))),
});

it.each(cases<Pooled>("pooled"))("pooled %i", (_, { values, down, across, pooled }) => {
  const matrix = told(values);
  expect(pooledMatrix(matrix, down, across)).toEqual(told(pooled));
  const step = { name: "masked", shape: [matrix.shape[0] ?? 0, matrix.shape[1] ?? 0] } as const;
  const whole = matrixOf(step, matrix, { down: 1, across: 1 });
  const most = { width: told(pooled).shape[1] ?? 0, height: told(pooled).shape[0] ?? 0 };
  const picture = pictureOf(whole, most);
  if (picture.pooling.down === down && picture.pooling.across === across) {
    expect(picture.values).toEqual(told(pooled).data); // what is drawn pools alike
  }
});
