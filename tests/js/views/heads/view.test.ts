/** The table of heads: every head with its numbers, in the order of any of them. */

import { expect, it } from "vitest";
import { numbersIn } from "../../../../js/language/numbers";
import { formatSummary } from "../../../../js/language/summaries";
import { NUMBERS, type State } from "../../../../js/trace/contract";
import { heads } from "../../../../js/views/heads";
import { settled } from "../../helpers/host";
import { answer, element, mount, mountsViews, page, source, widget } from "../../helpers/mounted";
import { all, one, press } from "../../helpers/page";
import { attentionOf, layerOf, metaOf, token } from "../../helpers/state";
import { tensorOf } from "../../helpers/tensors";

const META = metaOf("a b", { attention: attentionOf([layerOf(3), null, layerOf(2)]) });

mountsViews();

/** Of the n-th summary of head h of layer l: n + (h ⊕ 1) / 10 + l / 100, but NaN for one head. */
const numberOf = (summary: number, layer: number, head: number) =>
  layer === 2 && head === 1 ? Number.NaN : summary + (head ^ 1) / 10 + layer / 100;

const show = (change: Partial<State> = {}) => mount("heads", heads, { meta: META, ...change });

const answerAll = () =>
  answer((_, layer, count) => {
    const data = NUMBERS.flatMap((_, summary) =>
      Array.from({ length: count }, (_, head) => numberOf(summary, layer, head)),
    );
    return tensorOf([NUMBERS.length, count], ...data);
  });

const titles = () => all(element, "[role=columnheader]").map(({ textContent }) => textContent);
const rows = () =>
  all(element, ".aw-head-rows > [role=row]")
    .sort((a, b) => Number(a.dataset.token) - Number(b.dataset.token))
    .map((row) => all(row, "[role=gridcell]").map(({ textContent }) => textContent));
const places = () => rows().map(([layer, head]) => `${layer}.${head}`);
const order = (title: string) => {
  const found = all<HTMLButtonElement>(element, "[role=columnheader] button").find(
    ({ textContent }) => textContent === title,
  );
  if (!found) throw new Error(`no column ${title}`);
  found.click();
  return page.frames();
};
const note = () => one(element, ".aw-note").textContent;

it("has every head and its exact numbers, once they are here", async () => {
  await show();
  expect(places()).toEqual(["0.0", "0.1", "0.2", "2.0", "2.1"]);
  expect(note()).toBe("Waiting for the data …");
  await answerAll();
  expect(titles()).toEqual([
    "layer",
    "head",
    "effect",
    "entropy",
    "distance",
    "variance of distance",
    ...["previous token", "next token", "same token"],
    ...["repeated token", "induction", "same word"],
    ...["first token", "delimiters", "special tokens"],
  ]); // no head of this model has a sink
  const shown = rows();
  for (const [layer, head, , ...numbers] of shown) {
    const told = NUMBERS.slice(0, -1).map((name, summary) =>
      formatSummary(name, numberOf(summary, Number(layer), Number(head)), numbersIn("en")),
    );
    expect(numbers).toEqual(told);
  }
  expect(note()).toContain("5 heads.");
});

const LONG = metaOf("a b c d e f g", { attention: attentionOf([layerOf(3), layerOf(2)]) });

it("says what heads do, and puts those of one label together, the surest first", async () => {
  await show({ meta: LONG });
  await answer((_, layer, count) => {
    const scores = layer ? { previous: [0.6, 0.9] } : { induction: [0.2, 0.5, 0.1], first: [0.9] };
    const data = NUMBERS.flatMap((name) =>
      Array.from({ length: count }, (_, head) => {
        const of: Partial<Record<string, number[]>> = scores;
        return of[name]?.[head] ?? (name === "same_word" ? Number.NaN : 0);
      }),
    );
    return tensorOf([NUMBERS.length, count], ...data);
  });
  expect(titles().slice(2, 4)).toEqual(["label", "effect"]);
  expect(titles()).not.toContain("same word"); // of which nothing is known
  const labels = () => rows().map(([layer, head, label]) => `${layer}.${head} ${label}`);
  expect(labels()).toEqual(["0.0 first", "0.1 induction", "0.2 ", "1.0 previous", "1.1 previous"]);
  await order("label");
  expect(labels()).toEqual(["1.1 previous", "1.0 previous", "0.1 induction", "0.0 first", "0.2 "]);
  const [cell] = all(element, ".aw-head-rows [role=gridcell]").filter(
    ({ textContent }) => textContent === "induction",
  );
  expect(cell?.title).toBe("attends to what followed the same token before (0.50): induction");
});

it("is in the order of a column, the other way round at the second click", async () => {
  await show();
  await answerAll();
  await order("entropy");
  expect(places()).toEqual(["0.2", "2.0", "0.0", "0.1", "2.1"]); // 0.3, 0.12, 0.1, 0, none
  expect(note()).toContain("Largest entropy first.");
  const [, , , entropy] = all(element, "[role=columnheader]");
  expect(entropy?.getAttribute("aria-sort")).toBe("descending");
  await order("entropy");
  expect(places()).toEqual(["0.1", "0.0", "2.0", "0.2", "2.1"]); // without a number it is last
  const [layer] = all<HTMLButtonElement>(element, "[role=columnheader] button");
  layer?.focus();
  await order("layer");
  expect(places()).toEqual(["0.0", "0.1", "0.2", "2.0", "2.1"]);
  expect(document.activeElement).toBe(layer);
});

it("shows the first rows after a sort, wherever the selected head is now", async () => {
  await show({ layer: 2, heads: [1] });
  await answerAll();
  const scroller = one(element, ".aw-scroll");
  Object.defineProperty(scroller, "clientHeight", { get: () => 30 }); // a row or two of five
  for (const title of ["entropy", "entropy", "head"]) {
    scroller.scrollTop = 40;
    await order(title);
    expect(scroller.scrollTop).toBe(0);
  }
  expect(places().indexOf("2.1")).toBeGreaterThan(1); // below what is in sight
  widget.state.heads.value = [0];
  await page.frames();
  widget.state.heads.value = [1]; // a head that is selected elsewhere comes into sight
  await page.frames();
  expect(scroller.scrollTop).toBeGreaterThan(0);
});

it("is in the order of one column, which is told", async () => {
  await show();
  await answerAll();
  const sorted = () =>
    all(element, "[aria-sort=ascending], [aria-sort=descending]").map(
      (cell) => `${cell.textContent} ${cell.getAttribute("aria-sort")}`,
    );
  expect(sorted()).toEqual(["layer ascending"]);
  await order("head");
  expect(sorted()).toEqual(["head ascending"]);
  expect(places()).toEqual(["0.0", "2.0", "0.1", "2.1", "0.2"]);
  await order("head");
  expect(sorted()).toEqual(["head descending"]);
  expect(places()).toEqual(["0.2", "0.1", "2.1", "0.0", "2.0"]);
  await order("layer");
  expect(places()).toEqual(["0.0", "0.1", "0.2", "2.0", "2.1"]);
  await order("layer");
  expect(sorted()).toEqual(["layer descending"]);
  expect(places()).toEqual(["2.1", "2.0", "0.2", "0.1", "0.0"]);
});

it("selects the head of a row, in every view and in Python", async () => {
  await show();
  await answerAll();
  await order("entropy");
  const click = (index: number, held: MouseEventInit = {}) =>
    one(element, `[data-token="${index}"] [role=gridcell]:first-child`).dispatchEvent(
      new MouseEvent("click", { bubbles: true, ...held }),
    );
  click(1);
  await page.frames();
  expect([widget.host.state.layer, widget.host.state.heads]).toEqual([2, [0]]);
  const selected = () =>
    all(element, ".aw-head-rows > [aria-selected=true]").map(({ dataset }) => dataset.token);
  expect(selected()).toEqual(["1"]);
  click(4, { ctrlKey: true });
  await page.frames();
  expect(widget.host.state.heads).toEqual([0, 1]);
  expect(selected().sort()).toEqual(["1", "4"]);
  widget.host.receive({ layer: 0, heads: [1] });
  await page.frames();
  expect(selected()).toEqual(["3"]);
});

it("is walked by keys in the order that is shown", async () => {
  await show({ heads: [2] });
  await answerAll();
  await order("entropy");
  const scroller = one(element, ".aw-scroll");
  const walked = ["ArrowDown", "ArrowDown", "ArrowUp", "End", "Home"].map((key) => {
    expect(press(scroller, key).defaultPrevented).toBe(true);
    return `${widget.host.state.layer}.${widget.host.state.heads}`;
  });
  expect(walked).toEqual(["2.0", "0.0", "2.0", "2.1", "0.2"]);
  expect(press(scroller, "ArrowDown", { ctrlKey: true }).defaultPrevented).toBe(false);
});

it("names the kind of attention where there are several, and leaves out what tells nothing", async () => {
  const attention = [...attentionOf([layerOf(1)]), ...attentionOf([layerOf(1)], "cross")];
  await show({ meta: metaOf([token("a")], { attention }) });
  expect(titles()[0]).toBe("attention");
  expect(titles()).not.toContain("special tokens");
  expect(rows().map(([kind]) => kind)).toEqual(["encoder", "cross"]);
});

it("says why numbers cannot come", async () => {
  await show();
  for (const { reject } of [...source.wishes]) reject(new Error("no <b>kernel</b>"));
  await settled();
  await page.frames();
  expect(one(element, "[role=alert]").textContent).toContain("no <b>kernel</b>");
});
