import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  keepTensors,
  MAX_KEPT_BYTES,
  Malformed,
  readKeptTensors,
} from "../../../js/saved/notebook_archive";
import type { Kept, Meta } from "../../../js/trace/contract";
import type { Tensor } from "../../../js/trace/tensor";
import { NotebookHost } from "../helpers/host";
import { metaOf, stateOf } from "../helpers/state";
import { tensorOf } from "../helpers/tensors";

const N = 6;
const META: Meta = metaOf("a small no|vel");
const HEADS = 3;
const received = (fill: number): Tensor =>
  tensorOf([HEADS, N], ...Array.from({ length: HEADS * N }, () => fill));
const RECEIVED = "attention_received/encoder/0";

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
