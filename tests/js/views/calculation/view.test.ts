/** The view in its panel, with the four words of a course: x, W_q, W_k and W_v by hand. */

import { expect, it } from "vitest";
import { calculationTold } from "../../../../js/tensors/calculation_told";
import { calculationOf, type StepName } from "../../../../js/trace/calculation";
import type { State } from "../../../../js/trace/contract";
import { calculation } from "../../../../js/views/calculation";
import { answerOfSteps, type Head, stepsOf, tensorOfRows } from "../../helpers/calculated";
import { settled } from "../../helpers/host";
import { element, model, mount, mountsViews, page, source, widget } from "../../helpers/mounted";
import { all, one, press } from "../../helpers/page";
import { layerOf, metaOf, token } from "../../helpers/state";

mountsViews();

const WORDS = ["Tôi", "thích", "học", "AI"].map((text) => token(text));
const HEAD: Head = {
  input: [
    [1, 0],
    [0, 1],
    [1, 1],
    [2, -1],
  ],
  w_q: [
    [1, 2],
    [3, -1],
  ],
  w_k: [
    [2, 0],
    [1, 1],
  ],
  w_v: [
    [1, 0],
    [0, 10],
  ],
  scale: 0.5,
};

async function open(
  change: Partial<State> = {},
  head: Head = HEAD,
  answer: Parameters<typeof answerOfSteps>[1] = {},
): Promise<ReturnType<typeof stepsOf>> {
  const steps = stepsOf(head);
  const layers = [layerOf(1, 2)];
  const meta = metaOf(WORDS, { attention: [{ kind: "encoder", layers }] });
  await mount("calculation", calculation, { meta, token: 0, ...change });
  const asked = model.open("calculation");
  expect(asked.question).toEqual(calculationOf("encoder", 0));
  asked.resolve(answerOfSteps(steps, { scale: 0.5, ...answer }) as never);
  await settle(steps);
  return steps;
}

async function settle(steps: ReturnType<typeof stepsOf>): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    await settled();
    for (const { key, run, signal, resolve } of source.wishes) {
      if (signal.aborted) continue;
      const tensor = tensorOfRows(steps.get(key.split("/")[4] as StepName) ?? []);
      source.put(run, key, tensor);
      resolve(tensor);
    }
    await page.frames();
  }
}

const current = () => one(element, '.aw-calculation-steps [aria-current="step"]').dataset.step;
const terms = () => one(element, ".aw-calculation-terms").textContent;
const bar = () => one(element, ".aw-calculation-steps");

it("shows every step, of which one is current", async () => {
  const steps = await open();
  const names = all(bar(), "button").map(({ dataset }) => dataset.step);
  expect(names.sort()).toEqual([...steps.keys()].sort());
  expect(current()).toBe("scores");
  expect(all(bar(), '[tabindex="0"]')).toHaveLength(1);
  expect(one(element, ".aw-calculation-place").textContent).toBe("Step 5 of 9");
});

it("says how a number of the product comes of a row and a column", async () => {
  await open({ key_token: 3 });
  // q of the first is (1, 2), k of the last (3, -1): 1 × 3 + 2 × (−1) = 1
  expect(terms()).toBe("scores[Tôi, AI] = 1.000 = 1.000 × 3.000 + 2.000 × (−1.000)");
});

it("says what a bias adds, a scale does and the softmax makes", async () => {
  await open({ calculation_step: "q" }, { ...HEAD, b_q: [[0.25, 0]] });
  press(one(element, ".aw-calculation"), "Home");
  expect(terms()).toBe("q[Tôi, 0] = 1.250 = 1.000 × 1.000 + 0 × 3.000 + 0.250");
  const steps = stepsOf({ ...HEAD, b_q: [[0.25, 0]] });
  widget.state.calculation_step.value = "scaled";
  await settle(steps);
  press(one(element, ".aw-calculation"), "Home");
  expect(terms()).toBe("scaled[Tôi, Tôi] = 1.250 = 2.500 × 0.5");
  widget.state.calculation_step.value = "weights";
  await settle(steps);
  expect(terms()).toMatch(/^weights\[Tôi, .+\] = 0\.\d{3} = exp\(.+\) \/ \(exp\(.+\) \+ exp/);
});

it("says what the mask hides", async () => {
  await open({ calculation_step: "masked", key_token: 2 }, { ...HEAD, causal: true });
  expect(terms()).toBe("masked[Tôi, học] = −∞ · the mask hides this key from this query");
});

it("has one legend for all steps, as all of them are in sight", async () => {
  const steps = await open({ calculation_step: "masked" }, { ...HEAD, causal: true });
  const legends = new Set<string | null>();
  for (const name of ["masked", "scores", "weights", "q"] as const) {
    widget.state.calculation_step.value = name;
    await settle(steps);
    legends.add(one(element, ".aw-legend").textContent);
  }
  const [legend = "", ...others] = legends;
  expect(others).toEqual([]);
  for (const said of ["each matrix on its own scale", "attention weight", "masked"]) {
    expect(legend).toContain(said);
  }
});

it("goes from step to step by keyboard and tells it, and says each formula", async () => {
  const steps = await open();
  press(bar(), "End");
  expect(current()).toBe("output");
  expect(calculationTold(widget.state).value).toMatch(
    /^Step 9 of 9: output\. output = weights · v\./,
  );
  press(bar(), "ArrowLeft");
  await settle(steps);
  expect(current()).toBe("weights");
  expect(one(element, ".aw-calculation-formula").textContent).toBe("weights = softmax(masked)");
  press(bar(), "Home");
  expect(current()).toBe("input");
  press(bar(), "ArrowDown");
  expect(widget.state.token.value).toBe(1);
});

it("goes to the step that a clicked weight matrix makes", async () => {
  await open();
  one(bar(), '[data-step="w_v"]').click();
  expect(current()).toBe("v");
});

it("says what is missing, and shows what there is", async () => {
  const { q = [], k = [], v = [] } = Object.fromEntries(stepsOf(HEAD));
  await open({}, { q, k, v }, { missing: { before: "no_model", after: "no_model" } });
  expect(one(element, ".aw-warning").textContent).toContain("keep_weights=True");
  expect(all(bar(), "button")[0]?.dataset.step).toBe("q");
  widget.state.calculation_step.value = "q";
  await settle(stepsOf({ q, k, v }));
  expect(terms()).toContain("what it is made of is not known here");
});

it.each([
  ["not_found", null, ["begin at queries"]],
  [null, "not_found", ["end at the head’s output"]], // a gate before the output projection
  ["not_found", "not_found", ["begin at queries", "end at the head’s output"]],
  ["edited", "edited", ["with edits"]],
  ["windows", "windows", ["in windows"]],
  ["of_arrays", "no_values", ["as they were given", "end at the weights"]],
  ["maps", "maps", ["Only the weights"]],
] as const)(
  "says of steps that lack %s before and %s after what it is",
  async (before, after, said) => {
    const { q = [], k = [], v = [] } = Object.fromEntries(stepsOf(HEAD));
    await open({}, { q, k, v }, { missing: { before, after } });
    const warning = one(element, ".aw-warning").textContent ?? "";
    for (const text of said) expect(warning).toContain(text);
    expect(warning.match(/The steps|Only the/g)).toHaveLength(said.length);
  },
);

it("says of arrays, whatever they are called, that they were given", async () => {
  await open({}, HEAD, { of_arrays: true });
  expect(one(element, ".aw-note").textContent).toContain("from the arrays that were given");
  expect(one(element, ".aw-note").textContent).not.toContain("model");
});

it("says that numbers are the model's, or were computed again from what it rounded", async () => {
  await open();
  expect(one(element, ".aw-note").textContent).toContain("Exact: the model’s own numbers.");
  const said = answerOfSteps(stepsOf(HEAD)).steps.map((step) => ({ ...step, is_exact: false }));
  widget.controller.abort();
  document.body.replaceChildren();
  await open({}, HEAD, { steps: said });
  expect(one(element, ".aw-note").textContent).toContain("Computed again in float32");
});
