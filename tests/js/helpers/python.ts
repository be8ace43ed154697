/** The other side: a little model whose arrays are random, and all that is asked of it exact. */

import type { StepName } from "../../../js/trace/calculation";
import type { Dtype, LayerMeta, Meta, Request, TokenMeta, Wish } from "../../../js/trace/contract";
import type { LensPlane } from "../../../js/trace/lens_plane";
import type { MemoryUse } from "../../../js/trace/memory";
import type { AnswerTo, Predictions, Question } from "../../../js/trace/questions";
import type { Tensor } from "../../../js/trace/tensor";
import { type Rows, unitsOf } from "../../../js/trace/units";
import { example, headOf, overview } from "./atlases";
import { answerOfSteps, stepsOf, tensorOfRows } from "./calculated";
import { attributed, explained } from "./explained";
import type { NotebookHost } from "./host";
import { floats, randomFrom } from "./random";
import { attentionOf, layerOf, metaOf, tokensOf } from "./state";

/** What it answers about memory. */
export const MEMORY: MemoryUse = {
  trace: 1_234_567,
  parts: { queries: 1_234_567 },
  browser: 0,
  page: 400_000,
  model: 90_900_000,
  atlas: null,
  free: 3_100_000_000,
};

const N_LAYERS = 2;
const N_HEADS = 3;
const DIM = 4;
const HIDDEN = 6;

export class TinyModel {
  readonly meta: Meta;
  readonly n: number;
  private readonly vectors: { query: Float32Array; key: Float32Array }[][];
  readonly hidden: Float32Array[];

  constructor(
    tokens: TokenMeta[] | string,
    change: Partial<Meta> = {},
    readonly causal = false,
  ) {
    const list = typeof tokens === "string" ? tokensOf(tokens) : tokens;
    const layers: LayerMeta[] = Array.from({ length: N_LAYERS }, () => layerOf(N_HEADS, DIM));
    this.meta = metaOf(list, { attention: attentionOf(layers), ...change });
    this.n = list.length;
    const random = randomFrom(10 + this.meta.run);
    this.vectors = layers.map(() =>
      Array.from({ length: N_HEADS }, () => ({
        query: floats(random, this.n * DIM),
        key: floats(random, this.n * DIM),
      })),
    );
    this.hidden = Array.from({ length: N_LAYERS + 1 }, () => floats(random, this.n * HIDDEN));
  }

  score(layer: number, head: number, query: number, key: number): number {
    const { query: q, key: k } = this.headOf(layer, head);
    let sum = 0;
    for (let i = 0; i < DIM; i++) sum += (q[query * DIM + i] ?? 0) * (k[key * DIM + i] ?? 0);
    return sum / Math.sqrt(DIM);
  }

  logit(layer: number, head: number, query: number, key: number): number {
    const hidden = this.causal && key > query;
    return hidden ? Number.NEGATIVE_INFINITY : this.score(layer, head, query, key);
  }

  weights(layer: number, head: number, query: number): number[] {
    const exps = this.keys().map((key) => Math.exp(this.logit(layer, head, query, key)));
    const sum = exps.reduce((a, b) => a + b);
    return exps.map((exp) => exp / sum);
  }

  /** The vector of a token. */
  vector(index: number, token: number): number[] {
    return [...(this.hidden[index] ?? [])].slice(token * HIDDEN, (token + 1) * HIDDEN);
  }

  /** Tokens of each row: words, or all but the special tokens, as trace/grouping.py has them. */
  groups(units: string, special: string): number[][] {
    const all = unitsOf(this.meta.tokens, units as Rows);
    return all.filter((unit) => special === "show" || !unit.special).map(({ tokens }) => tokens);
  }

  tensor(key: string): Tensor {
    const [first, units = "", special = "", ...inner] = key.split("/");
    if (first !== "grouped") return this.between(key, this.groups("tokens", "show"), false);
    return this.between(inner.join("/"), this.groups(units, special), special === "renormalise");
  }

  private between(key: string, groups: number[][], renormalise: boolean): Tensor {
    const [name, , ...rest] = key.split("/"); // of one kind
    const [layer = 0, head = 0, token = 0] = rest.map(Number);
    const listed = (rest[1] ?? "").split(",").map(Number);
    const { n } = this;
    const heads = this.heads();
    const rows = groups.map((_, row) => row);
    const weights = (layer: number, h: number, row: number) =>
      mean(
        (groups[row] ?? []).map((query) => {
          const whole = this.weights(layer, h, query);
          const sums = groups.map((keys) => keys.reduce((sum, k) => sum + (whole[k] ?? 0), 0));
          const total = renormalise ? sums.reduce((a, b) => a + b) : 1;
          return sums.map((sum) => sum / total);
        }),
      );
    switch (name) {
      case "attention":
        return {
          shape: [N_HEADS, rows.length, rows.length],
          data: Float32Array.from(heads.flatMap((h) => rows.flatMap((q) => weights(layer, h, q)))),
        };
      case "attention_row": {
        const given = heads.map((h) => mean(listed.map((query) => weights(layer, h, query))));
        return { shape: [N_HEADS, rows.length], data: Float32Array.from(given.flat()) };
      }
      case "attention_received": {
        const received = heads.map((h) => mean(rows.map((query) => weights(layer, h, query))));
        return { shape: [N_HEADS, rows.length], data: Float32Array.from(received.flat()) };
      }
      case "map_margins": {
        const chosen = (rest[2] ?? "").split(",").map(Number);
        const map = rows.map((query) => {
          const of = chosen.map((h) => weights(layer, h, query));
          return rest[1] === "maximum"
            ? rows.map((k) => largest(of.map((w) => w[k] ?? 0)))
            : mean(of);
        });
        const lines = [...map, ...rows.map((key) => map.map((row) => row[key] ?? 0))];
        const margins = lines.map((line) => {
          const positive = line.filter((weight) => weight > 0);
          return [
            line.reduce((a, b) => a + b),
            Math.min(...line),
            Math.min(...positive),
            largest(line),
          ];
        });
        return { shape: [lines.length, 4], data: Float32Array.from(margins.flat()) };
      }
      case "summaries": {
        const each = (h: number, of: (row: number[], query: number) => number | undefined) => {
          const known = rows.flatMap((query) => of(weights(layer, h, query), query) ?? []);
          return known.reduce((sum, value) => sum + value, 0) / known.length;
        };
        const near = (by: number) => (row: number[], query: number) => row[query + by];
        const { tokens } = this.meta;
        const measures: ((row: number[], query: number) => number | undefined)[] = [
          (row) => row.reduce((sum, weight) => sum - (weight ? weight * Math.log(weight) : 0), 0),
          (row, query) => row.reduce((sum, w, key) => sum + w * Math.abs(key - query), 0),
          (row, query) => {
            const away = row.reduce((sum, w, key) => sum + w * Math.abs(key - query), 0);
            return row.reduce((sum, w, key) => sum + w * (Math.abs(key - query) - away) ** 2, 0);
          },
          near(-1),
          near(1),
          near(0),
          ...Array(3).fill(() => undefined), // the text repeats nothing
          (row) => row[0],
          () => undefined,
          (row) => row.reduce((sum, w, key) => sum + (tokens[key]?.special ? w : 0), 0),
          () => 0,
        ];
        const numbers = measures.flatMap((of) => heads.map((h) => each(h, of)));
        return { shape: [measures.length, N_HEADS], data: Float32Array.from(numbers) };
      }
      case "thumbnails": {
        const shades = heads.flatMap((h) => rows.flatMap((q) => weights(layer, h, q)));
        return {
          shape: [N_HEADS, rows.length, rows.length],
          data: Uint8Array.from(shades.map((weight) => Math.round(254 * Math.sqrt(weight)))),
        };
      }
      case "query":
      case "key":
        return { shape: [n, DIM], data: this.headOf(layer, head)[name] };
      case "scores": {
        const score = this.keys().map((k) => this.score(layer, head, token, k));
        const logit = this.keys().map((k) => this.logit(layer, head, token, k));
        return { shape: [2, n], data: Float32Array.from([...score, ...logit]) };
      }
      case "mask": {
        const seen = (query: number) => (this.causal ? query + 1 : n);
        const runs = this.keys().flatMap((query) => [-1, query, 0, seen(query)]);
        return { shape: [n, 4], data: Int32Array.from(runs) };
      }
      case "calculation":
        return tensorOfRows(this.steps(layer, head).get(rest[2] as StepName) ?? []);
      case "count_nan":
        return { shape: [N_HEADS], data: new Int32Array(N_HEADS) };
      case "hidden_states":
        return { shape: [n, HIDDEN], data: this.hidden[layer] ?? new Float32Array() };
    }
    throw new Error(`unknown tensor ${key}`);
  }

  /** Of the calculation of a head; its values are its keys. */
  steps(layer: number, head: number) {
    const rows = (data: Float32Array) =>
      this.keys().map((token) => [...data.slice(token * DIM, (token + 1) * DIM)]);
    const { query, key } = this.headOf(layer, head);
    const [q, k] = [rows(query), rows(key)];
    return stepsOf({ q, k, v: k, scale: 1 / Math.sqrt(DIM), causal: this.causal });
  }

  private headOf(layer: number, head: number) {
    const found = this.vectors[layer]?.[head];
    if (!found) throw new Error(`no head ${head} in layer ${layer}`);
    return found;
  }

  private heads = () => Array.from({ length: N_HEADS }, (_, head) => head);
  private keys = () => Array.from({ length: this.n }, (_, key) => key);
}

export function mean(rows: readonly (readonly number[])[]): number[] {
  return (rows[0] ?? []).map(
    (_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length,
  );
}

/** The same everywhere. */
function predictedOf(n: number): Predictions {
  const each = <T>(value: T): T[] => Array.from({ length: n }, () => value);
  return {
    predicts: "next token",
    positions: [...each(0).keys()],
    ids: each([1, 2]),
    tokens: each([" a", " b"]),
    labels: each(["a", "b"]),
    probabilities: each([0.75, 0.25]),
    actual_ids: each(1),
    actual: each(" a"),
    log_probability: each(Math.log(0.75)),
    rank: each(1),
    entropy: each(0.5),
    mask_id: null,
  };
}

/** The same everywhere, in every layer. */
function planeOf(n: number): LensPlane {
  const layers = [...Array(N_LAYERS).keys()];
  const each = <T>(value: T): T[][] => layers.map(() => Array.from({ length: n }, () => value));
  return {
    ...{ predicts: "next token", n_layers: N_LAYERS, layers, labels: ["a"] },
    positions: [...Array(n).keys()],
    best: each(0),
    probabilities: each(0.75),
    answers: Array.from({ length: n }, () => 0),
    answer_probabilities: each(0.75),
    ranks: each(1),
  };
}

const dtypeOf = (data: Tensor["data"]): Dtype =>
  data instanceof Int32Array ? "int32" : data instanceof Uint8Array ? "uint8" : "float32";

/** The kernel of a notebook: it shows one model's reading of a text, and can read another. */
export class Kernel {
  /** Keys that fail, and with what words. */
  readonly failing = new Map<string, string>();
  /** While false, nothing is answered. */
  awake = true;
  private asleep: Request[] = [];

  constructor(
    readonly host: NotebookHost,
    public shown: TinyModel,
    private readonly read: (text: string, run: number) => TinyModel,
  ) {
    host.kernel = (message) => {
      if (this.awake) queueMicrotask(() => this.answer(message));
      else this.asleep.push(message);
    };
  }

  wake(): void {
    this.awake = true;
    for (const message of this.asleep.splice(0)) this.answer(message);
  }

  private answer(message: Request): void {
    if (message.kind === "tensors") {
      for (const wish of message.wishes) this.grant(message.run, wish);
      return;
    }
    if (message.kind === "cancel") return;
    try {
      if (message.kind === "ask") {
        const { n } = this.shown;
        const { question } = message;
        const { labels, probabilities: kept, ...rest } = predictedOf(n);
        const [first, before] = [labels, kept].map((rows) => rows.map(([one]) => one));
        const predicted = { ...rest, labels, probabilities: kept, kept, first, before };
        const answers: Partial<Record<Question["name"], unknown>> = {
          edited: question.name === "edited" && { edits: question.edits },
          attributed: attributed(),
          explained: explained(),
          lens_plane: planeOf(n),
          atlas: overview({ n_tokens: 234 }),
          atlas_head: headOf(example()),
          memory: MEMORY,
          calculation: answerOfSteps(this.shown.steps(0, 0), { scale: 1 / Math.sqrt(DIM) }),
        };
        const answer = answers[question.name] ?? predicted;
        this.host.message({ id: message.id, answer: answer as AnswerTo<Question> });
        return;
      }
      if (message.kind === "run") {
        this.show(this.read(message.text, this.shown.meta.run + 1), message.text);
      }
      this.host.message({ id: message.id });
    } catch (error) {
      this.host.message({ id: message.id, error: (error as Error).message });
    }
  }

  private grant(of: number, { id, key }: Wish): void {
    try {
      const { run } = this.shown.meta;
      if (of !== run) throw new Error(`run ${of} is over`);
      const words = this.failing.get(key);
      if (words) throw new Error(words);
      const { shape, data } = this.shown.tensor(key);
      const bytes = new DataView(data.buffer, data.byteOffset, data.byteLength);
      this.host.message({ id, dtype: dtypeOf(data), shape }, [bytes]);
    } catch (error) {
      this.host.message({ id, error: (error as Error).message });
    }
  }

  /** As `widget.py` shows another text: all traits at once, selections kept where they can be. */
  show(model: TinyModel, text: string): void {
    this.shown = model;
    const { token, pinned } = this.host.state;
    const kept = (index: number | null) => (index !== null && index < model.n ? index : null);
    this.host.receive({
      text,
      meta: model.meta,
      token: kept(token),
      pinned: pinned.filter((index) => index < model.n),
      busy: false,
    });
  }
}

const largest = (numbers: readonly number[]): number => Math.max(...numbers);
