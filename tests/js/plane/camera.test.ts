/** Which part of a plane is in sight: zoomed, moved and brought there. */

import { describe, expect, it } from "vitest";
import { FIT, panned, revealing, sightOf, type Zoom, zoomed } from "../../../js/plane/camera";
import { randomFrom } from "../helpers/random";

const random = randomFrom(6);
const between = (low: number, high: number) => low + random() * (high - low);
const TIMES = Array.from({ length: 200 }, (_, index) => index);

describe("zoom", () => {
  const some = (): Zoom => zoomed(FIT, between(1, 20), { x: random(), y: random() }, 30);
  const inside = ({ x, y, width, height }: ReturnType<typeof sightOf>) => {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(-1e-9);
    expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1 + 1e-9);
  };

  it("keeps what is under the pointer there, within the map", () => {
    for (const _ of TIMES) {
      const before = some();
      const at = { x: random(), y: random() };
      const after = zoomed(before, between(1, 4), at, 60);
      const place = (zoom: Zoom) => {
        const sight = sightOf(zoom, 1, 1);
        return [sight.x + at.x * sight.width, sight.y + at.y * sight.height];
      };
      inside(sightOf(after, 1, 1));
      const [was, is] = [place(before), place(after)];
      expect(is[0]).toBeCloseTo(was[0] ?? 0, 9);
      expect(is[1]).toBeCloseTo(was[1] ?? 0, 9);
    }
  });

  it("goes no further than the whole, nor than the largest cell", () => {
    expect(zoomed(some(), 1e-9, { x: 0.1, y: 0.9 }, 30)).toEqual(FIT);
    expect(zoomed(some(), 1e9, { x: 0.1, y: 0.9 }, 30).factor).toBe(30);
  });

  it("moves, and stays within the map", () => {
    for (const _ of TIMES) inside(sightOf(panned(some(), between(-3, 3), between(-3, 3)), 1, 1));
  });

  it("brings a cell into sight, and does not move for one that is", () => {
    for (const _ of TIMES) {
      const before = some();
      const [x, y] = [random(), random()];
      const after = revealing(before, x, y);
      const sight = sightOf(after, 1, 1);
      inside(sight);
      expect(x).toBeGreaterThanOrEqual(sight.x);
      expect(x).toBeLessThanOrEqual(sight.x + sight.width);
      expect(y).toBeGreaterThanOrEqual(sight.y);
      expect(y).toBeLessThanOrEqual(sight.y + sight.height);
      expect(revealing(after, x, y)).toEqual(after);
      expect(revealing(before, null, null)).toEqual(before);
    }
  });
});
