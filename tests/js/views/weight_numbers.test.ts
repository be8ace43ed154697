/** What is said of one weight is the same in every view. */

import { expect, it } from "vitest";
import type { State } from "../../../js/trace/contract";
import { NUMBER_FORMATS } from "../../../js/trace/options";
import { el, host, INDICES, kernel, open as openWidget, page } from "../helpers/cell";
import { all, one, point } from "../helpers/page";

const view = (name: string) => one(el, `.aw-view-${name}`);

it.each(NUMBER_FORMATS)("of a weight are the same in every view (%s)", async (number_format) => {
  const change: Partial<State> = {
    views: ["lines", "neuron", "text"],
    measure: "attention_from",
    words: false,
    heads: [1],
    token: 4,
    number_format,
  };
  await openWidget(change);
  const weights = INDICES.map((key) => kernel.shown.weights(0, 1, 4)[key] ?? Number.NaN);
  const written = weights.map((weight) => {
    const single = Math.fround(weight);
    if (number_format === "full") return String(Number(single.toPrecision(7)));
    return weight.toFixed(number_format === "short" ? 2 : 3);
  });
  const inLines = INDICES.map(
    (key) => one(view("lines"), `.aw-keys [data-token="${key}"] .aw-weight`).textContent,
  );
  const inNeurons = INDICES.map(
    (key) =>
      one(view("neuron"), `.aw-neuron-numbers [data-token="${key}"] .aw-softmax b`).textContent,
  );
  expect(inLines).toEqual(written);
  expect(inNeurons).toEqual(written);
  for (const unit of all(view("text"), ".aw-unit:not(.aw-special)")) {
    point(unit, "pointermove");
    const said = one(view("text"), ".aw-tooltip").textContent ?? "";
    expect(said).toContain(`: ${written[Number(unit.dataset.unit)]}`);
  }
  const special = all(view("text"), ".aw-unit.aw-special");
  expect(special.map((unit) => unit.dataset.score)).toEqual([written[0], written.at(-1)]);
  host.receive({ number_format: "short" });
  await page.frames();
  const [first] = weights;
  expect(one(view("lines"), '.aw-keys [data-token="0"] .aw-weight').textContent).toBe(
    first?.toFixed(2),
  );
  expect(special[0]?.dataset.score).toBe(first?.toFixed(2));
});
