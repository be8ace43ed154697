/** Where heads stand in the plane and in the scatter, and what is shown of an example. */

import { describe, expect, it } from "vitest";
import { h } from "../../../../js/browser/dom";
import { inksOf } from "../../../../js/draw/inks";
import { svgPen } from "../../../../js/draw/pen";
import { type AtlasRow, byNumber, overviewOf, placeIn } from "../../../../js/views/atlas/data";
import { excerptOf } from "../../../../js/views/atlas/excerpt";
import { cellOf, planeOf } from "../../../../js/views/atlas/plane";
import { drawScatter } from "../../../../js/views/atlas/scatter_drawing";
import { axisOf, dotAt, nextDot, scatterPlan } from "../../../../js/views/atlas/scatter_plan";
import { shareIn, stripOf } from "../../../../js/views/atlas/summary_rows";
import { example, overview } from "../../helpers/atlases";

const { rows, of } = overviewOf(overview());
const number = (name: string) => (row: AtlasRow) => of(name, row);
const named = (found: readonly (AtlasRow | null)[]) =>
  found.map((row) => (row ? `${row.layer}.${row.head}` : "-"));

describe("the plane", () => {
  it("has a cell for each head, with its number", () => {
    const plan = planeOf(rows, rows, number("previous"), false);
    expect(plan.layers).toEqual([0, 1]);
    expect(named(plan.cells)).toEqual(["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"]);
    expect([...plan.data]).toEqual([0.1, 0.9, 0.2, 0.3, 0.05, 0.15]);
  });

  it("puts the heads of each layer in order, those without a number last", () => {
    const plan = planeOf(rows, rows, number("previous"), true);
    expect(named(plan.cells)).toEqual(["0.1", "0.2", "0.0", "1.0", "1.2", "1.1"]);
    expect(named(byNumber(rows, number("induction"))).at(-1)).toBe("1.2");
  });

  it("keeps the places of heads that are left out, or closes up in order", () => {
    const shown = rows.filter(({ label }) => label !== "");
    const plan = planeOf(rows, shown, number("previous"), false);
    expect(named(plan.cells)).toEqual(["-", "0.1", "-", "1.0", "-", "-"]);
    expect(plan.data[0]).toBeNaN();
    const sorted = planeOf(rows, shown, number("previous"), true);
    expect(named(sorted.cells)).toEqual(["0.1", "-", "-", "1.0", "-", "-"]);
    expect(cellOf(sorted, 1, 0)?.layer).toBe(1);
    expect(cellOf(sorted, 1, 2)).toBeNull();
  });

  it("is as wide as its longest layer, also where layers and heads are missing", () => {
    const some = rows.filter(({ layer, head }) => layer === 0 || head === 1);
    const plan = planeOf(some, some, number("previous"), false);
    expect(named(plan.cells)).toEqual(["0.0", "0.1", "0.2", "-", "1.1", "-"]);
  });
});

it("tells the place of a head among all; equal numbers share one", () => {
  const [first, second] = rows as [AtlasRow, AtlasRow];
  expect(placeIn(rows, number("previous"), second)).toEqual({ place: 1, of: 6 });
  expect(placeIn(rows, number("induction"), first)).toEqual({ place: 5, of: 5 });
  expect(placeIn(rows, number("induction"), rows[5] as AtlasRow)).toBeNull();
  expect(placeIn(rows, () => 1, second)).toEqual({ place: 1, of: 6 });
});

describe("the scatter", () => {
  const plan = scatterPlan({
    width: 400,
    height: 300,
    all: rows,
    shown: rows,
    across: number("previous"),
    up: number("induction"),
    write: (value, decimals) => value.toFixed(decimals),
  });

  it("ends at round numbers, from 0 where nothing lies below", () => {
    expect(axisOf([0.05, 0.93])).toEqual({ low: 0, high: 1, step: 0.2 });
    expect(axisOf([-1, 4])).toMatchObject({ low: -1, high: 4, step: 1 });
    const none = axisOf([Number.NaN]);
    expect(none.high).toBeGreaterThan(none.low);
    const wide = axisOf([12_345, 67_890]);
    expect([wide.low, wide.high]).toEqual([0, 80_000]);
  });

  it("has a dot for each head with both numbers, in proportion", () => {
    expect(named(plan.dots.map(({ row }) => row))).toEqual(["0.0", "0.1", "0.2", "1.0", "1.1"]);
    const [zero, most] = [plan.across[0], plan.across.at(-1)];
    const share = (x: number) => (x - (zero?.at ?? 0)) / ((most?.at ?? 0) - (zero?.at ?? 0));
    for (const { row, x } of plan.dots) {
      expect(share(x) * Number(most?.label)).toBeCloseTo(of("previous", row), 6);
    }
    const top = plan.up.at(-1);
    for (const { row, y } of plan.dots) {
      const height = plan.box.y + plan.box.height - (top?.at ?? 0);
      const up = ((plan.box.y + plan.box.height - y) / height) * Number(top?.label);
      expect(up).toBeCloseTo(of("induction", row), 6);
    }
  });

  it("names a head below its dot where the name of the axis stands above", () => {
    const only = rows.slice(0, 1);
    const at = { width: 400, height: 300, all: only, shown: only, write: String };
    const high = scatterPlan({ ...at, across: () => 0, up: () => 1 });
    const pen = svgPen();
    const [row = null] = only;
    const names = { across: "previous", up: "induction" };
    drawScatter(pen, {
      plan: high,
      ...names,
      ink: inksOf(h("div"), false),
      chosen: row,
      pointed: null,
    });
    const written = pen.marks.filter(({ tagName }) => tagName === "text");
    const y = (text: string) =>
      Number(written.find(({ textContent }) => textContent === text)?.getAttribute("y"));
    expect(y("L0H0")).toBeGreaterThan(y("↑ induction") + 14);
  });

  it("finds the nearest dot, if one is near", () => {
    const [dot] = plan.dots;
    expect(dotAt(plan, { x: (dot?.x ?? 0) + 3, y: (dot?.y ?? 0) - 3 })?.row).toBe(dot?.row);
    expect(dotAt(plan, { x: plan.box.x + plan.box.width - 1, y: plan.box.y + 1 })).toBeNull();
  });

  it("is walked from dot to dot in the direction of a key", () => {
    const at = (layer: number, head: number) =>
      rows.find((row) => row.layer === layer && row.head === head) as AtlasRow;
    const right = { x: 1, y: 0, isEnd: false };
    expect(nextDot(plan, at(0, 2), right)?.row).toBe(at(1, 0)); // 0.2, 0.3
    expect(nextDot(plan, at(0, 1), right)?.row).toBe(at(0, 1)); // the last
    expect(nextDot(plan, at(0, 2), { x: 0, y: -1, isEnd: false })?.row).toBe(at(1, 1)); // upwards
    expect(nextDot(plan, null, right)?.row).toBe(at(1, 1)); // the least
    expect(nextDot(plan, at(1, 2), right)?.row).toBe(at(1, 1)); // which has no dot
    expect(nextDot(plan, null, { x: 1, y: 0, isEnd: true })?.row).toBe(at(0, 1));
    expect(nextDot({ dots: [] }, null, right)).toBeNull();
  });
});

it("spreads the numbers of all heads over bins", () => {
  const strip = stripOf([0, 0, 0, 0, 1, Number.NaN], 4);
  expect(strip).toEqual({ low: 0, high: 1, bars: [1, 0, 0, 0.5] });
  expect(shareIn({ low: 2, high: 4, bars: [] }, 3.5)).toBe(0.75);
  expect(shareIn({ low: 2, high: 2, bars: [] }, 2)).toBe(0.5);
  expect(stripOf([Number.NaN])).toBeNull();
});

describe("an excerpt", () => {
  const words = (count: number) => Array.from({ length: count }, (_, at) => `w${at}`);
  const long = (query: number, key: number, count = 100) =>
    excerptOf(
      example({ labels: words(count), row: words(count).map(() => 0.01), ids: [], query, key }),
    );
  const spans = (of: ReturnType<typeof excerptOf>) =>
    of.stretches.map((stretch) => [stretch[0]?.index, stretch.at(-1)?.index]);

  it("is the whole of a short text", () => {
    const { stretches, startsInside, endsInside } = excerptOf(example());
    expect(stretches).toHaveLength(1);
    expect([startsInside, endsInside]).toEqual([false, false]);
    expect(stretches[0]?.map(({ label }) => label)).toEqual([
      ...["[CLS]", "a", "nov", "el", "<i>", "idea", "[SEP]"],
    ]);
    expect(stretches[0]?.map(({ joins }) => joins).indexOf(true)).toBe(3);
    expect(stretches[0]?.map(({ weight }) => weight)).toEqual(example().row);
    expect(stretches[0]?.map(({ as }) => as)).toEqual([
      ...[null, null, "key", null, null, "query", null],
    ]);
  });

  it("is what stands around the query and the key, apart or in one piece", () => {
    expect(spans(long(90, 10))).toEqual([
      [0, 22],
      [78, 99],
    ]);
    expect(spans(long(50, 45))).toEqual([[33, 62]]);
    expect(long(50, 45)).toMatchObject({ startsInside: true, endsInside: true });
    expect(spans(long(10, 40))).toEqual([[0, 52]]);
  });
});
