/** The grid of heads by their effect: exact numbers in colour, the others hatched. */

import { expect, it } from "vitest";
import { css } from "../../../../js/draw/colour";
import { diverging } from "../../../../js/draw/scales";
import { rankingOf } from "../../../../js/tensors/ranking";
import type { State } from "../../../../js/trace/contract";
import { NUMBERS } from "../../../../js/trace/contract";
import { grid } from "../../../../js/views/grid";
import { settled } from "../../helpers/host";
import { answer, element, model, mount, mountsViews, page, widget } from "../../helpers/mounted";
import { all, one, press } from "../../helpers/page";
import { ALL, ranked } from "../../helpers/ranked";
import { attentionOf, layerOf, metaOf } from "../../helpers/state";
import { tensorOf } from "../../helpers/tensors";

const META = metaOf("a b", { attention: attentionOf([layerOf(3), null, layerOf(2)]) });

mountsViews();

async function show(change: Partial<State> = {}): Promise<void> {
  await mount("grid", grid, { meta: META, summary: "effect", ...change }, "--aw-raised: #0000ff");
  await answer((name, _, heads) =>
    name === "thumbnails"
      ? { shape: [heads, 4, 4], data: new Uint8Array(16 * heads) }
      : tensorOf([NUMBERS.length, heads], ...Array<number>(NUMBERS.length * heads).fill(0.5)),
  );
}

async function tell(effects: Record<string, number>): Promise<void> {
  const partial = ranked(effects);
  model.open("ranked").told?.({ done: partial.done, of: partial.total, partial });
  await page.frames();
}

async function finish(effects: Record<string, number> = ALL): Promise<void> {
  model.open("ranked").resolve(ranked(effects) as never);
  await settled();
  await page.frames();
}

const canvas = () => one<HTMLCanvasElement>(element, ".aw-grid canvas");
const drawn = (what: string) => page.drawnOn(canvas()).filter((mark) => mark.what === what);
const line = () => one(element, ".aw-effect-line");
const words = () => one(element, ".aw-effect-words").textContent;
const buttons = () => all<HTMLButtonElement>(line(), "button").filter(({ hidden }) => !hidden);
const labels = () => buttons().map(({ textContent }) => textContent);
const written = () => all(element, ".aw-grid-marks text").map(({ textContent }) => textContent);
const legend = () => all(element, ".aw-legend-item").map(({ textContent }) => textContent);
const note = () => one(element, ".aw-note").textContent ?? "";
const told = () => rankingOf(widget.state, model).told.value;
const cell = () => one(element, "[role=gridcell]").textContent ?? "";

it("nothing runs before effect is chosen", async () => {
  await show({ summary: "none" });
  expect(model.asked).toHaveLength(0);
  expect(line().hidden).toBe(true);
  widget.state.summary.value = "effect";
  expect(model.asked).toHaveLength(1);
  expect(line().hidden).toBe(false);
  expect(words()).toBe("Finding the order in which to try the heads …");
});

it("only the order is hatched: never a colour, never a number", async () => {
  await show();
  expect(drawn("stroke")).toHaveLength(0);
  await tell({});
  expect(drawn("stroke")).toHaveLength(5);
  expect(legend()).toEqual(["not tried yet", expect.stringContaining("weight")]);
  await tell({ "2.1": -0.25 });
  expect(drawn("stroke")).toHaveLength(4);
  expect(written()).toContain("−0.25");
  expect(legend()[0]).toBe("change of the logit without the head−0.250+0.250");
  expect(words()).toBe("Effect on the logit of “Paris” after “[SEP]”: 1 of 5 heads tried");
  expect(note()).toContain("Head 2.1 matters most so far");
  await finish();
  expect(drawn("stroke")).toHaveLength(0);
  expect(words()).toBe("Effect on the logit of “Paris” after “[SEP]”: all 5 heads tried");
  expect(legend()).toHaveLength(2);
});

it("what falls is blue and what rises is orange, on one scale", async () => {
  await show();
  await finish();
  const strips = drawn("rect").map(({ colour }) => colour);
  for (const value of Object.values(ALL)) {
    expect(strips).toContain(css(diverging(value, 3.85, false)));
  }
  expect(legend()[0]).toBe("change of the logit without the head−3.850+3.850");
});

it("a head says its exact number, or its place in the order", async () => {
  await show({ layer: 0, heads: [1] });
  await tell({ "2.1": -0.25 });
  expect(cell()).toContain("layer 0, head 1, effect not tried yet, number 4 in the order");
  await finish();
  expect(cell()).toContain("without it the logit of “Paris” falls by 3.850, from 17.25");
  widget.state.heads.value = [2];
  expect(cell()).toContain("the logit of “Paris” stays at 17.25");
  widget.state.heads.value = [0];
  expect(cell()).toContain("the logit of “Paris” rises by 0.500, from 17.25");
  expect(note()).toContain(
    "Head 0.1 matters most: without it the logit of “Paris” falls by 3.850, from 17.25. " +
      "Each number is exact",
  );
  expect(note()).toContain("The first token is left alone");
});

it("it is stopped and goes on by keyboard, and the focus stays", async () => {
  await show();
  await tell({ "2.1": -0.25 });
  expect(labels()).toEqual(["stop"]);
  const [stop] = buttons();
  stop?.focus();
  stop?.click();
  expect(labels()).toEqual(["go on"]);
  expect(document.activeElement).toBe(stop);
  expect(told()).toContain("1 of 5 heads tried");
  stop?.click();
  expect(labels()).toEqual(["stop"]);
  expect(told()).toBe("");
  await finish();
  expect(labels()).toEqual([]);
});

it("a selected token is offered, and starts nothing by itself", async () => {
  await show();
  await finish();
  widget.state.token.value = 3; // that which it is of
  expect(labels()).toEqual([]);
  widget.state.token.value = 1;
  expect(labels()).toEqual(["for “a” instead"]);
  expect(model.asked).toHaveLength(1);
  buttons()[0]?.click();
  expect(widget.state.effect_position.value).toBe(1);
  expect(model.open("ranked").question).toEqual({ name: "ranked", position: 1 });
});

it("ranked heads stand in the order in which they are tried, then by size", async () => {
  await show({ sort_heads: true });
  await tell({ "2.1": -0.25 });
  const places = () => written().filter((text) => text?.includes("·"));
  expect(places()).toEqual(["2·1", "2·0", "0·2", "0·1", "0·0"]);
  expect(note()).toContain("in the order in which they are tried");
  await finish();
  expect(places()).toEqual(["0·1", "2·0", "0·0", "2·1", "0·2"]);
  expect(note()).toContain("by effect, largest first");
});

it("a refusal is said in the panel, and one can try again", async () => {
  await show();
  model.open("ranked").reject(new Error("the text must be read in one pass for this"));
  await settled();
  expect(one(element, ".aw-error").textContent).toBe("the text must be read in one pass for this");
  expect(labels()).toEqual(["go on"]);
  expect(press(document.body, "x").defaultPrevented).toBe(false);
});

it("without a kernel it keeps what is known and says what is needed", async () => {
  await show();
  model.asks.value = false;
  await finish({ "2.1": -0.25 });
  expect(words()).toBe(
    "Effect on the logit of “Paris” after “[SEP]”: 1 of 5 heads tried; to try more, run the notebook",
  );
  expect(labels()).toEqual([]);
});

it("of states it says how far they turn", async () => {
  await show({ layer: 0, heads: [1] });
  const found = ranked({ "0.1": 0.015 }, { of: "states", position: null, label: "", before: 0 });
  model.open("ranked").resolve(found as never);
  await settled();
  await page.frames();
  expect(words()).toContain("Effect on the final states of all tokens");
  expect(cell()).toContain("without it the final state turns by 0.015 (1 − cosine)");
  expect(legend()[0]).toBe("turn of the final state without the head00.0150");
});
