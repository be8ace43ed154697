/** The logit lens at all tokens: read on demand, stopped, walked through, and saved. */

import { expect, it } from "vitest";
import type { State } from "../../../../js/trace/contract";
import { type LensPlane, lensPlaneOf, SHORT } from "../../../../js/trace/lens_plane";
import { predictions } from "../../../../js/views/predictions";
import { planePlan } from "../../../../js/views/predictions/plane_plan";
import { settled } from "../../helpers/host";
import { element, model, mount, mountsViews, page, widget } from "../../helpers/mounted";
import { all, one, press } from "../../helpers/page";
import { compared, predicted } from "../../helpers/predicted";
import { attentionOf, layerOf, metaOf, token } from "../../helpers/state";

const WORDS = ["a", "small", "novel", "idea"].map((text) => token(text));
const META = metaOf(WORDS, { attention: attentionOf([layerOf(3), layerOf(3), layerOf(3)]) });
const EDIT = {
  edit: "head_off",
  kind: "encoder",
  layer: 0,
  heads: [0],
  tokens: null,
  value: "zero",
} as const;

mountsViews();

/** Of three layers; so many of the last ones are read. */
function planeOf(done = 3, change: Partial<LensPlane> = {}): LensPlane {
  const last = <T>(rows: T[]): T[] => rows.slice(3 - done);
  return {
    predicts: "next token",
    n_layers: 3,
    layers: last([0, 1, 2]),
    positions: [0, 1, 2, 3],
    labels: ["small", "good", "end", ".", "<b>"],
    best: last([
      [4, 4, 4, 4],
      [0, 4, 2, 4],
      [0, 1, 2, 3],
    ]),
    probabilities: last([
      [0.1, 0.2, 0.3, 0.4],
      [0.25, 0.3, 0.5, 0.45],
      [0.5, 0.625, 0.75, 0.875],
    ]),
    answers: [0, 1, 2, 3],
    answer_probabilities: last([
      [0.01, 0.02, 0.03, 0.0001],
      [0.25, 0.125, 0.5, 0.25],
      [0.5, 0.625, 0.75, 0.875],
    ]),
    ranks: last([
      [40, 30, 20, 1234],
      [1, 3, 1, 2],
      [1, 1, 1, 1],
    ]),
    ...change,
  };
}

async function open(change: Partial<State> = {}): Promise<void> {
  await mount("predictions", predictions, { meta: META, layer: 2, ...change });
  model.open("predictions").resolve(predicted() as never);
  await rest();
  fold().open = true;
  fold().dispatchEvent(new Event("toggle"));
  await rest();
}

async function rest() {
  await settled();
  await page.frames();
}

async function answered(answer: LensPlane) {
  model.open("lens_plane").resolve(answer as never);
  await rest();
}

const fold = () => one<HTMLDetailsElement>(element, ".aw-lens-fold");
const grid = () => one(element, ".aw-lens-plane");
const told = () => one(grid(), "[role=gridcell]").textContent;
const words = () => one(fold(), ".aw-effect-words").textContent;
const buttons = () =>
  all<HTMLButtonElement>(fold(), ".aw-effect-line button").filter(({ hidden }) => !hidden);
const titles = () => buttons().map(({ textContent }) => textContent);

it("asks once it is opened, says how far it is, and stops", async () => {
  await mount("predictions", predictions, { meta: META, layer: 2 });
  model.open("predictions").resolve(predicted() as never);
  await rest();
  expect(() => model.open("lens_plane")).toThrow("nobody asked");
  fold().open = true;
  fold().dispatchEvent(new Event("toggle"));
  await rest();
  const { question, told: tell, signal } = model.open("lens_plane");
  expect(question).toEqual({ name: "lens_plane", last: SHORT });
  expect(words()).toBe("Reading the layers …");
  expect(grid().hidden).toBe(true);
  tell?.({ done: 2, of: 3, partial: planeOf(2) });
  await rest();
  expect(words()).toBe("Reading the layers: 2 of 3 …");
  expect(grid().hidden).toBe(false);
  expect(titles()).toEqual(["Stop"]);
  buttons()[0]?.click();
  await rest();
  expect(signal.aborted).toBe(true);
  expect(words()).toBe("Stopped: 2 of 3 layers are read.");
  expect(told()).toBe(
    "“idea”, layer 2, most likely: “.”, probability 0.875, it is what the model predicts in the end",
  ); // what was read stays
  expect(titles()).toEqual(["Read all layers"]);
  buttons()[0]?.click();
  await rest();
  await answered(planeOf());
  expect(words()).toBe("All 3 layers are read, at 4 tokens.");
  expect(titles()).toEqual([]);
});

it("is walked through by keyboard, the last layer on top, and selects token and layer", async () => {
  await open();
  await answered(planeOf());
  expect(grid().getAttribute("aria-label")).toContain("each of 3 layers, the last on top");
  expect([grid().getAttribute("aria-rowcount"), grid().getAttribute("aria-colcount")]).toEqual([
    "3",
    "4",
  ]);
  press(grid(), "ArrowLeft"); // to where it begins: the last token
  press(grid(), "ArrowLeft");
  press(grid(), "ArrowDown");
  press(grid(), "ArrowDown");
  press(grid(), "ArrowDown"); // there is no further layer
  const first = "“novel”, layer 0, most likely: “<b>”, probability 0.300, ";
  expect(told()).toBe(
    `${first}in the end the model predicts “end”: here probability 0.030, rank 20`,
  );
  expect(element.querySelector("b")).toBeNull(); // text of a model is no markup
  press(grid(), "Enter");
  expect([widget.state.token.value, widget.state.layer.value]).toEqual([2, 0]);
  expect(told()).toContain(", selected");
  press(grid(), "Home");
  press(grid(), "PageUp");
  expect(told()).toContain("“a”, layer 2");
  press(grid(), " ");
  expect([widget.state.token.value, widget.state.layer.value]).toEqual([0, 2]);
  press(grid(), "Enter");
  expect(widget.state.token.value).toBeNull();
});

it("shows the pass with edits, and what they change", async () => {
  const edits = [{ ...EDIT, heads: [0] }];
  await open({ edits, shown_pass: "after" });
  model.open("compared").resolve(
    compared([
      [0.1, 0, 0],
      [0.2, 0, 0],
      [0.3, 0, 0],
      [0.4, 0, 0],
    ]) as never,
  );
  const asked = model.asked.filter(({ question }) => question.name === "lens_plane");
  expect(asked.map(({ question }) => question)).toEqual([lensPlaneOf(SHORT, edits)]);
  const changed = planeOf(3, {
    answer_probabilities: [
      [0.01, 0.02, 0.03, 0.0001],
      [0.25, 0.125, 0.5, 0.25],
      [0.5, 0.625, 0.75, 0.25],
    ],
    ranks: [
      [40, 30, 20, 1234],
      [1, 3, 1, 2],
      [1, 1, 1, 2],
    ],
  });
  await answered(changed);
  expect(told()).toContain(
    "without edits the model predicts “.”: here, with them, probability 0.2",
  );
  widget.state.shown_pass.value = "difference";
  await rest();
  expect(model.open("lens_plane").question).toEqual(lensPlaneOf(SHORT));
  await answered(planeOf());
  expect(told()).toContain("here probability 0.875 → 0.250, rank 1 → 2");
  expect(one(fold(), ".aw-lens-legend").textContent).toContain("change of the prediction");
  widget.state.shown_pass.value = "before";
  await rest();
  expect(told()).toContain("it is what the model predicts in the end");
  expect(one(fold(), ".aw-lens-legend").textContent).toContain("probability of the token");
});

it("reads a long text whole only when it is asked to", async () => {
  await open();
  await answered(planeOf(3, { positions: [2, 3], answers: [2, 3] }));
  expect(words()).toContain("Only the last 2 of 4 tokens are shown");
  expect(titles()).toEqual(["Read all 4 tokens"]);
  buttons()[0]?.click();
  await rest();
  expect(model.open("lens_plane").question).toEqual({ name: "lens_plane", last: null });
  await answered(planeOf());
  expect(words()).toBe("All 3 layers are read, at 4 tokens.");
});

it("says why there is none", async () => {
  await open();
  model.open("lens_plane").reject(new Error("its layers have no logit lens"));
  await rest();
  expect(words()).toBe("its layers have no logit lens");
  expect(grid().hidden).toBe(true);
});

it("has words where cells are wide enough, and all its cells at any width", () => {
  const labels = (count: number) => Array.from({ length: count }, () => "word");
  for (const width of [640, 1280]) {
    for (const layers of [6, 30, 80]) {
      for (const count of [8, 30, 60, 512]) {
        const plan = planePlan(width, layers, labels(count), "layer");
        const [map] = plan.maps;
        expect(map?.width).toBeCloseTo(count * plan.cell.width);
        if (count <= 60) expect(plan.width).toBeLessThanOrEqual(width);
        expect(plan.height).toBeLessThan(680);
        expect(plan.hasWords).toBe(layers < 80 && plan.cell.width >= 30);
      }
    }
  }
  expect(planePlan(640, 30, labels(8), "layer").hasWords).toBe(true);
  expect(planePlan(1280, 30, labels(30), "layer").hasWords).toBe(true);
  expect(planePlan(1280, 30, labels(60), "layer").hasWords).toBe(false);
});
