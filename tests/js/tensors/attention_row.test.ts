import type { ReadonlySignal } from "@preact/signals-core";
import { signal } from "@preact/signals-core";
import { afterEach, describe, expect, it } from "vitest";
import { countNaN, meanOf, meanSink, sinkOf } from "../../../js/measures/attention_rows";
import { type AttentionRow, attentionRow } from "../../../js/tensors/attention_row";
import { comesWhole, deriving } from "../../../js/tensors/deriving";
import type { Meta } from "../../../js/trace/contract";
import { settled } from "../helpers/host";
import { attentionOf, type Connected, connected, layerOf, metaOf, token } from "../helpers/state";
import { HandSource, tensorOf } from "../helpers/tensors";

const words = (count: number) => Array.from({ length: count }, (_, word) => token("a", { word }));

function sized(heads: number, tokens: number): Meta {
  return metaOf(words(tokens), { attention: attentionOf([layerOf(heads), layerOf(heads), null]) });
}

const ends: AbortController[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end.abort();
});

function rowOf(meta: Meta, chosen: number[]) {
  const widget: Connected = connected({ meta });
  ends.push(widget.controller);
  const source = new HandSource();
  const tokens = signal<readonly number[]>(chosen);
  const row: ReadonlySignal<AttentionRow> = attentionRow(
    widget.state,
    deriving(source, widget.state),
    widget.controller.signal,
    () => tokens.value,
  );
  return { ...widget, source, tokens, row };
}

const listed = ({ heads }: AttentionRow) => heads?.map((head) => [...head]);

describe("comesWhole", () => {
  it("up to 4 MiB, heads × queries × keys × 4 bytes", () => {
    expect(comesWhole(1, 1024, 1024)).toBe(true); // 4 MiB
    expect(comesWhole(1, 1025, 1024)).toBe(false);
    expect(comesWhole(16, 128, 512)).toBe(true);
    expect(comesWhole(17, 128, 512)).toBe(false);
  });
});

describe("what goes to the sink", () => {
  const maps = { ...layerOf(1), dim: null };
  const sinks = { ...layerOf(1), sinks: true };

  it("is what a row lacks, where a model has sinks", () => {
    expect(sinkOf(Float32Array.of(0.5, 0.25), sinks)).toBe(0.25);
    expect(sinkOf(Float32Array.of(0.5, 0.5), sinks)).toBe(0);
    expect(sinkOf(Float32Array.of(0, 0), sinks)).toBe(1);
  });

  it("of finished maps is what is missing, beyond rounding", () => {
    expect(sinkOf(Float32Array.of(0.5, 0.25), maps)).toBe(0.25);
    expect(sinkOf(Float32Array.of(0.5, 0.496), maps)).toBeNull();
    expect(sinkOf(Float32Array.of(0, 0), maps)).toBeNull(); // a query that sees nothing
  });

  it("is nothing where there are no sinks, or the weights are NaN", () => {
    expect(sinkOf(Float32Array.of(0.5, 0.25), layerOf(1))).toBeNull();
    expect(sinkOf(Float32Array.of(0.5, Number.NaN), sinks)).toBeNull();
    expect(sinkOf(Float32Array.of(0.5, Number.NaN), maps)).toBeNull();
    expect(sinkOf(Float32Array.of(0.5), null)).toBeNull();
  });

  it("has a mean over heads", () => {
    const rows = [Float32Array.of(0.5, 0.25), Float32Array.of(0.25, 0.25)];
    expect(meanSink(rows, sinks)).toBe(0.375);
    expect(meanSink(rows, layerOf(2))).toBeNull();
  });
});

describe("countNaN", () => {
  it("counts", () => {
    expect(countNaN(Float32Array.of(0, Number.NaN, 1, Number.NaN))).toBe(2);
    expect(countNaN(new Float32Array())).toBe(0);
  });
});

describe("a small layer", () => {
  // (head, query, key) of 2 heads and 2 tokens
  const LAYER = tensorOf([2, 2, 2], 0.5, 0.5, 0.25, 0.75, 1, 0, 0, 1);

  it("comes whole, before any token is pointed at", () => {
    const { source, row } = rowOf(sized(2, 2), []);
    expect(source.keys).toEqual(["attention/encoder/0"]);
    expect(row.value).toEqual({ tokens: [], heads: null, pending: true, error: null });
  });

  it("gives each query's row of every head without asking again", async () => {
    const { source, tokens, row, state } = rowOf(sized(2, 2), [1]);
    expect(row.value).toMatchObject({ tokens: [1], heads: null, pending: true });
    source.answer("attention/encoder/0", LAYER);
    await settled();
    expect(listed(row.value)).toEqual([
      [0.25, 0.75],
      [0, 1],
    ]);
    tokens.value = [0];
    expect(listed(row.value)).toEqual([
      [0.5, 0.5],
      [1, 0],
    ]);
    expect(row.value.tokens).toEqual([0]);
    state.heads.value = [0];
    expect(source.keys).toEqual(["attention/encoder/0"]);
  });

  it("is the mean over several query tokens", async () => {
    const { source, row } = rowOf(sized(2, 2), [0, 1]);
    source.answer("attention/encoder/0", LAYER);
    await settled();
    expect(listed(row.value)).toEqual([
      [0.375, 0.625],
      [0.5, 0.5],
    ]);
  });

  it("has no weights of another layer while the new one is on its way", async () => {
    const { source, row, state } = rowOf(sized(2, 2), [0]);
    source.answer("attention/encoder/0", LAYER);
    await settled();
    state.layer.value = 1;
    expect(row.value).toEqual({ tokens: [0], heads: null, pending: true, error: null });
    source.answer("attention/encoder/1", tensorOf([2, 2, 2], 0, 1, 0, 1, 0, 1, 0, 1));
    await settled();
    expect(listed(row.value)).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("says why it did not come", async () => {
    const { source, row } = rowOf(sized(2, 2), [0]);
    source.wishFor("attention/encoder/0").reject(new Error("out of memory"));
    await settled();
    expect(row.value).toEqual({ tokens: [0], heads: null, pending: false, error: "out of memory" });
  });
});

describe("a large layer", () => {
  const meta = sized(2, 800);

  it("is not asked for as long as no token is pointed at", () => {
    const { source, row } = rowOf(meta, []);
    expect(source.keys).toEqual([]);
    expect(row.value).toEqual({ tokens: [], heads: null, pending: false, error: null });
  });

  it("comes row by row; Python takes the mean of several tokens", async () => {
    const { source, tokens, row } = rowOf(meta, [7]);
    expect(source.keys).toEqual(["attention_row/encoder/0/7"]);
    source.answer("attention_row/encoder/0/7", tensorOf([2, 3], 1, 2, 3, 4, 5, 6));
    await settled();
    expect(listed(row.value)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    tokens.value = [7, 8, 9];
    expect(source.keys).toEqual(["attention_row/encoder/0/7", "attention_row/encoder/0/7,8,9"]);
    expect(row.value).toMatchObject({ tokens: [7, 8, 9], heads: null, pending: true });
  });

  it("does not ask again for the same tokens in another array", async () => {
    const { source, tokens } = rowOf(meta, [3, 4]);
    tokens.value = [3, 4];
    tokens.value = [...tokens.value];
    expect(source.keys).toEqual(["attention_row/encoder/0/3,4"]);
  });
});

describe("meanOf", () => {
  it("is the mean of rows", () => {
    const rows = [Float32Array.of(1, 2, 0), Float32Array.of(3, 4, 0), Float32Array.of(5, 0, 0)];
    expect([...meanOf(rows)]).toEqual([3, 2, 0]);
  });

  it("of one row is the row, of none is nothing", () => {
    const row = Float32Array.of(1, 2);
    expect(meanOf([row])).toBe(row);
    expect(meanOf([])).toHaveLength(0);
  });
});
