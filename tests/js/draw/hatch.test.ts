/** The pattern of what has no number goes on from one box to the next. */

import { expect, it } from "vitest";
import { hatchLines } from "../../../js/draw/hatch";

it("is one pattern over boxes that stand on one another", () => {
  const height = 3;
  const places = [0, 1, 2, 3].flatMap((row) =>
    hatchLines({ x: 0, y: row * height, width: 20, height }, row * height).map(
      ([[x, y]]) => (x + y) % 5,
    ),
  );
  expect(places.length).toBeGreaterThan(15);
  for (const place of places) expect(place).toBeCloseTo(2.5);
});

it("stays within its box", () => {
  for (const [[x, y], [right, top]] of hatchLines({ x: 1, y: 2, width: 7, height: 9 }, 4)) {
    expect(Math.min(x, right)).toBeGreaterThanOrEqual(1);
    expect(Math.max(x, right)).toBeLessThanOrEqual(8);
    expect(Math.min(y, top)).toBeGreaterThanOrEqual(2);
    expect(Math.max(y, top)).toBeLessThanOrEqual(11);
  }
});
