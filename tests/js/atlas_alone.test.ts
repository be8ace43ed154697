/** An atlas without a model: the same view in a widget of its own. */

import { expect, it } from "vitest";
import type { Archive } from "../../js/saved/archive";
import { atlasOf } from "../../js/saved/atlas_archive";
import { atlasHeadOf } from "../../js/trace/atlas";
import type { State } from "../../js/trace/contract";
import { el, host, open, page } from "./helpers/cell";
import { all, one, press } from "./helpers/page";
import { attentionOf, layerOf, metaOf } from "./helpers/state";

const bare = () => ({ ...layerOf(3), n_kv_heads: null, dim: null, has_values: false, masks: [] });
const META = metaOf([], {
  read_only: "atlas",
  has_hidden_states: false,
  has_word_embeddings: false,
  attention: attentionOf([bare(), bare()]),
});

async function show(change: Partial<State> = {}): Promise<void> {
  await open({ text: "", meta: META, views: ["atlas"], heads: [1], ...change });
  await page.frames();
}

const title = () => one(el, ".aw-atlas-title").textContent;
const why = () => one(el, ".aw-atlas-why");

it("shows the view, the model's name, and nothing of a text", async () => {
  await show();
  expect(one(el, ".attention-widget").getAttribute("aria-label")).toBe("Atlas of heads");
  expect(one(el, ".aw-model").textContent).toBe("tiny · 6 heads");
  expect(all(el, ".aw-view").map(({ className }) => className)).toEqual([
    expect.stringContaining("aw-view-atlas"),
  ]);
  expect(title()).toContain("layer 0, head 1");
  expect(all(el, "textarea, .aw-chip, .aw-layer, .aw-measure, .aw-edit-line")).toEqual([]);
  expect(el.querySelector('[data-option="special_tokens"], [data-option="words"]')).toBeNull();
  expect(host.keys).toEqual([]); // no tensor of a pass that there is not
  expect(one(el, ".aw-live").textContent).not.toContain("token");
});

it("says of the examples what takes the model, and offers nothing that does not work", async () => {
  await show();
  expect(why().hidden).toBe(false);
  expect(why().textContent).toContain("give the model in Python: atlas.show(model)");
  expect(all(el, "[data-example]")).toHaveLength(1);
  expect(el.querySelector("button.aw-atlas-example")).toBeNull();
  const dead = all<HTMLButtonElement>(el, "button").filter(
    (each) => each.disabled && !each.hidden && !each.closest("[hidden]"),
  );
  expect(dead).toEqual([]);
  for (const name of ["earlier", "later", "close"]) {
    expect(one(el, `[data-action=${name}]`).hidden).toBe(true);
  }
  expect(one(el, ".aw-explanation").textContent).not.toContain("every view");
});

it("is steered by keys, and lists those that do something", async () => {
  await show();
  press(one(el, ".aw-atlas-scatter"), "h");
  expect(host.state.heads).toEqual([2]);
  press(one(el, ".aw-atlas-scatter"), "l");
  expect(host.state.layer).toBe(1);
  await page.frames();
  expect(title()).toContain("layer 1, head 2");
  const sent = host.sent.length;
  for (const key of ["n", "x"])
    expect(press(one(el, ".aw-view"), key).defaultPrevented).toBe(false);
  expect(host.sent).toHaveLength(sent);
  press(one(el, ".aw-view"), "?");
  const dialog = one<HTMLDialogElement>(el, "dialog");
  expect(dialog.open).toBe(true);
  const listed = all(dialog, "dt").map(({ textContent }) => textContent);
  expect(listed).toEqual([
    ...["?", "hH", "lL", "f", "Tab", "Esc"],
    ...["←→↑↓", "HomeEnd", "EnterSpace", "+-", "0"],
  ]);
});

it("is said in the reader's language", async () => {
  await show();
  for (const [locale, words] of [
    ["vi", "atlas.show(model)"],
    ["ru", "передайте модель в Python: atlas.show(model)"],
  ] as const) {
    host.receive({ locale });
    await page.frames();
    expect(why().textContent).toContain(words);
    expect(one(el, ".attention-widget").lang).toBe(locale);
  }
  host.receive({ locale: "en", meta: { ...META, attention: attentionOf([bare()]) } });
  await page.frames();
  expect(one(el, ".aw-model").textContent).toBe("tiny · 3 heads");
});

it("names a layer whose examples had no room in the page", async () => {
  await show();
  const archive = { manifest: { atlas: { overview: 0, texts: 1, layers: {} } } } as unknown;
  const told = atlasOf(archive as Archive, (layer) => new Error(`layer ${layer}`));
  await expect(told(atlasHeadOf("encoder", 4, 0))).rejects.toThrow("layer 4");
});

it("takes a model's name for a text", async () => {
  await show({ meta: { ...META, model_name: "<b>mine</b>" } });
  expect(el.querySelector(".aw-model b")).toBeNull();
  expect(one(el, ".aw-model-name").textContent).toBe("<b>mine</b>");
});
