/** One description of a legend, on screen and in a figure. */

import { describe, expect, it, vi } from "vitest";
import { drawLegend, type LegendItem, legendRows, withRoom } from "../../../js/draw/legend";
import { textWidth } from "../../../js/draw/text_width";
import { all, one, openPage } from "../helpers/page";
import { styles } from "../helpers/styles";

const ITEMS: LegendItem[] = [
  {
    ramp: ["rgb(1 2 3)", "rgb(4 5 6)"],
    low: "−2",
    high: "+2",
    label: "q, k",
    ticks: [{ at: 0.5, label: "0" }],
    beyond: ["▲ 1 above: 9"],
    about: "blue below 0",
  },
  { colour: "rgb(7 8 9)", label: "NaN" },
];

const shown = () => {
  const element = document.createElement("div");
  drawLegend(element, ITEMS);
  return element;
};
const words = (items: readonly LegendItem[]) =>
  legendRows(items, 800, "grey").flatMap((row) =>
    row.map((mark) => [...mark.querySelectorAll("text")].map((text) => text.textContent)),
  );

describe("a legend", () => {
  it("says on screen and in a figure the same", () => {
    expect(all(shown(), ".aw-legend-item").map(({ textContent }) => textContent)).toEqual([
      "q, k−20+2 ▲ 1 above: 9",
      "NaN",
    ]);
    expect(words(ITEMS)).toEqual([["q, k  −2", "0", "+2  ▲ 1 above: 9"], ["NaN"]]);
    const fills = legendRows(ITEMS, 800, "grey")
      .flat()
      .flatMap((mark) => [...mark.querySelectorAll("rect")])
      .map((rect) => rect.getAttribute("fill"));
    expect(fills).toEqual(["rgb(1 2 3)", "rgb(4 5 6)", "rgb(7 8 9)"]);
  });

  it("has all its labels in one weight", () => {
    expect(shown().querySelector("b, strong")).toBeNull();
    expect(styles).not.toMatch(/aw-legend[^{}]*\{[^}]*font-weight/);
  });

  it("stands as it is while it says the same", () => {
    const element = shown();
    const before = [...element.children];
    drawLegend(element, structuredClone(ITEMS));
    expect([...element.children]).toEqual(before);
    expect(element.firstChild).toBe(before[0]);
    drawLegend(element, []);
    expect(element.children).toHaveLength(0);
  });

  it("stacks ramps of the same ends, which a figure names one by one", () => {
    const [scale] = ITEMS;
    if (!scale || !("ramp" in scale)) throw new Error("no scale");
    const stack = ["“one”", "“two”"].map((label) => ({ ramp: ["red", "blue"], label }));
    const element = document.createElement("div");
    drawLegend(element, [{ ...scale, stack }]);
    expect(all(one(element, ".aw-ramp"), "i")).toHaveLength(2);
    expect(words([{ ...scale, stack }]).map(([first]) => first)).toEqual([
      "“one”  −2",
      "“two”  −2",
    ]);
  });
});

describe("ticks", () => {
  // without a canvas a letter is 0.6 of its size wide: "0.1" is 16.2 pixels
  const at = (...places: number[]) => places.map((place) => ({ at: place, label: "0.1" }));
  const places = (width: number, ...given: number[]) =>
    withRoom(at(...given), width).map(({ at: place }) => place);

  it("stand apart from each other, the higher ones first", () => {
    expect(places(120, 0.1, 0.3, 0.7)).toEqual([0.1, 0.3, 0.7]);
    expect(places(64, 0.2, 0.3, 0.7)).toEqual([0.3, 0.7]);
    expect(places(64, 0.7, 0.3, 0.2)).toEqual([0.3, 0.7]);
    expect(places(24, 0.3, 0.5, 0.6)).toEqual([0.6]);
  });

  it("do not go beyond the ends of the ramp", () => {
    expect(places(64, 0.05, 0.5, 0.95)).toEqual([0.5]);
    expect(places(10, 0.5)).toEqual([]);
  });

  it("are those with room on screen", () => {
    const element = document.createElement("div");
    drawLegend(element, [{ ramp: ["red"], low: "0", high: "1", ticks: at(0.2, 0.3, 0.7) }]);
    expect(all(element, "small").map(({ style }) => style.left)).toEqual(["30%", "70%"]);
  });
});

describe("the width of a text", () => {
  it("is measured once, on one canvas", () => {
    openPage();
    const made = vi.spyOn(document, "createElement");
    const widths = [1, 2, 3].map(() => textWidth("measured", 12));
    expect(widths).toEqual([48, 48, 48]);
    textWidth("another", 11);
    expect(made.mock.calls.filter(([tag]) => tag === "canvas").length).toBeLessThanOrEqual(1);
    vi.restoreAllMocks();
  });
});
