import { expect, it } from "vitest";
import { atlas } from "../../../../js/views/grid/atlas";
import { openPage } from "../../helpers/page";

it("an atlas makes a picture once, and forgets the one used longest ago", () => {
  openPage();
  const made: string[] = [];
  const held = atlas(2, 8, 8);
  const place = (name: string) =>
    held.place(name, () => {
      made.push(name);
      return { width: 8, height: 8, data: new Uint8ClampedArray(256) };
    });
  const [a, b] = [place("a"), place("b")];
  expect(a).not.toEqual(b);
  expect(place("a")).toEqual(a);
  expect(place("c")).toEqual(b); // in the place of b
  expect(place("a")).toEqual(a);
  place("b");
  expect(made).toEqual(["a", "b", "c", "b"]);
  expect([held.canvas.width, held.canvas.height]).toEqual([16, 8]);
});
