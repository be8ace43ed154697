/** The view of an atlas: pictures, card, examples, filter, and what a click does. */

import { expect, it } from "vitest";
import { atlasTold } from "../../../../js/tensors/atlas_told";
import { ATLAS, type AtlasExample, atlasHeadOf } from "../../../../js/trace/atlas";
import type { State } from "../../../../js/trace/contract";
import { Refusal } from "../../../../js/transport/kernel";
import { atlas } from "../../../../js/views/atlas";
import { example, headOf, NOTHING, overview } from "../../helpers/atlases";
import { settled } from "../../helpers/host";
import { element, model, mount, mountsViews, page, widget } from "../../helpers/mounted";
import { all, one, press } from "../../helpers/page";
import { metaOf, token } from "../../helpers/state";

mountsViews();

const OF_EXAMPLE = [101, 1, 2, 3, 4, 5, 102];
const tokensOf = (ids: readonly number[]) => ids.map((id) => token(`t${id}`, { id }));

async function show(change: Partial<State> = {}, told = overview()): Promise<void> {
  await mount("atlas", atlas, { heads: [1], ...change });
  model.open("atlas").resolve(told as never);
  await settled();
  await page.frames();
}

async function answerHead(...examples: AtlasExample[]): Promise<void> {
  model.open("atlas_head").resolve(headOf(...examples) as never);
  await settled();
  await page.frames();
}

const note = () => one(element, ".aw-note").textContent;
const title = () => one(element, ".aw-atlas-title").textContent;
const control = (name: string) => one<HTMLSelectElement>(element, `[data-option=${name}] select`);
const rowTexts = () =>
  all(element, ".aw-atlas-summaries > li").map((row) =>
    [".aw-order", ".aw-atlas-value", ".aw-atlas-place"].map((part) => one(row, part).textContent),
  );
const choose = async (name: string, value: string) => {
  const list = control(name);
  list.value = value;
  list.dispatchEvent(new Event("change"));
  await page.frames();
};

it("says what it is of, and that it is exact", async () => {
  await show();
  expect(note()).toBe(
    "6 heads over 21 texts (1,234 tokens). 1 head has no place in the scatter: one of its two " +
      "numbers is not known. Exact: means over all queries of the corpus; the weights of examples " +
      "are the model’s own. Entropy in nats, distance in tokens, its variance in tokens², the " +
      "others as shares of the attention.",
  );
});

it("shows the head of the views on a card, with every summary among all heads", async () => {
  await show();
  expect(title()).toBe("layer 0, head 1: attends to the previous token (0.90)");
  expect(rowTexts()).toEqual([
    ["entropy", "0.25", "6 of 6"],
    ["previous token", "0.900", "1 of 6"],
    ["induction", "0.020", "4 of 5"],
    ["<b>mine</b>", "0", "5 of 6"], // a name is a text
  ]);
  expect(element.querySelector("b")).toBeNull();
  widget.state.layer.value = 1;
  widget.state.heads.value = [2];
  await page.frames();
  expect(title()).toBe("layer 1, head 2");
  expect(rowTexts()[2]).toEqual(["induction", "–", ""]);
  const mark = one(element, "[data-summary=induction] .aw-atlas-mark");
  expect(mark.hidden).toBe(true);
  const at = one(element, "[data-summary=previous] .aw-atlas-mark").style.left;
  expect(Number.parseFloat(at)).toBeCloseTo((100 * (0.15 - 0.05)) / (0.9 - 0.05), 6);
});

it("has options for its colour, its scatter, its order and its label", async () => {
  await show();
  expect(control("atlas_summary").value).toBe("entropy");
  expect([control("atlas_across").value, control("atlas_up").value]).toEqual([
    ...["previous", "induction"],
  ]);
  await choose("atlas_summary", "induction");
  expect(widget.host.get("atlas_summary")).toBe("induction");
  expect(one(element, ".aw-legend").textContent).toContain("induction");
  await choose("atlas_across", "<b>mine</b>");
  expect(widget.host.get("atlas_across")).toBe("<b>mine</b>");
  one<HTMLButtonElement>(element, "[data-option=atlas_sort]").click();
  expect(widget.host.get("atlas_sort")).toBe(true);
  one<HTMLButtonElement>(element, "[data-summary=previous] .aw-order").click();
  expect(widget.host.get("atlas_summary")).toBe("previous");
  expect(one(element, "[data-summary=previous] .aw-order").getAttribute("aria-pressed")).toBe(
    "true",
  );
});

it("shows heads of one label, and says how many", async () => {
  await show();
  const used = [...control("atlas_label").options].filter(({ disabled }) => !disabled);
  expect(used.map(({ value }) => value)).toEqual(["all", "previous", "induction"]);
  await choose("atlas_label", "induction");
  expect(widget.host.get("atlas_label")).toBe("induction");
  expect(note()).toContain("1 of 6 heads called “induction” over");
  const dots = JSON.parse(one(element, ".aw-atlas-scatter").dataset.dots ?? "[]");
  expect(dots.map(([layer, head]: number[]) => `${layer}.${head}`)).toEqual(["1.0"]);
});

it("follows a name that Python sets, and takes another for one it does not have", async () => {
  await show({ atlas_summary: "induction", atlas_up: "not there" });
  expect(control("atlas_summary").value).toBe("induction");
  expect(control("atlas_up").value).toBe("induction");
  widget.host.receive({ atlas_summary: "previous" });
  await page.frames();
  expect(control("atlas_summary").value).toBe("previous");
});

it("walks in the scatter by keys, tells the head, and selects it", async () => {
  await show();
  const plot = one(element, ".aw-atlas-scatter");
  plot.focus();
  press(plot, "Home");
  expect(atlasTold(widget.state).value).toContain("layer 1, head 1");
  press(plot, "ArrowRight");
  expect(atlasTold(widget.state).value).toContain("layer 0, head 0 · previous token 0.100");
  press(plot, "Enter");
  expect([widget.host.get("layer"), widget.host.get("heads")]).toEqual([0, [0]]);
});

it("walks in the plane by keys, and selects a head", async () => {
  await show();
  const plane = one(element, ".aw-heat-map");
  plane.focus();
  press(plane, "ArrowDown"); // to the selected head
  press(plane, "ArrowDown");
  press(plane, "ArrowRight");
  expect(atlasTold(widget.state).value).toBe("layer 1, head 2 · entropy 3.00");
  press(plane, "Enter");
  expect([widget.host.get("layer"), widget.host.get("heads")]).toEqual([1, [2]]);
});

it("shows examples as text, with the query, the key and the weights", async () => {
  await show();
  expect(model.open("atlas_head").question).toEqual(atlasHeadOf("encoder", 0, 1));
  await answerHead(example(), example({ rank: 10, number: 3, weight: 0.5 }));
  const [first, second] = all(element, "[data-example]");
  expect(first?.textContent).toContain("0.625 idea → nov");
  expect(first?.textContent).toContain("text 7");
  expect(one(first as HTMLElement, ".aw-atlas-tokens").textContent).toBe(
    "[CLS] a novel <i> idea [SEP]",
  );
  expect(one(first as HTMLElement, "[data-as=query]").textContent).toBe("idea");
  expect(one(first as HTMLElement, "[data-as=key]").textContent).toBe("nov");
  expect(second?.closest("ol")?.getAttribute("aria-label")).toContain("tenth");
  expect(element.querySelector(".aw-atlas-card i")).toBeNull();
});

it("opens an example in all views: its text, head, query and key", async () => {
  await show();
  await answerHead(example());
  model.reading = () => {
    const meta = metaOf(tokensOf(OF_EXAMPLE), { run: 2 });
    widget.host.receive({ meta, text: "a novel <i>idea</i>", token: 3 });
  };
  one<HTMLButtonElement>(element, "button.aw-atlas-example").click();
  await settled();
  await page.frames();
  expect(model.read_).toEqual([{ text: "a novel <i>idea</i>", text_pair: null }]);
  const chosen = ["layer", "heads", "token", "key_token"] as const;
  expect(chosen.map((name) => widget.host.get(name))).toEqual([0, [1], 5, 2]);
  expect(one(element, "[data-open] [aria-current]").textContent).toContain("0.625");
  expect(atlasTold(widget.state).value).toBe("Text 7 of the corpus is shown.");
  one<HTMLButtonElement>(element, "button.aw-atlas-example").click();
  expect(model.read_).toHaveLength(1); // it is there already
});

it("selects nothing in a text that the model reads otherwise, and says so", async () => {
  await show({ token: null });
  await answerHead(example());
  model.reading = () => widget.host.receive({ meta: metaOf(tokensOf([101, 1, 102]), { run: 2 }) });
  one<HTMLButtonElement>(element, "button.aw-atlas-example").click();
  await settled();
  await page.frames();
  expect(widget.host.get("token")).toBeNull();
  expect(one(element, ".aw-warning").textContent).toContain("3 tokens, not 7");
});

it("says why a text was not read", async () => {
  await show();
  await answerHead(example());
  model.reading = () => {
    throw new Error("too long");
  };
  one<HTMLButtonElement>(element, "button.aw-atlas-example").click();
  await settled();
  await page.frames();
  expect(one(element, ".aw-error").textContent).toBe("too long");
});

it("opens nothing without a model, and says why", async () => {
  await show({ meta: metaOf("a b", { read_only: "trace" }) });
  model.asks.value = false;
  await answerHead(example());
  expect(element.querySelector("button.aw-atlas-example")).toBeNull();
  expect(one(element, ".aw-atlas-why").textContent).toContain("there is no model");
  expect(all(element, "[data-example]")).toHaveLength(1);
});

it("opens nothing of token ids", async () => {
  await show();
  await answerHead(example({ text: "" }));
  expect(element.querySelector("button.aw-atlas-example")).toBeNull();
});

it("says that there is no atlas, or why it has none to show", async () => {
  await show({}, NOTHING);
  expect(note()).toContain("No atlas was given.");
  expect(one(element, ".aw-atlas-card").hidden).toBe(true);
  await mount("atlas", atlas, {});
  model.open("atlas").reject(new Refusal("Not included in this export.", null, true));
  await settled();
  await page.frames();
  expect(note()).toBe("Not included in this export.");
});

it("says that a page carries no examples of a head", async () => {
  await show();
  await answerHead();
  expect(one(element, ".aw-atlas-why").textContent).toBe(
    "There are no examples of this head here.",
  );
});

it("keeps what it shows while another text is read", async () => {
  await show();
  await answerHead(example());
  widget.host.receive({ meta: metaOf("another text", { run: 2 }) });
  await page.frames();
  expect(title()).toContain("layer 0, head 1");
  expect(all(element, "[data-example]")).toHaveLength(1);
  expect(note()).toContain("6 heads");
  expect(model.open("atlas").question).toEqual(ATLAS);
});

it("takes summaries that tell heads apart where none is chosen", async () => {
  const values = [[0, 0, 0, 0, 0, 0], [0.1, 0.9, 0.2, 0.3, 0.05, 0.15], new Array(6).fill("NaN")];
  await show({}, overview({ names: ["sink", "previous", "induction"], values }));
  const chosen = ["atlas_summary", "atlas_across", "atlas_up"].map((name) => control(name).value);
  expect(chosen).toEqual(["previous", "previous", "previous"]);
  expect(rowTexts().map(([name]) => name)).toEqual(["previous token"]);
  widget.host.receive({ atlas_up: "induction" });
  await page.frames();
  expect(note()).toContain("6 heads have no place in the scatter");
});
