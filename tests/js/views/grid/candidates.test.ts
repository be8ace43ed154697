/** What effects are on: chosen in the options of the grid, asked of the model, and said. */

import { expect, it } from "vitest";
import type { State } from "../../../../js/trace/contract";
import { rankedOf } from "../../../../js/trace/questions";
import { grid } from "../../../../js/views/grid";
import { settled } from "../../helpers/host";
import { element, model, mount, mountsViews, page, widget } from "../../helpers/mounted";
import { all, one } from "../../helpers/page";
import { ALL, ranked } from "../../helpers/ranked";
import { attentionOf, layerOf, metaOf, token } from "../../helpers/state";

const META = metaOf(
  ["a", "b", "c", "d"].map((text) => token(text)),
  { attention: attentionOf([layerOf(3), null, layerOf(2)]) },
);

mountsViews();

async function show(change: Partial<State> = {}) {
  await mount("grid", grid, { meta: META, summary: "effect", ...change });
}

async function answered(answer = ranked(ALL)) {
  model.open("ranked").resolve(answer as never);
  await settled();
  await page.frames();
}

const fields = () => all(element, ".aw-candidate-field");
const lists = () => all(element, ".aw-candidates") as HTMLSelectElement[];
const words = () => one(element, ".aw-effect-words").textContent;

function choose(list: HTMLSelectElement | undefined, value: string): void {
  if (!list) throw new Error("no list");
  list.value = value;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

it("takes another prediction, or one that is typed, as data", async () => {
  await show();
  await answered();
  const [list] = lists();
  expect([...(list?.options ?? [])].map(({ textContent }) => textContent)).toEqual([
    ...["the most likely", "Paris", "London", "<b>", "another token …"],
  ]);
  expect(fields().map(({ hidden }) => hidden)).toEqual([false, true]);
  choose(list, "8");
  expect(model.open("ranked").question).toEqual({ name: "ranked", position: null, token: 8 });
  await answered(ranked(ALL, { id: 8, label: "London" }));
  expect(words()).toContain("Effect on the logit of “London” after “d”");
  choose(list, "type");
  const [input] = all<HTMLInputElement>(element, ".aw-typed-candidate");
  if (!input) throw new Error("no field");
  expect(input.hidden).toBe(false);
  input.value = "<u>Rome</u> ";
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
  expect(input.hidden).toBe(true);
  expect(widget.state.effect_token.value).toBe("<u>Rome</u>");
  await answered(ranked(ALL, { id: 99, label: "<u>Rome</u>" }));
  expect(list?.selectedOptions[0]?.textContent).toBe("<u>Rome</u>");
  expect(element.querySelector("u")).toBeNull();
});

it("shows a text that Python named as the one in the list", async () => {
  await show({ effect_token: "London" });
  await answered(ranked(ALL, { id: 8, label: "London" }));
  expect(lists()[0]?.selectedOptions[0]?.textContent).toBe("London");
  expect(lists()[0]?.options.length).toBe(5);
});

it("says of which two a difference is, and offers no candidate of the loss", async () => {
  await show({ effect_of: "difference", effect_other: 8 });
  const asked = { name: "ranked", position: null, of: "difference", other: 8 };
  expect(model.open("ranked").question).toEqual(asked);
  await answered(ranked(ALL, { metric: "difference", other: 8, other_label: "London" }));
  expect(words()).toContain("the logit of “Paris” less that of “London” after “d”");
  expect(one(element, ".aw-legend").textContent).toContain("change of the difference");
  expect(fields().map(({ hidden }) => hidden)).toEqual([false, false]);
  widget.state.effect_of.value = "loss";
  expect(model.open("ranked").question).toEqual({ name: "ranked", position: null, of: "loss" });
  await answered(ranked(ALL, { metric: "loss", position: null, id: null, label: "" }));
  expect(words()).toContain("Effect on the loss of the text");
  expect(one(element, ".aw-legend").textContent).toContain("change of the loss");
  expect(one(element, ".aw-note").textContent).toContain(
    "the loss of the text falls by 3.850 nats",
  );
  expect(fields().map(({ hidden }) => hidden)).toEqual([true, true]);
});

it("asks for as little as it always did", () => {
  const nothing = { effect_of: "logit", effect_token: null, effect_other: 8 } as const;
  expect(rankedOf({ ...nothing, effect_position: 2 })).toEqual({ name: "ranked", position: 2 });
});
