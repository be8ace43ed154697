/** What follows from a layer that is here is not asked for, and is what the kernel would send. */

import { afterEach, describe, expect, it } from "vitest";
import { deriving } from "../../../js/tensors/deriving";
import { settled } from "../helpers/host";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
  special,
  token,
} from "../helpers/state";
import { HandSource, tensorOf } from "../helpers/tensors";

const LAYER = tensorOf([2, 2, 2], 0.5, 0.5, 0.25, 0.75, 1, 0, 0, 1);
const WHOLE = "attention/encoder/0";
const ROW = "attention_row/encoder/0/1";
const LINES = "edges/encoder/0/each/0,1/0.5/0/all";

let widget: Connected;

function open(tokens = 2) {
  const list = Array.from({ length: tokens }, (_, word) => token("a", { word }));
  widget = connected({ meta: metaOf(list, { attention: attentionOf([layerOf(2), layerOf(2)]) }) });
  const hand = new HandSource();
  const source = deriving(hand, widget.state);
  return { hand, source, get: (key: string) => source.get(1, key, widget.controller.signal) };
}

afterEach(() => widget.controller.abort());

describe("of a small layer", () => {
  it.each([
    [ROW, [2, 2], [0.25, 0.75, 0, 1]],
    ["attention_row/encoder/0/0,1", [2, 2], [0.375, 0.625, 0.5, 0.5]],
    ["map_margins/encoder/0/maximum/0", [4, 4], [1, 0.5, 0.5, 0.5, 1, 0.25, 0.25, 0.75]],
    ["map_tile/encoder/0/mean/0,1/share/1/0/0", [2, 2], [1, 0.25 / 0.75, 0.125 / 0.875, 1]],
    [LINES, [5, 4], [4, 0, 0, 0, 0, 0, 0, 0.5, 0, 1, 1, 0.75, 1, 0, 0, 1, 1, 1, 1, 1]],
  ])("%s follows from the whole, which comes once", async (key, shape, numbers) => {
    const { hand, source, get } = open();
    expect(source.peek(1, key)).toBeUndefined();
    const got = get(key);
    expect(hand.keys).toEqual([WHOLE]);
    hand.answer(WHOLE, LAYER);
    const tensor = await got;
    expect(tensor.shape).toEqual(shape);
    expect([...tensor.data].slice(0, numbers.length)).toEqual([...Float32Array.from(numbers)]);
    expect(source.peek(1, key)).toBe(tensor); // at once, and the same
    await get("map_margins/encoder/0/mean/1");
    expect(hand.keys).toEqual([WHOLE]);
  });

  it.each([
    ["attention_received/encoder/0", [0.375, 0.625, 0.5, 0.5]],
    ["count_nan/encoder/0", [0, 0]],
    ["thumbnails/encoder/0", [180, 180, 127, 220, 254, 0, 0, 254]],
  ])("%s follows from it where it is here, else is asked for", async (key, numbers) => {
    const { hand, source, get } = open();
    get(key).catch(() => undefined);
    expect(hand.keys).toEqual([key]);
    hand.put(1, WHOLE, LAYER);
    expect([...(source.peek(1, key)?.data ?? [])]).toEqual(numbers);
  });

  it("a difference follows from both passes, of which only what is missing is asked for", async () => {
    const { hand, source, get } = open();
    hand.put(1, WHOLE, LAYER);
    const ofPass = (pass: string, key: string) => `${pass}/[1]/${key}`;
    const got = get(ofPass("difference", ROW));
    expect(hand.keys).toEqual([ofPass("after", WHOLE)]);
    hand.answer(ofPass("after", WHOLE), tensorOf([2, 2, 2], 1, 0, 0.5, 0.5, 1, 0, 0.25, 0.75));
    expect([...(await got).data]).toEqual([0.25, -0.25, 0.25, -0.25]);
    const peek = (key: string) => source.peek(1, ofPass("difference", key));
    expect([...(peek(WHOLE)?.data ?? [])]).toEqual([0.5, -0.5, 0.25, -0.25, 0, 0, 0.25, -0.25]);
    const tile = peek("map_tile/encoder/0/maximum/0,1/weight/1/0/0");
    expect([...(tile?.data ?? [])]).toEqual([0, -0.5, 0.25, -0.25]); // of the maxima
    const lines = peek("edges/encoder/0/each/0,1/1/0.3/all");
    expect([...(lines?.data ?? [])]).toEqual([2, 0, 0, 0, 0, 0, 0, 0.5, 0, 0, 1, -0.5]);
    const pictures = peek("thumbnails/encoder/0");
    expect(pictures?.data).toBeInstanceOf(Float32Array);
    expect(hand.keys).toHaveLength(1);
  });

  it("what it lacks is asked for: the kernel says why", async () => {
    const { hand, get } = open();
    hand.put(1, WHOLE, LAYER);
    for (const key of [
      "attention_row/encoder/0/2",
      "edges/encoder/0/each/0,2/1/0/all",
      "map_tile/encoder/0/mean/0/weight/0/0/0",
      "map_tile/encoder/0/mean/0/weight/1/1/0",
      "map_margins/encoder/0/mean/7",
      "grouped/words/show/attention_row/encoder/9/0",
      "nonsense",
    ]) {
      const asked = hand.keys.length;
      get(key).catch(() => undefined);
      await settled();
      expect(hand.keys.slice(asked)).toEqual([key]);
    }
  });

  it("of another shape than it is said to have, it tells nothing", async () => {
    const { hand, source, get } = open();
    const got = get(ROW);
    hand.answer(WHOLE, tensorOf([2, 1, 1], 1, 1));
    await settled();
    expect(hand.keys).toEqual([WHOLE, ROW]);
    expect(source.peek(1, ROW)).toBeUndefined();
    hand.answer(ROW, tensorOf([2, 2], 1, 2, 3, 4));
    expect((await got).data[3]).toBe(4);
  });

  it("that cannot come, the reason is handed on, and none is derived of another text", async () => {
    const { hand, source, get } = open();
    const got = get(LINES);
    hand.wishFor(WHOLE).reject(new Error("out of memory"));
    await expect(got).rejects.toThrow("out of memory");
    hand.put(2, WHOLE, LAYER);
    expect(source.peek(2, ROW)).toBeUndefined();
  });

  it("whoever no longer waits is told so", async () => {
    const { source } = open();
    const stop = new AbortController();
    const got = source.get(1, ROW, stop.signal);
    stop.abort();
    await expect(got).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });
});

it("of another layer than is looked at, a row comes by itself", () => {
  const { hand, get } = open();
  const row = "attention_row/encoder/1/1";
  get(row).catch(() => undefined);
  expect(hand.keys).toEqual([row]);
});

describe("of a large layer", () => {
  it("each tensor is asked for by itself", () => {
    const { hand, get } = open(800);
    for (const key of [ROW, LINES, "map_margins/encoder/0/mean/1"]) get(key).catch(() => undefined);
    expect(hand.keys).toEqual([ROW, LINES, "map_margins/encoder/0/mean/1"]);
  });
});

it("words and text without special tokens have layers of their own", async () => {
  widget = connected({ meta: metaOf([special("[CLS]"), token("a", { word: 0 })]) });
  const hand = new HandSource();
  const source = deriving(hand, widget.state);
  const key = "grouped/tokens/hide/attention_row/encoder/0/0";
  const got = source.get(1, key, widget.controller.signal);
  hand.answer("grouped/tokens/hide/attention/encoder/0", tensorOf([3, 1, 1], 0.5, 0.25, 1));
  expect([...(await got).data]).toEqual([0.5, 0.25, 1]);
});
