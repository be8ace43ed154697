/** The predictions: a row for each position, and the candidates of the selected one. */

import { expect, it } from "vitest";
import type { State } from "../../../../js/trace/contract";
import { PREDICTIONS, type Predictions } from "../../../../js/trace/questions";
import { predictions } from "../../../../js/views/predictions";
import { settled } from "../../helpers/host";
import { element, model, mount, mountsViews, page, widget } from "../../helpers/mounted";
import { all, one, press } from "../../helpers/page";
import { compared, predicted } from "../../helpers/predicted";
import { metaOf, token } from "../../helpers/state";

const WORDS = ["a", "small", "novel", "idea"].map((text) => token(text));
const META = metaOf(WORDS);

mountsViews();

async function show(change: Partial<State> = {}, answer: Predictions | null = predicted()) {
  await mount("predictions", predictions, { meta: META, text: "a small novel idea", ...change });
  if (answer) await answered(answer);
}

async function answered(answer: Predictions) {
  model.open("predictions").resolve(answer as never);
  await settled();
  await page.frames();
}

const nodes = () =>
  all(element, ".aw-predicted-rows > [role=row]").sort(
    (a, b) => Number(a.dataset.token) - Number(b.dataset.token),
  );
const rows = () =>
  nodes().map((row) => all(row, "[role=gridcell]").map(({ textContent }) => textContent));
const titles = () => all(element, "[role=columnheader]").map(({ textContent }) => textContent);
const note = () => one(element, ".aw-note").textContent;
const button = (words: string) => {
  const found = all<HTMLButtonElement>(element, ".aw-word-editor button").find(
    ({ textContent }) => textContent === words,
  );
  if (!found) throw new Error(`no button ${words}`);
  return found;
};

it("has what follows each token, and how likely the text was", async () => {
  await show({}, null);
  expect(note()).toBe("Waiting for the data …");
  expect(model.open("predictions").question).toEqual(PREDICTIONS);
  model.open("predictions").told?.({ done: 64, of: 128 });
  expect(note()).toBe("Asking the model: 64 of 128 positions …");
  await answered(predicted());
  expect(titles()).toEqual(["", "token", "prediction", "probability", "in the text", "rank"]);
  expect(rows()).toEqual([
    ["0", "a", "small", "0.500", "0.500", "1"],
    ["1", "small", "good", "0.625", "0.250", "2"],
    ["2", "novel", "end", "0.750", "<0.001", "1,234"],
    ["3", "idea", ".", "0.875", "", ""],
  ]);
  expect(note()).toBe("The text’s own token is the most likely one at 1 of 3 positions.");
  expect(element.querySelector("b")).toBeNull(); // text of a model is no markup
});

it("opens the selected token to its candidates, wherever it was selected", async () => {
  await show({ token: 1 });
  expect(rows().slice(1, 5)).toEqual([
    ["1", "small", "good", "0.625", "0.250", "2"],
    ["", "1.", "good", "0.625", "", ""],
    ["", "2.", "novel", "0.250", "", ""],
    ["", "3.", "<b>", "0.031", "", ""],
  ]);
  expect(note()).toContain("After “small” the model predicts “good”, with probability 0.625.");
  const bold = all(element, ".aw-actual").map(({ textContent }) => textContent);
  expect(bold).toEqual(["small", "novel"]);
  widget.state.token.value = 3;
  await page.frames();
  expect(rows().map(([index, token]) => index || token)).toEqual([
    ...["0", "1", "2", "3"],
    ...["1.", "2.", "3."],
  ]);
});

it("selects by click and by keyboard, for every view", async () => {
  await show();
  nodes()[2]?.querySelector("span")?.click();
  expect(widget.state.token.value).toBe(2);
  await page.frames();
  expect(nodes()[2]?.getAttribute("aria-selected")).toBe("true");
  nodes()[4]?.click(); // a candidate
  expect(widget.state.token.value).toBe(2);
  const scroller = one(element, ".aw-scroll");
  press(scroller, "ArrowUp");
  expect(widget.state.token.value).toBe(1);
  press(scroller, "End");
  expect(widget.state.token.value).toBe(3);
  press(scroller, "Enter");
  expect(widget.state.token.value).toBeNull();
});

it("says why the model cannot answer", async () => {
  await show({}, null);
  model.open("predictions").reject(new Error("model must have an output head, got BertModel"));
  await settled();
  await page.frames();
  expect(one(element, ":scope > [role=alert]").textContent).toContain("must have an output head");
  expect(rows()).toEqual([]);
});

it("shows the classes of a classifier", async () => {
  await show(
    {},
    predicted({
      predicts: "class",
      positions: [],
      ids: [[2, 0]],
      labels: [["good", "bad"]],
      probabilities: [[0.75, 0.25]],
      rank: [0],
      actual_ids: [-1],
    }),
  );
  expect(titles()).toEqual(["class", "probability"]);
  expect(rows()).toEqual([
    ["good", "0.750"],
    ["bad", "0.250"],
  ]);
  expect(note()).toBe("The model predicts “good”, with probability 0.750.");
});

const MASK = 77;
const written = WORDS.map((each, id) => ({
  ...each,
  id,
  segment: 0,
  start: 2 * id,
  end: 2 * id + 1,
}));
const filled = (change: Partial<Predictions> = {}) =>
  predicted({ predicts: "token", actual_ids: [0, 2, MASK, 3], mask_id: MASK, ...change });

it("masks the selected word where the model has a mask, and takes it back", async () => {
  await show({ token: 1, meta: metaOf(written) }, filled());
  model.reading = (texts) => widget.host.receive(texts);
  expect(one(element, ".aw-chosen-word").textContent).toContain("small");
  button("Mask it").click();
  expect(model.open("replaced").question).toEqual({ name: "replaced", tokens: [1] });
  model.open("replaced").resolve({ text: "a [MASK] novel idea", text_pair: null } as never);
  await settled();
  expect(model.read_).toEqual([{ text: "a [MASK] novel idea", text_pair: null }]);
  expect(button("Undo").hidden).toBe(false);
  button("Undo").click();
  await settled();
  expect(model.read_.at(-1)).toEqual({ text: "a small novel idea", text_pair: null });
  expect(button("Undo").hidden).toBe(true);
});

it("replaces the selected word by what is typed, or by a candidate of a masked model", async () => {
  await show({ token: 1, meta: metaOf(written) }, filled());
  const input = one<HTMLInputElement>(element, ".aw-other-word");
  input.value = " large ";
  button("Replace").click();
  expect(model.open("replaced").question).toEqual({ name: "replaced", tokens: [1], by: "large" });
  model.open("replaced").reject(new Error("<b>no</b>"));
  await settled();
  expect(one(element, ".aw-word-editor [role=alert]").textContent).toBe("<b>no</b>");
  expect(model.read_).toEqual([]);
  expect(all(element, ".aw-take").map(({ textContent }) => textContent)).toEqual(["good", "<b>"]);
  press(all(element, ".aw-take")[0] as HTMLElement, "Enter"); // which is the button's own
  expect(widget.state.token.value).toBe(1);
  all(element, ".aw-take")[0]?.click();
  expect(model.open("replaced").question).toEqual({ name: "replaced", tokens: [1], by: 7 });
});

it("compares no masked token with its mask", async () => {
  const meta = metaOf(written.map((each, at) => (at === 2 ? { ...each, id: MASK } : each)));
  await show({ token: 2, meta }, filled({ rank: [1, 2, 999, 1] }));
  expect(rows()[2]).toEqual(["2", "novel", "end", "0.750", "", ""]);
  expect(button("Mask it").hidden).toBe(true);
});

it("changes no text that a causal model predicts, nor one that cannot be run again", async () => {
  await show({ token: 1, meta: metaOf(written) });
  expect(button("Mask it").hidden).toBe(true);
  expect(element.querySelector(".aw-take")).toBeNull();
  expect(one(element, ".aw-replace").hidden).toBe(false);
  model.reads.value = false;
  expect(one(element, ".aw-word-editor").hidden).toBe(true);
});

it("shows before and after where something is left out", async () => {
  const edit = {
    edit: "head_off",
    kind: "encoder",
    layer: 0,
    heads: [1],
    tokens: null,
    value: "zero",
  } as const;
  await show({ edits: [{ ...edit, heads: [1] }], shown_pass: "after", token: 3 });
  expect(titles().at(-1)).toBe("rank"); // until the second pass has answered
  const kept = [
    [0.5, 0.25, 0.125],
    [0.125, 0.75, 0.03125],
    [0.75, 0.125, 0.0625],
    [0.25, 0.5, 0.0625],
  ];
  const ids = [[1], [2], [6], [6]];
  const labels = [["small"], ["novel"], ["end"], ["end"]];
  model.open("compared").resolve({ ...compared(kept), ids, labels } as never); // of one token
  await settled();
  expect(titles().at(-1)).toBe("rank");
  model.open("compared").resolve({ ...compared(kept), ids, labels } as never);
  await settled();
  await page.frames();
  expect(titles()).toEqual(["", "token", "prediction", "probability", "change"]);
  expect(rows()).toEqual([
    ["0", "a", "small", "0.500 → 0.500", "0"],
    ["1", "small", "good → novel", "0.625 → 0.125", "−0.500"],
    ["2", "novel", "end", "0.750 → 0.750", "0"],
    ["3", "idea", ". → end", "0.875 → 0.250", "−0.625"],
    ["", "1.", ".", "0.875 → 0.250", "−0.625"],
    ["", "2.", "end", "0.063 → 0.500", "+0.438"],
    ["", "3.", "good", "0.031 → 0.063", "+0.031"],
  ]);
  expect(note()).toContain("“.” at “idea”: 0.875 → 0.250.");
  const widths = all(nodes()[1] as HTMLElement, ".aw-odds-bar").map(({ style }) => style.width);
  expect(widths).toEqual(["62.5%", "12.5%"]);
});

it("shows the layers of the pass with edits beside those without", async () => {
  const edit = { edit: "head_off", kind: "encoder", layer: 0, heads: [1], tokens: null } as const;
  const edits = [{ ...edit, heads: [1], value: "zero" as const }];
  await show({ token: 1, edits, shown_pass: "after" });
  const lens = one<HTMLDetailsElement>(element, ".aw-lens");
  lens.open = true;
  lens.dispatchEvent(new Event("toggle"));
  const [before, after] = model.asked.filter(({ question }) => question.name === "lens");
  expect(before?.question).toEqual({ name: "lens", position: 1 });
  expect(after?.question).toEqual({ name: "lens", position: 1, edits });
  const plain = { position: 1, answer: "good", best: ["b", "good"] };
  before?.resolve({ ...plain, probabilities: [0.25, 0.625], ranks: [3, 1] } as never);
  await settled();
  expect(lens.querySelectorAll(".aw-lens-rank").length).toBe(1);
  after?.resolve({
    ...plain,
    best: ["b", "end"],
    probabilities: [0.2, 0.125],
    ranks: [9, 2],
  } as never);
  await settled();
  const words = [...lens.querySelectorAll(".aw-lens-words")].map((each) => each.textContent);
  expect(words[0]).toBe("“good” in the last layer: 0.625 → 0.125.");
  expect(words[1]).toContain("down to 9.");
  expect(words[1]).toContain("Dashed: before the edits.");
  const lines = [...lens.querySelectorAll(".aw-lens-rank")].map((each) => each.classList.length);
  expect(lines).toEqual([2, 1]); // dashed, then solid
  const title = lens.querySelectorAll("title")[1]?.textContent;
  expect(title).toBe(
    "Layer 1: “good” has probability 0.625 → 0.125 and rank 1 → 2; most likely: “good” → “end”",
  );
});

it("shows the answer layer by layer once that is opened", async () => {
  await show({ token: 1 });
  const lens = one<HTMLDetailsElement>(element, ".aw-lens");
  expect(model.asked.map(({ question }) => question.name)).not.toContain("lens");
  lens.open = true;
  lens.dispatchEvent(new Event("toggle"));
  expect(model.open("lens").question).toEqual({ name: "lens", position: 1 });
  model.open("lens").resolve({
    position: 1,
    answer: "good",
    best: ["<b>", "good", "end", "good", "good"],
    probabilities: [0.001, 0.5, 0.25, 0.5, 0.625],
    ranks: [2000, 1, 2, 1, 1],
  } as never);
  await settled();
  const words = all(lens, ".aw-lens-words").map(({ textContent }) => textContent);
  expect(words[0]).toBe("“good” is the most likely token from layer 3 on.");
  expect(words[1]).toContain("scale down to 2,000");
  const titles = all<SVGElement>(lens, "title").map(({ textContent }) => textContent);
  expect(titles[0]).toBe(
    "Layer 0: “good” has probability 0.001 and rank 2,000; most likely: “<b>”",
  );
  expect(titles).toHaveLength(5);
  const heights = all<SVGElement>(lens, "g > rect:last-child").map((bar) =>
    Number(bar.getAttribute("height")),
  );
  expect(heights[4]).toBe(0.625 * 64);
  widget.state.token.value = 0;
  expect(model.open("lens").question).toEqual({ name: "lens", position: 0 });
});
