/** What tests/protocol/test_measured.py wrote down of measures holds here too. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MEASURE_TEXTS } from "../../../js/language/texts/measures";
import { type DerivedKey, derived } from "../../../js/measures/derived";
import { mapsOf } from "../../../js/measures/layer_maps";
import {
  type About,
  aboutInKey,
  isUnbounded,
  MEASURE_FACTS,
  measureInKey,
} from "../../../js/trace/measures";
import { WEIGHTS } from "../../../js/trace/options";
import { PLAIN, sidesOf } from "../../../js/trace/sides";
import { readKey, writeKey } from "../../../js/trace/tensor_key";
import { metaOf } from "../helpers/state";

const root = decodeURIComponent(import.meta.url.replace(/^file:\/\/|tests\/js\/.*$/g, ""));
const golden = JSON.parse(readFileSync(`${root}tests/golden/measures.json`, "utf8")) as {
  facts: Record<(typeof WEIGHTS)[number], Record<string, unknown>>;
  about: (About & { key: string })[];
  values: number[];
  tensors: Record<string, { shape: number[]; data: number[] }>;
};

describe("measures", () => {
  it.each(WEIGHTS)("says of %s what Python says", (name) => {
    const { formula, ...facts } = MEASURE_FACTS[name];
    const { meaning, silent } = MEASURE_TEXTS[name];
    expect({ ...facts, meaning: meaning.en, silent: silent.en }).toEqual(golden.facts[name]);
    expect(formula).not.toBe("");
  });

  it.each(golden.about)("writes $key into keys", ({ key, ...about }) => {
    expect(aboutInKey(about)).toBe(key);
    expect(measureInKey(key)).toBe(about.name);
    const text = `measured/${key}/edges/encoder/0/each/0/1/0/all`;
    const read = readKey(text);
    expect(read && writeKey(read)).toBe(text);
    expect(readKey(`measured/${key}/mask/encoder/0`)).toBeNull();
  });

  it("knows which have no common end", () => {
    expect(WEIGHTS.filter(isUnbounded)).toEqual(
      WEIGHTS.filter((name) => MEASURE_FACTS[name].scale !== "share"),
    );
    expect(isUnbounded(undefined)).toBe(false);
  });

  it.each(Object.entries(golden.tensors))("derives %s as Python does", (text, wanted) => {
    const layer = { shape: [2, 6, 6], data: Float32Array.from(golden.values) };
    const sides = sidesOf(metaOf("a b c d"), "encoder", null, PLAIN);
    const made = derived(readKey(text) as DerivedKey, mapsOf(layer, true), sides);
    expect(made?.shape).toEqual(wanted.shape);
    expect([...(made?.data ?? [])]).toEqual(wanted.data);
  });
});
