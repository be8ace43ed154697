/** A pass without the selected heads or edge: made by a button, told in words, and taken back. */

import { afterEach, beforeEach, expect, it } from "vitest";
import { editLine } from "../../../js/shell/edit_line";
import type { State } from "../../../js/trace/contract";
import type { Edit } from "../../../js/trace/edits";
import { comparedOf, PREDICTIONS } from "../../../js/trace/questions";
import { settled } from "../helpers/host";
import { HandModel } from "../helpers/model";
import { openPage } from "../helpers/page";
import { predicted } from "../helpers/predicted";
import { attentionOf, type Connected, connected, layerOf, metaOf, token } from "../helpers/state";

const WORDS = ["a", "small", "novel", "idea"].map((text) => token(text));
const META = metaOf(WORDS, { attention: attentionOf([layerOf(3), layerOf(3)]) });
const OFF: Edit = {
  edit: "head_off",
  kind: "encoder",
  layer: 1,
  heads: [2],
  tokens: null,
  value: "zero",
};

let widget: Connected;
let model: HandModel;
let line: HTMLElement;

beforeEach(() => {
  openPage();
});
afterEach(() => widget.controller.abort());

function show(change: Partial<State> = {}): void {
  widget = connected({ meta: META, layer: 1, heads: [2], ...change });
  model = new HandModel();
  line = editLine(widget.state, model, widget.controller.signal);
  document.body.replaceChildren(line);
}

const shown = () =>
  [...line.children].flatMap((each) => {
    const node = each as HTMLElement;
    return node.hidden || !node.textContent ? [] : [node.textContent];
  });

function press(words: string): void {
  const found = [...line.querySelectorAll("button")].find((each) => each.textContent === words);
  if (!found || found.hidden) throw new Error(`no button ${words}`);
  found.click();
}

it("leaves out the head that is shown, says what came of it, and takes it back", async () => {
  show();
  expect(shown()).toEqual(["without head 1.2"]);
  press("without head 1.2");
  expect(shown()).toEqual(["running …"]);
  expect(model.open("edited").question).toEqual({ name: "edited", edits: [OFF] });
  model.open("edited").resolve({ edits: [OFF] } as never);
  await settled();
  const { state } = widget;
  expect([state.edits.value, state.shown_pass.value]).toEqual([[OFF], "after"]);
  expect(state.pass.value).toBe(JSON.stringify([OFF]));
  expect(shown()).toEqual(["Without head 2 of layer 1", "before", "after", "difference", "undo"]);

  expect(model.open("predictions").question).toEqual(PREDICTIONS);
  expect(model.open("compared").question).toEqual(comparedOf([OFF]));
  model.open("predictions").resolve(predicted() as never);
  const kept = [
    [0.5, 0, 0],
    [0.125, 0, 0],
    [0.25, 0, 0],
    [0.0625, 0, 0],
  ];
  model.open("compared").resolve({ ...predicted(), kept } as never);
  await settled();
  expect(shown()[0]).toBe("Without head 2 of layer 1: “.” 0.875 → 0.063"); // the last token
  state.token.value = 1;
  expect(shown()[0]).toBe("Without head 2 of layer 1: “good” 0.625 → 0.125");

  press("before");
  expect([state.shown_pass.value, state.pass.value]).toEqual(["before", null]);
  expect(state.edits.value).toEqual([OFF]);
  press("undo");
  expect([state.edits.value, state.shown_pass.value]).toEqual([[], "before"]);
  expect(shown()).toEqual(["without head 1.2"]);
});

it("leaves out the edge between two words that are selected", () => {
  show({ token: 3, key_token: 1 });
  expect(shown()).toEqual(["without this edge"]);
  press("without this edge");
  expect(model.open("edited").question).toEqual({
    name: "edited",
    edits: [{ edit: "edge_off", kind: "encoder", layer: 1, heads: [2], query: [3], key: [1] }],
  });
});

it("adds to what is left out already, and offers nothing twice", () => {
  show({ edits: [OFF], shown_pass: "after" });
  expect(shown()).toEqual(["Without head 2 of layer 1", "before", "after", "difference", "undo"]);
  widget.state.heads.value = [0, 1];
  press("without these heads");
  expect(model.open("edited").question).toEqual({
    name: "edited",
    edits: [OFF, { ...OFF, heads: [0, 1] }],
  });
});

it("says why it cannot be done, and nothing changes", async () => {
  show();
  press("without head 1.2");
  model.open("edited").reject(new Error("<b>cannot</b> be run with its attention changed"));
  await settled();
  expect(shown()).toEqual(["without head 1.2", "<b>cannot</b> be run with its attention changed"]);
  expect(line.querySelector("b")).toBeNull();
  expect(widget.state.edits.value).toEqual([]);
});

it("offers nothing where there is no model to ask, and keeps what was found", () => {
  show();
  model.asks.value = false;
  expect(line.hidden).toBe(true);
  widget.state.edits.value = [OFF];
  expect(shown()).toEqual(["Without head 2 of layer 1"]);
});
