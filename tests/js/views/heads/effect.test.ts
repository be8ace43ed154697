/** The table of heads by their effect: a column that is asked for when it orders. */

import { expect, it } from "vitest";
import { NUMBERS } from "../../../../js/trace/contract";
import { heads } from "../../../../js/views/heads";
import { settled } from "../../helpers/host";
import { answer, element, model, mount, mountsViews, page } from "../../helpers/mounted";
import { all, one } from "../../helpers/page";
import { ALL, ranked } from "../../helpers/ranked";
import { attentionOf, layerOf, metaOf } from "../../helpers/state";
import { tensorOf } from "../../helpers/tensors";

const META = metaOf("a b", { attention: attentionOf([layerOf(3), null, layerOf(2)]) });

mountsViews();

async function show(): Promise<void> {
  await mount("heads", heads, { meta: META });
  await answer((_, __, count) =>
    tensorOf([NUMBERS.length, count], ...Array<number>(NUMBERS.length * count).fill(0.5)),
  );
}

const titles = () => all(element, "[role=columnheader]").map(({ textContent }) => textContent);
const rows = () =>
  all(element, ".aw-head-rows > [role=row]").sort(
    (a, b) => Number(a.dataset.token) - Number(b.dataset.token),
  );
const cells = () =>
  rows().map((row) =>
    all(row, "[role=gridcell]")
      .slice(0, 3)
      .map((cell) => cell.textContent),
  );
const effect = (row: number) => all(rows()[row] ?? element, "[role=gridcell]")[2] as HTMLElement;
function order(): Promise<void> {
  all<HTMLButtonElement>(element, ".aw-order")[2]?.click();
  return page.frames();
}

it("is asked for when it orders the heads, and fills in from the top", async () => {
  await show();
  expect(titles()[2]).toBe("effect");
  expect(model.asked).toHaveLength(0);
  await order();
  expect(model.asked).toHaveLength(1);
  const partial = ranked({ "2.1": -0.25 });
  model.open("ranked").told?.({ done: 1, of: 5, partial });
  await page.frames();
  expect(cells()).toEqual([
    ["2", "1", "−0.25"],
    ["2", "0", ""],
    ["0", "2", ""],
    ["0", "1", ""],
    ["0", "0", ""],
  ]);
  expect(effect(1).title).toBe("not tried yet");
  expect(effect(0).title).toBe("");
  model.open("ranked").resolve(ranked(ALL) as never);
  await settled();
  await page.frames();
  expect(cells().map(([, , value]) => value)).toEqual(["−3.85", "1.25", "0.50", "−0.25", "0.00"]);
  expect(one(element, ".aw-note").textContent).toContain("Largest effect first.");
  expect(one(element, ".aw-effect-words").textContent).toContain("all 5 heads tried");
  await order();
  expect(cells()[0]).toEqual(["0", "2", "0.00"]);
});

it("has no column where there is no model to ask", async () => {
  await show();
  model.asks.value = false;
  await page.frames();
  expect(titles()).not.toContain("effect");
});
