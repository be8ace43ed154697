/** The table of passages: a number of all heads is shown once all of them are here, and not before. */

import { expect, it } from "vitest";
import { passages } from "../../../../js/views/passages";
import { settled } from "../../helpers/host";
import { element, mount, mountsViews, page, source } from "../../helpers/mounted";
import { all, one } from "../../helpers/page";
import { attentionOf, layerOf, metaOf, token } from "../../helpers/state";
import { tensorOf } from "../../helpers/tensors";

const TOKENS = [token("a", { passage: "one" }), token("b", { passage: "two" }), token("c")];
const META = metaOf(TOKENS, { attention: attentionOf([layerOf(1), layerOf(1)]) });

mountsViews();

/** All rows of the open wishes of a layer. */
async function answerLayer(layer: number, ...row: number[]): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    for (const { key, run, signal } of [...source.wishes]) {
      const isOpen = !signal.aborted && !source.peek(run, key);
      if (isOpen && key.split("/")[2] === String(layer))
        source.answer(key, tensorOf([1, 3], ...row));
    }
    await settled();
    await page.frames();
  }
}

const columns = () =>
  all(element, ".aw-passage-row").map((row) =>
    all(row, ".aw-passage-number").map(({ textContent }) => textContent),
  );
const strongest = () => all(element, '[data-list="strongest"] button').length;

it("has no mean of some layers in the place of the mean of all", async () => {
  await mount("passages", passages, { meta: META, layer: 0, heads: [0] });
  await answerLayer(0, 0.5, 0.25, 0.25);
  const shown = columns();
  expect(shown.map(([every]) => every)).toEqual(["", "", ""]);
  expect(shown.map(([, own]) => own)).toEqual(["0.500", "0.250", "0.250"]); // that layer is here
  expect(strongest()).toBe(0); // the first of some heads may not be the first of all
  await answerLayer(1, 0.25, 0.5, 0.25);
  expect(columns().map(([every]) => every)).toEqual(["0.375", "0.375", "0.250"]);
  expect(strongest()).toBe(2);
  expect(one(element, ".aw-note").textContent).not.toBe("");
});

it("has no mean of the shown heads until the layers of all of them are here", async () => {
  const head_pairs: [number, number][] = [
    [0, 0],
    [1, 0],
  ];
  await mount("passages", passages, { meta: META, layer: 0, heads: [0], head_pairs });
  await answerLayer(0, 0.5, 0.25, 0.25);
  expect(columns().map(([, own]) => own)).toEqual(["", "", ""]);
  await answerLayer(1, 0.25, 0.5, 0.25);
  expect(columns().map(([, own]) => own)).toEqual(["0.375", "0.375", "0.250"]);
});
