/** The attribution: what wrote the logit, what heads do to it, and what wrote a score. */

import { afterEach, expect, it, vi } from "vitest";
import { REST_MS } from "../../../../js/tensors/answer";
import type { State } from "../../../../js/trace/contract";
import type { Attributed, Explained } from "../../../../js/trace/explained";
import { attribution } from "../../../../js/views/attribution";
import { attributed, explained, head } from "../../helpers/explained";
import { settled } from "../../helpers/host";
import { element, model, mount, mountsViews, page, widget } from "../../helpers/mounted";
import { all, one, press } from "../../helpers/page";
import { attentionOf, layerOf, metaOf, token } from "../../helpers/state";

const META = metaOf(
  ["a", "small", "novel", "idea"].map((text) => token(text)),
  { attention: attentionOf([layerOf(3), layerOf(3)]) },
);

mountsViews();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function show(change: Partial<State> = {}, answer: Attributed | null = attributed()) {
  await mount("attribution", attribution, { meta: META, token: 1, ...change });
  if (answer) await answered(answer);
}

async function answered(answer: Attributed) {
  model.open("attributed").resolve(answer as never);
  await settled();
  await page.frames();
}

/** A token that takes the place of another is asked about after a rest. */
const rested = () => new Promise((resolve) => setTimeout(resolve, REST_MS + 20));

async function scored(answer: Explained = explained()) {
  model.open("explained").resolve(answer as never);
  await settled();
  await page.frames();
}

const nodes = () =>
  all(element, ".aw-term-rows > [role=row]").sort(
    (a, b) => Number(a.dataset.token) - Number(b.dataset.token),
  );
const rows = () =>
  nodes().map((row) => all(row, "[role=gridcell]").map(({ textContent }) => textContent));
const foot = () => all(element, ".aw-logit .aw-part-words p").map((each) => each.textContent);
const note = () => one(element, ".aw-note").textContent;
const title = () => one(element, ".aw-logit > .aw-part-title").textContent;
const scroller = () => one(element, ".aw-terms .aw-scroll");
const score = () => one(element, ".aw-score");
const lists = () =>
  all(score(), ".aw-part-list").map((list) => ({
    title: one(list, "h5").textContent,
    parts: all(list, "li").map((part) =>
      all(part, ".aw-part-name, .aw-part-value").map(({ textContent }) => textContent),
    ),
  }));

it("has what wrote the logit before the heads are switched off", async () => {
  await show({}, null);
  expect(model.open("attributed").question).toEqual({
    name: "attributed",
    token: 1,
    kind: "encoder",
  });
  expect(note()).toBe("Waiting for the data …");
  const { told } = model.open("attributed");
  told?.({ done: 0, of: 3, partial: attributed({ effects: [] }) });
  await page.frames();
  expect(element.querySelector("[data-pending]")).toBeNull();
  expect(title()).toBe("Logit of “good” after “small”");
  expect(rows()).toEqual([
    ["MLP 1", "+4.000", ""],
    ["head 1.2", "+2.000", "…"],
    ["head 0.1", "−1.000", "…"],
    ["head 1.0", "−0.750", "…"],
    ["embeddings", "+0.125", ""],
    ["attention bias 1", "+0.063", ""],
    ["bias", "+0.063", ""],
  ]);
  expect(foot()).toEqual([
    "The terms sum to the logit 4.500, with the final norm frozen.",
    "Switching heads off: 0 of 3 …",
  ]);
  const [first] = attributed().effects;
  told?.({ done: 1, of: 3, partial: attributed({ effects: first ? [first] : [] }) });
  await page.frames();
  expect(rows().map(([, , change]) => change)).toEqual(["", "−2.500", "…", "…", "", "", ""]);
  await answered(attributed());
  expect(rows().map(([, , change]) => change)).toEqual([
    ...["", "−2.500", "−0.500", "+0.063"],
    ...["", "", ""],
  ]);
});

it("says which heads others stand in for", async () => {
  await show();
  const starred = all(element, ".aw-backed-up").map(({ textContent }) => textContent);
  expect(starred).toEqual(["−0.500", "+0.063"]);
  expect(foot()).toEqual([
    "The terms sum to the logit 4.500, with the final norm frozen. Each head is switched off by itself: it gives out zero, except at the first token, which is left alone.",
    "* Head 0.1 writes −1.000 straight into the logit, yet without it the logit is not higher but 0.500 lower: later parts of the model more than make up for it (a backup effect).",
  ]);
  widget.state.layer.value = 1; // with its head 0
  await page.frames();
  expect(foot()[1]).toBe(
    "* Head 1.0 writes −0.750 straight into the logit, yet without it the logit changes by only +0.063: later parts of the model make up for it (a backup effect).",
  );
  expect(nodes()[2]?.title).toContain("Head 0.1 writes −1.000");
  expect(nodes()[1]?.title).toBe("");
  const label = nodes()[1]?.getAttribute("aria-label");
  expect(label).toBe("head 1.2: straight into the logit +2.000, change without it −2.500");
  expect(note()).toBe(
    "Of all heads, head 1.2 writes most into the logit: +2.000. Without it the logit changes by −2.500.",
  );
});

it("draws a bar to each side of 0 on one scale", async () => {
  await show();
  const bars = nodes().map((row) => all(row, ".aw-signed-bar").map(({ style }) => style));
  const places = (row: number) => bars[row]?.map(({ left, width }) => [left, width]);
  // from −2.5 to 4
  expect(places(0)).toEqual([
    ["38.46%", "61.54%"],
    ["38.46%", "0%"],
  ]);
  expect(places(1)).toEqual([
    ["38.46%", "30.77%"],
    ["0%", "38.46%"],
  ]);
  const [first, second] = [bars[0]?.[0]?.background, bars[1]?.[1]?.background];
  expect(first).not.toBe(second);
  expect(bars[2]?.[0]?.background).toBe(second);
  const empty = all(nodes()[0] as HTMLElement, "[data-empty]");
  expect(empty).toHaveLength(1);
});

it("selects a head by click and by keyboard, and nothing by the row of an MLP", async () => {
  await show();
  nodes()[1]?.click();
  expect([widget.state.layer.value, widget.state.heads.value]).toEqual([1, [2]]);
  await page.frames();
  expect(nodes()[1]?.getAttribute("aria-selected")).toBe("true");
  nodes()[0]?.click();
  expect([widget.state.layer.value, widget.state.heads.value]).toEqual([1, [2]]);
  press(scroller(), "ArrowDown");
  press(scroller(), "ArrowDown");
  await page.frames();
  expect(nodes()[2]?.classList).toContain("aw-current");
  expect(scroller().getAttribute("aria-activedescendant")).toBe(nodes()[2]?.id);
  expect(widget.state.heads.value).toEqual([2]); // not before Enter
  expect(press(scroller(), "Enter").defaultPrevented).toBe(true);
  expect([widget.state.layer.value, widget.state.heads.value]).toEqual([0, [1]]);
  press(scroller(), "End");
  expect(press(scroller(), "Enter").defaultPrevented).toBe(false); // of no head
  press(scroller(), "Escape");
  expect(widget.state.token.value).toBeNull();
});

it("compares the prediction with another one", async () => {
  await show();
  const list = one<HTMLSelectElement>(element, ".aw-candidates");
  const names = [...list.options].map(({ textContent }) => textContent);
  expect(names).toEqual(["no other token", "novel", "<b>", "another token …"]);
  list.value = "9";
  list.dispatchEvent(new Event("change"));
  await rested();
  expect(model.open("attributed").question).toEqual({
    name: "attributed",
    token: 1,
    kind: "encoder",
    other: 9,
  });
  await answered(attributed({ other: 9, other_label: "<b>", logit: 1.5, sum: 1.5 }));
  expect(title()).toBe("Logit of “good” less that of “<b>”, after “small”");
  expect(foot()[0]).toContain("The terms sum to the difference of the logits, 1.500,");
  expect(foot()[1]).toContain("straight into the difference, yet without it the difference is not");
  expect(widget.state.compared_with.value).toBe(9);
  widget.state.token.value = 2; // where other tokens are likely
  await rested();
  expect(model.open("attributed").question).toEqual({
    name: "attributed",
    token: 2,
    kind: "encoder",
    other: 9,
  });
  await answered(attributed({ ids: [5, 6], labels: ["a", "b"], other: 9, other_label: "<b>" }));
  expect([...list.options].map(({ textContent }) => textContent)).toContain("<b>");
  expect(list.value).toBe("9");
  widget.state.token.value = 3; // where it is the likeliest itself
  await rested();
  await answered(attributed({ ids: [9, 6], labels: ["<b>", "b"] }));
  expect(title()).toBe("Logit of “<b>” after “small”");
});

it("asks of the token where one rests, and of none that one passed", async () => {
  await show();
  const before = model.asked.length;
  for (const token of [2, 3, 0]) widget.state.token.value = token;
  expect(model.asked.length).toBe(before);
  await rested();
  expect(model.asked.slice(before).map(({ question }) => question)).toEqual([
    { name: "attributed", token: 0, kind: "encoder" },
  ]);
  const { signal } = model.open("attributed");
  widget.state.token.value = 1;
  expect(signal.aborted).toBe(true); // at once
});

it("goes back from a comparison that fails, and offers none without a model", async () => {
  await show();
  const list = one<HTMLSelectElement>(element, ".aw-candidates");
  const field = list.closest(".aw-candidate-field") as HTMLElement;
  list.value = "9";
  list.dispatchEvent(new Event("change"));
  await rested();
  model.open("attributed").reject(new Error("out of memory"));
  await settled();
  await page.frames();
  expect(one(element, ":scope > [role=alert]").textContent).toBe("out of memory");
  expect([field.hidden, list.value]).toEqual([false, "9"]);
  list.value = "";
  list.dispatchEvent(new Event("change"));
  await rested();
  expect(model.open("attributed").question).not.toHaveProperty("other");
  await answered(attributed());
  expect(title()).toBe("Logit of “good” after “small”");
  model.asks.value = false;
  expect(field.hidden).toBe(true);
});

it("says what a soft cap makes of the sum", async () => {
  await show({}, attributed({ capped: true, sum: 5.25, leaves_first: false }));
  expect(foot()[0]).toBe(
    "The terms sum to 5.250, with the final norm frozen; the model’s soft cap makes 4.500 of it. Each head is switched off by itself: it gives out zero.",
  );
});

it("names the kind where several write", async () => {
  const cross = { ...head(1, 0, 1), kind: "cross" as const };
  await show({}, attributed({ terms: [cross, head(0, 1, 0.5)], effects: [] }));
  expect(rows().map(([name]) => name)).toEqual(["head 1.0 (cross)", "head 0.1 (encoder)"]);
});

it("says why the model cannot be split, in the words of the error", async () => {
  await show({ key_token: 0 }, null);
  model.open("attributed").reject(new Error("<b>has no output head</b>"));
  model.open("explained").reject(new Error("<b>a norm after the sum</b>"));
  await settled();
  await page.frames();
  const alert = one(element, ":scope > [role=alert]");
  expect(alert.textContent).toBe("<b>has no output head</b>");
  expect(one(element, ".aw-logit").hidden).toBe(true);
  expect(one(score(), ".aw-part-words").textContent).toBe("<b>a norm after the sum</b>");
  expect(lists()).toEqual([]);
});

it("says what to select to see why a head attends there", async () => {
  await show();
  const words = one(score(), ".aw-part-words").textContent;
  expect(words).toBe(
    "Select a query token, a key token and a head to see what makes the head attend there.",
  );
  expect(model.asked.map(({ question }) => question.name)).not.toContain("explained");
});

it("splits the score of the selected query and key", async () => {
  await show({ key_token: 0, layer: 1, heads: [2] });
  expect(model.open("explained").question).toEqual({
    name: "explained",
    layer: 1,
    head: 2,
    query: 1,
    key: 0,
    kind: "encoder",
  });
  await scored();
  expect(one(score(), ".aw-part-title").textContent).toBe(
    "Why head 1.2 attends from “small” to “a”",
  );
  expect(lists()).toEqual([
    {
      title: "Written at the query “small”",
      parts: [
        ["MLP 0", "+1.500"],
        ["head 0.1", "−0.250"],
        ["3 others", "+0.750"],
      ],
    },
    {
      title: "Written at the key “a”",
      parts: [
        ["embeddings", "+0.125"],
        ["head 0.0", "+1.750"],
        ["1 other", "+0.125"],
      ],
    },
    {
      title: "Strongest pairs: at the query × at the key",
      parts: [
        ["MLP 0 × head 0.0", "+1.250"],
        ["24 others", "+0.750"],
      ],
    },
  ]);
  const words = () => one(score(), ".aw-part-words").textContent;
  expect(words()).toBe(
    "Each side, and all pairs, sum to the score 2.000, which is q·k 8.000 × scale 0.250. The norm before the attention is frozen. The softmax over all keys makes it the weight 0.625 of these two tokens.",
  );
  widget.state.key_token.value = 2;
  await rested();
  await scored(explained({ entered: "-Infinity", weight: 0 }));
  expect(words()).toContain("The mask hides this key from the query, so the weight is 0.");
  widget.state.key_token.value = 3;
  await rested();
  await scored(explained({ entered: 1.25 }));
  expect(words()).toContain("A soft cap or a bias makes 1.250 of it, and the softmax");
});

it("says that it is of the pass without the edits", async () => {
  const edit = {
    edit: "head_off",
    kind: "encoder",
    layer: 0,
    heads: [1],
    tokens: null,
    value: "zero",
  } as const;
  await show({ edits: [{ ...edit, heads: [1] }], shown_pass: "after" });
  expect(note()).toContain("This is of the pass without the edits.");
});

it("saves a figure of what it shows", async () => {
  await show({ key_token: 0 });
  await scored();
  let saved: Blob | null = null;
  const createObjectURL = (blob: Blob) => {
    saved = blob;
    return "blob:figure";
  };
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL, revokeObjectURL: () => undefined }));
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  one<HTMLButtonElement>(element, '[data-save="svg"]').click();
  await page.frames();
  const text = await (saved as unknown as Blob).text();
  for (const said of [
    "Logit of",
    "head 1.2",
    "+2.000",
    "−2.500",
    "*",
    "Why head",
    "MLP 0 × head",
  ]) {
    expect(text).toContain(said);
  }
  expect(text).toContain("The terms sum to the logit 4.500");
  expect(text).toContain("8.000 × scale 0.250");
  expect(text).not.toMatch(/NaN|undefined|var\(/);
});
