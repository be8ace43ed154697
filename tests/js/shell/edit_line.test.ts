/** A pass without the selected heads or edge: made by a button, told in words, and taken back. */

import { afterEach, beforeEach, expect, it } from "vitest";
import { type EditLine, editLine } from "../../../js/shell/edit_line";
import type { State } from "../../../js/trace/contract";
import type { Edit } from "../../../js/trace/edits";
import { type Compared, comparedOf } from "../../../js/trace/questions";
import { settled } from "../helpers/host";
import { HandModel } from "../helpers/model";
import { openPage } from "../helpers/page";
import { compared } from "../helpers/predicted";
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
let edits: EditLine;

beforeEach(() => {
  openPage();
});
afterEach(() => widget.controller.abort());

function show(change: Partial<State> = {}): void {
  widget = connected({ meta: META, layer: 1, heads: [2], ...change });
  model = new HandModel();
  edits = editLine(widget.state, model, widget.controller.signal);
  line = edits.element;
  document.body.replaceChildren(line);
}

/** What is there to read and to press, without what the menu holds. */
const shown = () =>
  [...line.querySelectorAll<HTMLElement>("span, button")].flatMap((node) => {
    const isLeaf = node.matches("button") || !node.querySelector("button");
    const isThere = isLeaf && !node.closest("[hidden], [popover]");
    return isThere && node.textContent ? [node.textContent] : [];
  });

function press(words: string): void {
  const found = [...line.querySelectorAll("button")].find((each) => each.textContent === words);
  if (!found || found.closest("[hidden]")) throw new Error(`no button ${words}`);
  found.click();
}

/** Python sees that the model can be run with them, and says what comes of it here. */
async function made(answer: Edit[], first: Compared): Promise<void> {
  model.open("edited").resolve({ edits: answer } as never);
  await settled();
  model.open("compared").resolve(first as never);
  await settled();
}

const KEPT = [[0.5], [0.125], [0.25], [0.0625]];

it("leaves out the head that is shown, says what came of it, and takes it back", async () => {
  show();
  expect(shown()).toEqual(["without head 1.2"]);
  press("without head 1.2");
  expect(shown()).toEqual(["running …"]);
  expect(model.open("edited").question).toEqual({ name: "edited", edits: [OFF] });
  model.open("edited").resolve({ edits: [OFF] } as never);
  await settled();
  const { state } = widget;
  expect(shown()).toEqual(["running …"]); // no view asks for a tensor before the effect is known
  expect([state.edits.value, state.shown_pass.value]).toEqual([[], "before"]);
  const last = compared(KEPT.slice(3), [3]);
  expect(model.open("compared").question).toEqual(comparedOf([OFF], [-1]));
  model.put(comparedOf([OFF], [-1]), last);
  model.open("compared").resolve(last as never);
  await settled();
  expect([state.edits.value, state.shown_pass.value]).toEqual([[OFF], "after"]);
  expect(state.pass.value).toBe(JSON.stringify([OFF]));
  const words = ["before", "after", "difference", "undo", "another way"];
  expect(shown()).toEqual(["Without head 2 of layer 1: “.” 0.875 → 0.063", ...words]);
  expect(edits.told.value).toBe(
    "Without head 2 of layer 1: the probability of “.” at “idea” goes from 0.875 to 0.063.",
  );

  expect(model.open("compared").question).toEqual(comparedOf([OFF])); // then everywhere
  state.token.value = 1;
  expect(shown()[0]).toBe("Without head 2 of layer 1"); // until that is known
  model.open("compared").resolve(compared(KEPT.slice(1, 2), [1]) as never); // of this token
  await settled();
  expect(shown()[0]).toBe("Without head 2 of layer 1: “good” 0.625 → 0.125");
  const whole = model.asked.find(
    ({ question: { name, ...rest } }) => name === "compared" && !("positions" in rest),
  );
  whole?.resolve(compared(KEPT) as never);
  await settled();
  state.token.value = 2;
  expect(shown()[0]).toBe("Without head 2 of layer 1: “end” 0.750 → 0.250");

  press("before");
  expect([state.shown_pass.value, state.pass.value]).toEqual(["before", null]);
  expect(state.edits.value).toEqual([OFF]);
  press("undo");
  expect([state.edits.value, state.shown_pass.value]).toEqual([[], "before"]);
  expect(edits.told.value).toBe("All is put back: the model as it is.");
  state.token.value = null;
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

it("blocks all attention to a word that is selected, which stays in the text", async () => {
  show({ token: 2 });
  const words = "no token may see “novel”";
  expect(shown()).toEqual(["without head 1.2", words]);
  press(words);
  const all = { layer: null, heads: null, query: null };
  const edge: Edit = { edit: "edge_off", kind: "encoder", ...all, key: [2] };
  expect(model.open("edited").question).toEqual({ name: "edited", edits: [edge] });
  await made([edge], compared(KEPT.slice(2, 3), [2]));
  expect(shown()[0]).toContain("No token may see “novel”");
  expect(shown()).not.toContain(words);
  widget.state.token.value = null;
  widget.state.key_token.value = 0;
  expect(shown()).toContain("no token may see “a”");
});

it("changes a head in another way, in place of what was made of it", async () => {
  show({ edits: [OFF], shown_pass: "after" });
  const choose = (how: string) => (line.querySelector(`[data-how=${how}]`) as HTMLElement).click();
  choose("half");
  const { value: _, ...place } = OFF as Extract<Edit, { edit: "head_off" }>;
  const half: Edit = { ...place, edit: "head_scale", factor: 0.5 };
  expect(model.open("edited").question).toEqual({ name: "edited", edits: [half] });
  await made([half], compared(KEPT.slice(3), [3]));
  expect(shown()[0]).toContain("Head 2 of layer 1 × 0.5");
  choose("mean");
  const mean: Edit = { ...place, edit: "head_off", value: "mean" };
  expect(model.open("edited").question).toEqual({ name: "edited", edits: [mean] });
});

it("adds to what is left out already, and offers nothing twice", () => {
  show({ edits: [OFF], shown_pass: "after" });
  expect(shown()).toEqual([
    ...["Without head 2 of layer 1", "before", "after", "difference", "undo", "another way"],
  ]);
  widget.state.heads.value = [0, 1];
  press("without these heads");
  expect(model.open("edited").question).toEqual({
    name: "edited",
    edits: [OFF, { ...OFF, heads: [0, 1] }],
  });
});

it("shows the pass of a model that predicts nothing, without an effect", async () => {
  show();
  press("without head 1.2");
  model.open("edited").resolve({ edits: [OFF] } as never);
  await settled();
  model.open("compared").reject(new Error("model must have an output head"));
  await settled();
  expect(widget.state.shown_pass.value).toBe("after");
  expect(shown()[0]).toBe("Without head 2 of layer 1");
  expect(edits.told.value).toBe("");
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
  model.hasAfter.value = false;
  expect(line.hidden).toBe(true);
  widget.state.edits.value = [OFF];
  expect(shown()).toEqual(["Without head 2 of layer 1"]);
});

it("takes values from another text, and says beside it why that cannot be", async () => {
  show({ text: "a small novel idea" });
  const form = line.querySelector("form") as HTMLFormElement;
  const input = form.querySelector("input") as HTMLInputElement;
  const submit = () => form.dispatchEvent(new Event("submit", { cancelable: true }));
  expect(input.value).toBe("a small novel idea");
  input.value = " a <b>good</b> novel idea ";
  submit();
  const source = "a <b>good</b> novel idea";
  const { value: _, ...place } = OFF as Extract<Edit, { edit: "head_off" }>;
  const { edit: __, ...rest } = place;
  const patch: Edit = { edit: "head_patch", ...rest, source, source_tokens: null };
  expect(model.open("edited").question).toEqual({ name: "edited", edits: [patch] });
  model.open("edited").reject(new Error("the other text must have as many tokens, 4, got 7"));
  await settled();
  expect(form.textContent).toContain("as many tokens, 4, got 7");
  expect(input.getAttribute("aria-invalid")).toBe("true");
  expect(shown()).toEqual(["without head 1.2"]);
  submit();
  await made([patch], compared(KEPT.slice(3), [3]));
  expect(shown()[0]).toBe(`Head 2 of layer 1 with its values from “${source}”`);
  expect(line.querySelector("b")).toBeNull();
  widget.state.heads.value = [0];
  expect(shown()).toContain(`head 1.0 from “${source}”`);
  widget.host.receive({ meta: { ...META, run: 2, read_only: "chat" } });
  expect(shown()).toContain("without head 1.0");
  expect(form.hidden).toBe(true);
});
