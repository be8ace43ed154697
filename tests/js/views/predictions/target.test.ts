/** Another word of what a decoder reads, beside the same text. */

import { expect, it } from "vitest";
import type { State } from "../../../../js/trace/contract";
import type { Predictions } from "../../../../js/trace/questions";
import { predictions } from "../../../../js/views/predictions";
import { settled } from "../../helpers/host";
import { element, model, mount, mountsViews, page, widget } from "../../helpers/mounted";
import { all, one } from "../../helpers/page";
import { predicted } from "../../helpers/predicted";
import { attentionOf, layerOf, metaOf, token } from "../../helpers/state";

const MASK = 77;
const written = ["a", "small", "novel", "idea"].map((text, id) => ({
  ...token(text),
  id,
  segment: 0,
  start: 2 * id,
  end: 2 * id + 1,
}));

mountsViews();

async function show(change: Partial<State>, answer: Predictions) {
  await mount("predictions", predictions, { text: "a small novel idea", ...change });
  await answered(answer);
}

async function answered(answer: Predictions) {
  model.open("predictions").resolve(answer as never);
  await settled();
  await page.frames();
}

function button(words: string): HTMLButtonElement {
  const buttons = all<HTMLButtonElement>(element, ".aw-word-editor button");
  const found = buttons.find(({ textContent }) => textContent === words);
  if (!found) throw new Error(`no button ${words}`);
  return found;
}

const DECODED = ["", "ein", "Buch"].map((text, at) => ({
  ...token(text || "<s>"),
  id: at,
  segment: at ? 0 : null,
  start: at ? 4 * (at - 1) : null,
}));
const LAYERS = [layerOf(3), layerOf(3)];
const translated = (given: string | null, replaceable = true, run = 1) =>
  metaOf(written, {
    run,
    attention: [...attentionOf(LAYERS), ...attentionOf(LAYERS, "cross")],
    target: {
      tokens: DECODED,
      has_hidden_states: true,
      has_word_embeddings: true,
      generated: false,
      given,
      replaceable,
    },
  });
const ofTarget = () => predicted({ positions: [0, 1, 2], mask_id: MASK });
const SOURCE = { text: "a small novel idea", text_pair: null };

it("replaces a word of the target beside the same text, and takes it back", async () => {
  const cross = { attention_kind: "cross", token: 2 } as const;
  await show({ ...cross, meta: translated("ein Buch") }, ofTarget());
  model.reading = ({ target }) =>
    widget.host.receive({
      meta: translated(target ?? null, true, widget.state.meta.peek().run + 1),
    });
  expect(one(element, ".aw-chosen-word").textContent).toBe("“Buch”");
  const input = one<HTMLInputElement>(element, ".aw-other-word");
  input.value = "Roman";
  input.form?.requestSubmit(); // as Enter does
  const asked = { name: "replaced", tokens: [2], of_target: true };
  expect(model.open("replaced").question).toEqual({ ...asked, by: "Roman" });
  model.open("replaced").resolve({ ...SOURCE, target: "ein Roman" } as never);
  await settled();
  expect(model.read_).toEqual([{ ...SOURCE, target: "ein Roman" }]);
  expect(button("Undo").hidden).toBe(false);
  expect(button("Undo").title).toBe("ein Buch");
  button("Undo").click();
  await settled();
  expect(model.read_.at(-1)).toEqual({ ...SOURCE, target: "ein Buch" });
  expect(button("Undo").hidden).toBe(true);
  await answered(ofTarget());
  button("Mask it").click();
  expect(model.open("replaced").question).toEqual(asked);
});

it("takes back a target that the model wrote: it writes it again", async () => {
  await show({ attention_kind: "cross", token: 1, meta: translated(null) }, ofTarget());
  model.reading = ({ target }) =>
    widget.host.receive({ meta: translated(target ?? null, true, 2) });
  one<HTMLInputElement>(element, ".aw-other-word").value = "kein";
  button("Replace").click();
  model.open("replaced").resolve({ ...SOURCE, target: "kein Buch" } as never);
  await settled();
  button("Undo").click();
  await settled();
  expect(model.read_.at(-1)).toEqual({ ...SOURCE, target: null });
});

it("replaces a word of the text beside the target, which stays", async () => {
  await show({ token: 1, meta: translated("ein Buch") }, ofTarget());
  expect(one(element, ".aw-chosen-word").textContent).toBe("“small”");
  button("Mask it").click();
  expect(model.open("replaced").question).toEqual({ name: "replaced", tokens: [1] });
});

it("says where a decoder reads the text itself", async () => {
  await show({ attention_kind: "cross", token: 1, meta: translated(null, false) }, ofTarget());
  expect(one(element, ".aw-replace").hidden).toBe(true);
  expect(one(element, ".aw-fixed-target").textContent).toContain("reads the text itself");
  widget.state.token.value = 0; // what it starts with is no word
  expect(one(element, ".aw-word-editor").hidden).toBe(true);
  widget.state.token.value = 1;
  model.reads.value = false;
  expect(one(element, ".aw-word-editor").hidden).toBe(true);
});
