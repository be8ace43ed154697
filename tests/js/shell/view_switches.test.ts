import { afterEach, expect, it } from "vitest";
import { viewSwitches } from "../../../js/shell/view_switches";
import { VIEWS } from "../../../js/trace/options";
import { VIEWS as TABLE } from "../../../js/views";
import { all, one } from "../helpers/page";
import { type Connected, connected } from "../helpers/state";

let widget: Connected;

afterEach(() => widget.controller.abort());

it("views come and go, but the last stays", () => {
  widget = connected({ views: ["lines", "text"] });
  const { state, controller } = widget;
  const element = viewSwitches(TABLE, state, controller.signal);
  const box = one(element, '[role="group"][aria-label="Views"]');
  const views = all<HTMLButtonElement>(box, "button");
  const pressed = () =>
    views.flatMap((each, index) => (each.getAttribute("aria-pressed") === "true" ? [index] : []));
  expect(views.map((each) => each.dataset.view)).toEqual([...VIEWS]);
  expect(pressed()).toEqual([0, 5]);
  views[2]?.click();
  expect(state.views.value).toEqual(["lines", "text", "neuron"]);
  for (const index of [0, 2, 5]) views[index]?.click();
  expect(state.views.value).toEqual(["text"]);
  expect(pressed()).toEqual([5]);
  for (const index of [4, 3, 2, 1, 0]) views[index]?.click();
  expect(state.views.value).toEqual(["text", "tokens", "matrix", "neuron", "grid", "lines"]);
});
