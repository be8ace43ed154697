import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  ROW_HEIGHT,
  type Rows,
  tokenOf,
  virtualRows,
  visibleRange,
} from "../../../js/controls/virtual_rows";
import { all, openPage } from "../helpers/page";
import { below, randomFrom } from "../helpers/random";

const HEIGHT = 220; // ten rows

let scroller: HTMLElement;
let rows: Rows;

beforeEach(() => {
  openPage(400, HEIGHT);
  scroller = document.createElement("div");
  rows = virtualRows(scroller, "some", (node, index) => {
    node.textContent = `row ${index}`;
  });
  scroller.append(rows.element);
  document.body.append(scroller);
});

afterEach(() => scroller.remove());

function scrollTo(top: number, count: number): void {
  scroller.scrollTop = top;
  rows.refresh(count);
}

/** Index, text and place of every row that exists. */
function existing() {
  return all(rows.element, ".aw-row")
    .map((node) => ({
      index: Number(node.dataset.token),
      text: node.textContent,
      top: Number(/^translateY\((\d+)px\)$/.exec(node.style.transform)?.[1]),
    }))
    .sort((a, b) => a.index - b.index);
}

/** Rows stand where they belong, each once, and cover what is in sight. */
function check(top: number, count: number): void {
  const found = existing();
  for (const { index, text, top: place } of found) {
    expect(text).toBe(`row ${index}`);
    expect(place).toBe(index * ROW_HEIGHT);
  }
  const indices = found.map(({ index }) => index);
  const [first = 0] = indices;
  expect(indices).toEqual(indices.map((_, offset) => first + offset));
  expect(indices.every((index) => index >= 0 && index < count)).toBe(true);
  for (let row = 0; row < count; row++) {
    const inSight = (row + 1) * ROW_HEIGHT > top && row * ROW_HEIGHT < top + HEIGHT;
    if (inSight) expect(indices).toContain(row);
  }
  expect(found.length).toBeLessThanOrEqual(Math.ceil(HEIGHT / ROW_HEIGHT) + 1 + 2 * 4);
  expect(rows.element.style.height).toBe(`${count * ROW_HEIGHT}px`);
}

describe("virtualRows", () => {
  it("has nodes only for what is in sight, of thousands of rows", () => {
    rows.refresh(5_000);
    check(0, 5_000);
    expect(existing()[0]?.index).toBe(0);
    expect(existing().length).toBeLessThan(20);
  });

  it("uses the same nodes for other rows", () => {
    scrollTo(1_000, 5_000);
    const before = new Set(all(rows.element, ".aw-row"));
    scrollTo(1_000 + 3 * ROW_HEIGHT, 5_000);
    check(1_000 + 3 * ROW_HEIGHT, 5_000);
    expect(new Set(all(rows.element, ".aw-row"))).toEqual(before);
  });

  it("a node that stays in sight keeps its row, so that hovering does not flicker", () => {
    scrollTo(2_200, 5_000);
    const nodeOf = (index: number) => rows.element.querySelector(`[data-token="${index}"]`);
    const kept = [100, 103, 107].map(nodeOf);
    scrollTo(2_200 + 2 * ROW_HEIGHT, 5_000);
    expect([100, 103, 107].map(nodeOf)).toEqual(kept);
    expect(kept).not.toContain(null);
  });

  it("reaches the last row", () => {
    scrollTo(5_000 * ROW_HEIGHT - HEIGHT, 5_000);
    check(5_000 * ROW_HEIGHT - HEIGHT, 5_000);
    expect(existing().at(-1)?.index).toBe(4_999);
  });

  it("follows a shorter text, though still scrolled far down", () => {
    scrollTo(50_000, 5_000);
    scrollTo(50_000, 3);
    expect(existing()).toEqual([]);
    scrollTo(0, 3);
    expect(existing().map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it("has no row for no token", () => {
    rows.refresh(0);
    expect(existing()).toEqual([]);
    expect(rows.element.style.height).toBe("0px");
  });

  it("shows the right rows after any scrolling", () => {
    const random = randomFrom(5);
    let count = 300;
    for (let step = 0; step < 200; step++) {
      if (random() < 0.2) count = below(random, 400);
      const top = below(random, Math.max(1, count * ROW_HEIGHT - HEIGHT));
      scrollTo(top, count);
      check(top, count);
    }
  });
});

describe("visibleRange", () => {
  it("stays within the rows", () => {
    scroller.scrollTop = 1e6;
    expect(visibleRange(scroller, 10)).toEqual([10, 10]);
    scroller.scrollTop = 0;
    expect(visibleRange(scroller, 3)).toEqual([0, 3]);
  });
});

describe("tokenOf", () => {
  it("is the token of the row that something happened in", () => {
    rows.refresh(3);
    const found: (number | null)[] = [];
    scroller.addEventListener("click", (event) => found.push(tokenOf(event)));
    const row = rows.element.querySelector<HTMLElement>('[data-token="2"]');
    const inner = document.createElement("b");
    row?.append(inner);
    for (const target of [inner, row, rows.element]) {
      target?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }
    expect(found).toEqual([2, 2, null]);
  });
});
