/** Drawing follows what it reads, a frame later, and only while it can be seen. */

import { computed, signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { drawEachFrame } from "../../../js/draw/frame";
import { openPage, type Page } from "../helpers/page";

let page: Page;
let controller: AbortController;

beforeEach(() => {
  page = openPage();
  controller = new AbortController();
});

afterEach(() => controller.abort());

it("draws once a frame whatever changed of what was read, and of nothing else", async () => {
  const [a, b, other] = [signal(1), signal(10), signal(0)];
  const sum = computed(() => a.value + b.value);
  const drawn: number[] = [];
  drawEachFrame(document.body, controller.signal, () => drawn.push(sum.value));
  expect(drawn).toEqual([]);
  await page.frames();
  expect(drawn).toEqual([11]);
  a.value = 2;
  b.value = 20;
  a.value = 3;
  expect(drawn).toEqual([11]);
  await page.frames();
  expect(drawn).toEqual([11, 23]);
  other.value = 1;
  a.value = 20;
  b.value = 3; // the sum is what it was
  await page.frames();
  expect(drawn.slice(2)).toEqual([23].slice(0, drawn.length - 2));
});

it("what it reads may be another each time", async () => {
  const [isLeft, left, right] = [signal(true), signal("l"), signal("r")];
  const drawn: string[] = [];
  const draw = () => drawn.push(isLeft.value ? left.value : right.value);
  drawEachFrame(document.body, controller.signal, draw);
  await page.frames();
  right.value = "R";
  await page.frames();
  expect(drawn).toEqual(["l"]);
  isLeft.value = false;
  await page.frames();
  left.value = "L";
  await page.frames();
  expect(drawn).toEqual(["l", "R"]);
  right.value = "RR";
  await page.frames();
  expect(drawn).toEqual(["l", "R", "RR"]);
});

it("nothing is drawn while it is hidden, and once it comes into sight", async () => {
  const width = vi.spyOn(document.body, "clientWidth", "get").mockReturnValue(0);
  const number = signal(1);
  const drawn: number[] = [];
  drawEachFrame(document.body, controller.signal, () => drawn.push(number.value));
  number.value = 2;
  await page.frames();
  expect(drawn).toEqual([]);
  width.mockReturnValue(300);
  page.resize();
  await page.frames();
  expect(drawn).toEqual([2]);
  number.value = 3;
  await page.frames();
  expect(drawn).toEqual([2, 3]);
});

it("what is no signal asks for it, and nothing does after the end", async () => {
  const number = signal(1);
  const draw = vi.fn(() => void number.value);
  const redraw = drawEachFrame(document.body, controller.signal, draw);
  await page.frames();
  redraw();
  redraw();
  await page.frames();
  expect(draw).toHaveBeenCalledTimes(2);
  controller.abort();
  redraw();
  number.value = 2;
  page.resize();
  await page.frames();
  expect(draw).toHaveBeenCalledTimes(2);
});

it("what it sets meanwhile does not draw it again and again", async () => {
  const [size, seen] = [signal(0), signal(0)];
  let count = 0;
  drawEachFrame(document.body, controller.signal, () => {
    count += 1;
    seen.value = size.value + 1;
    void seen.value;
  });
  await page.frames();
  size.value = 5;
  await page.frames();
  expect([count, seen.value]).toEqual([2, 6]);
});
