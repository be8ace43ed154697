import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptAnswers } from "../../../js/saved/kept_answers";
import {
  keepInNotebook,
  MAX_ANSWERS_BYTES,
  MAX_KEPT_BYTES,
  Malformed,
  readKept,
} from "../../../js/saved/notebook_archive";
import { ATLAS, atlasHeadOf } from "../../../js/trace/atlas";
import type { Kept, Meta } from "../../../js/trace/contract";
import type { Question } from "../../../js/trace/questions";
import type { Tensor } from "../../../js/trace/tensor";
import { type Kernel, KernelGone } from "../../../js/transport/kernel";
import { NotebookHost } from "../helpers/host";
import { metaOf, stateOf } from "../helpers/state";
import { tensorOf } from "../helpers/tensors";

const N = 6;
const META: Meta = metaOf("a small no|vel");
const HEADS = 3;
const received = (fill: number): Tensor =>
  tensorOf([HEADS, N], ...Array.from({ length: HEADS * N }, () => fill));
const RECEIVED = "attention_received/encoder/0";

/** Without answers about an atlas. */
const keepTensors = (
  to: NotebookHost,
  tensors: (run: number) => [string, Tensor][],
  abort: AbortSignal,
) => keepInNotebook(to, { tensors }, abort);
const readKeptTensors = (kept: unknown, meta: Meta) => readKept(kept, meta).tensors;

let host: NotebookHost;
let controller: AbortController;

beforeEach(() => {
  host = new NotebookHost(stateOf({ meta: META }));
  controller = new AbortController();
});

afterEach(() => controller.abort());

/** As JupyterLab 4 and 3 copy the state of an anywidget, and as a file has it. */
const saved = (): unknown => JSON.parse(JSON.stringify(structuredClone(host.state.kept)));

describe("keep", () => {
  it("packs when the notebook copies the state, and not before", () => {
    let asked = 0;
    keepTensors(
      host,
      () => {
        asked += 1;
        return [];
      },
      controller.signal,
    );
    expect(asked).toBe(0);
    expect(host.saved).toEqual([]);
    saved();
    expect(asked).toBe(1);
  });

  it("keeps every number", () => {
    const tensors: [string, Tensor][] = [
      [RECEIVED, received(1 / 3)],
      ["count_nan/encoder/1", { shape: [HEADS], data: Int32Array.of(0, 7, -1) }],
      ["thumbnails/encoder/0", { shape: [HEADS, 1, 2], data: Uint8Array.of(1, 2, 3, 4, 5, 255) }],
      ["hidden_states/encoder/1", tensorOf([N, 1], Number.NaN, -0, 1e-38, Infinity, 5, 6)],
    ];
    keepTensors(host, () => tensors, controller.signal);
    const found = readKeptTensors(saved(), META);
    expect([...found.keys()]).toEqual(tensors.map(([key]) => key));
    for (const [key, tensor] of tensors) expect(found.get(key)).toEqual(tensor);
  });

  it("keeps the first that fit", () => {
    const large: Tensor = { shape: [1], data: new Float32Array(MAX_KEPT_BYTES / 4 - 2) };
    const held: [string, Tensor][] = [
      ["a", tensorOf([1], 1)],
      ["b", large],
      ["c", large],
      ["d", tensorOf([1], 1)],
    ];
    keepTensors(host, () => held, controller.signal);
    const { archive } = saved() as Kept;
    expect(Object.keys(archive?.tensors ?? {})).toEqual(["a", "b", "d"]);
  });

  it("keeps what each display of the widget has, as long as it is there", () => {
    const other = new AbortController();
    keepTensors(host, () => [["a", tensorOf([1], 1)]], controller.signal);
    keepTensors(host, () => [["b", tensorOf([1], 2)]], other.signal);
    const keys = () => Object.keys((saved() as Kept).archive?.tensors ?? {});
    expect(keys()).toEqual(["a", "b"]);
    controller.abort();
    expect(keys()).toEqual(["b"]);
    other.abort();
    expect(keys()).toEqual([]);
    expect(host.listenerCount).toBe(0);
  });

  it("goes on with the object that the notebook has loaded anew", () => {
    keepTensors(host, () => [[RECEIVED, received(1)]], controller.signal);
    host.receive({ kept: { archive: { format: 1, run: 1, tensors: {} } } });
    expect(readKeptTensors(saved(), META).size).toBe(1);
  });

  it("leaves alone what cannot be added to", () => {
    host = new NotebookHost(stateOf({ meta: META, kept: Object.freeze({}) }));
    keepTensors(host, () => [[RECEIVED, received(1)]], controller.signal);
    expect(saved()).toEqual({});
  });
});

describe("what was kept", () => {
  const good = () => {
    keepTensors(host, () => [[RECEIVED, received(0.25)]], controller.signal);
    return saved() as { archive: Record<string, unknown> };
  };
  const withTensor = (key: string, tensor: unknown) => ({
    archive: { format: 1, run: 1, tensors: { [key]: tensor } },
  });
  const text = (...bytes: number[]) => btoa(String.fromCharCode(...bytes));

  it("may be nothing", () => {
    for (const kept of [{}, undefined, null, "", []])
      expect(readKeptTensors(kept, META).size).toBe(0);
  });

  it.each([
    ["another format", { format: 2 }, "format 2; known: 1"],
    ["another run", { run: 3 }, "it is of run 3, not 1"],
    ["no tensors", { tensors: 5 }, "it has no tensors"],
  ])("of %s is refused", (_, change, words) => {
    const { archive } = good();
    expect(() => readKeptTensors({ archive: { ...archive, ...change } }, META)).toThrow(words);
  });

  it.each([
    ["is no archive", { archive: "<script>" }],
    ["is no tensor", withTensor(RECEIVED, null)],
    ["has no shape", withTensor(RECEIVED, { dtype: "float32", data: "" })],
    ["has a shape of strings", withTensor(RECEIVED, { dtype: "float32", shape: ["3"], data: "" })],
    ["lacks bytes", withTensor(RECEIVED, { dtype: "float32", shape: [3, 6], data: "AAAA" })],
    ["is no base64", withTensor(RECEIVED, { dtype: "uint8", shape: [1], data: "~~~~" })],
    [
      "is of another dtype",
      withTensor("count_nan/encoder/0", { dtype: "uint8", shape: [3], data: text(0, 0, 0) }),
    ],
    [
      "is of an unknown dtype",
      withTensor(RECEIVED, { dtype: "object", shape: [1], data: text(0) }),
    ],
    [
      "is of another shape",
      withTensor("thumbnails/encoder/0", { dtype: "uint8", shape: [1, 1, 1], data: text(0) }),
    ],
    [
      "is of a layer that is not there",
      withTensor("thumbnails/encoder/9", { dtype: "uint8", shape: [3, 1, 1], data: text(0, 0, 0) }),
    ],
    [
      "is of no known name",
      withTensor("__proto__/encoder/0", { dtype: "uint8", shape: [1], data: text(0) }),
    ],
  ])("that %s is refused", (_, kept) => {
    expect(() => readKeptTensors(kept, META)).toThrow(Malformed);
  });

  it.each([
    ["head", 3, 0, 0],
    ["query", 0, N, 0],
    ["key", 0, 0, N],
    ["half a key", 0, 0, 0.5],
  ])("with lines to a %s that is not there is refused", (_, head, query, key) => {
    const rows = (...edge: number[]) => tensorOf([2, 4], -1, 0, 0, 0, ...edge);
    const name = "edges/encoder/0/each/0,1,2/0.95/0/all";
    let tensor = rows(2, N - 1, N - 1, 0.5);
    keepTensors(host, () => [[name, tensor]], controller.signal);
    expect(readKeptTensors(saved(), META).size).toBe(1);
    tensor = rows(head, query, key, 0.5);
    expect(() => readKeptTensors(saved(), META)).toThrow(Malformed);
  });
});

describe("what was told of an atlas", () => {
  const EXAMPLE = {
    rank: 0,
    number: 7,
    text: "<b>a novel</b>",
    labels: ["<b>a", "novel</b>"],
    ids: [5, 6],
    query: 1,
    key: 0,
    weight: 0.5,
    row: [0.5, "NaN"],
  };
  const OVERVIEW = {
    model_name: "m",
    n_texts: 3,
    n_tokens: 9,
    names: ["entropy"],
    kinds: ["encoder"],
    layers: [0],
    heads: [0],
    labels: [""],
    values: [[0.25]],
  };
  const HEAD = atlasHeadOf("encoder", 0, 0);

  /** A kernel that answers until it is gone. */
  function kernelOf(answers: Record<string, unknown>) {
    const gone = signal(false);
    const asked: string[] = [];
    const question = async (_: number, { name }: Question) => {
      if (gone.peek()) throw new KernelGone();
      asked.push(name);
      return answers[name];
    };
    return { kernel: { gone, question } as unknown as Kernel, gone, asked };
  }
  const asking = { signal: new AbortController().signal };

  it("is kept, and told again where the kernel is gone", async () => {
    const told = keptAnswers();
    const { kernel, gone, asked } = kernelOf({
      atlas: OVERVIEW,
      atlas_head: { examples: [EXAMPLE] },
    });
    const live = told.beside(kernel);
    for (const question of [ATLAS, HEAD, ATLAS]) await live.question(1, question, asking);
    expect(asked).toEqual(["atlas", "atlas_head", "atlas"]); // the kernel knows best
    keepInNotebook(host, { tensors: () => [], answers: told.held }, controller.signal);
    gone.value = true;
    expect(await live.question(1, ATLAS, asking)).toEqual(OVERVIEW);

    const restored = keptAnswers();
    restored.remember(readKept(saved(), META).answers);
    const later = restored.beside(kernel);
    expect(await later.question(1, ATLAS, asking)).toEqual(OVERVIEW);
    expect(await later.question(1, HEAD, asking)).toEqual({ examples: [EXAMPLE] });
    const other = later.question(1, atlasHeadOf("encoder", 0, 1), asking);
    await expect(other).rejects.toThrow(KernelGone);
    await expect(later.question(1, { name: "memory" }, asking)).rejects.toThrow(KernelGone);
  });

  it("is kept as far as there is room, what came last first", () => {
    const long = { examples: [{ ...EXAMPLE, text: "x".repeat(MAX_ANSWERS_BYTES / 2) }] };
    const answers = () =>
      [
        ["c", OVERVIEW],
        ["b", long],
        ["a", long],
      ] as [string, unknown][];
    keepInNotebook(host, { tensors: () => [], answers }, controller.signal);
    expect(Object.keys((saved() as Kept).archive?.answers ?? {})).toEqual(["c", "b"]);
  });

  it.each([
    ["no object", 5],
    ["markup", { a: "<script>" }],
    ["heads of another length", { a: { ...OVERVIEW, heads: [0, 1] } }],
    ["a number for a name", { a: { ...OVERVIEW, names: [5] } }],
    ["a query that is not there", { a: { examples: [{ ...EXAMPLE, query: 2 }] } }],
    ["labels that are no texts", { a: { examples: [{ ...EXAMPLE, labels: [{}, 1] }] } }],
    ["a short row", { a: { examples: [{ ...EXAMPLE, row: [1] }] } }],
  ])("with %s is refused", (_, answers) => {
    const archive = { format: 1, run: 1, tensors: {}, answers };
    expect(() => readKept({ archive }, META)).toThrow(Malformed);
  });
});
