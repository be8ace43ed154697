import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixView } from "../../../../js/views/matrix/plan";
import { scaleHint } from "../../../../js/views/matrix/scale_hint";
import { type Connected, connected, metaOf } from "../../helpers/state";

/** With the two special tokens. */
const textOf = (tokens: number) => Array.from({ length: tokens - 2 }, () => "novel").join(" ");

let widget: Connected;
let hint: HTMLElement;

function start(tokens: number): void {
  widget = connected({ meta: metaOf(textOf(tokens)), heads: [0] });
  hint = document.createElement("p");
  const { state, controller } = widget;
  scaleHint(hint, state, matrixView(state), controller.signal);
}

beforeEach(() => start(100));
afterEach(() => widget.controller.abort());

describe("the hint that most weights are small", () => {
  it("stands where there are many keys, and nowhere else", () => {
    expect(hint.hidden).toBe(false);
    expect(hint.textContent).toBe(
      "Among so many tokens most weights are small. Colour by the logarithm",
    );
    widget.controller.abort();
    start(99);
    expect(hint.hidden).toBe(true);
  });

  it("its button changes the scale of all views, and takes the hint away", () => {
    hint.querySelector("button")?.click();
    expect(widget.state.log_colour.value).toBe(true);
    expect(widget.host.state.log_colour).toBe(true);
    expect(hint.hidden).toBe(true);
    widget.host.receive({ log_colour: false });
    expect(hint.hidden).toBe(false);
  });

  it("is not there where rows have a scale of their own, or nothing is drawn", () => {
    widget.host.receive({ normalise_rows: true });
    expect(hint.hidden).toBe(true);
    widget.host.receive({ normalise_rows: false, heads: [] });
    expect(hint.hidden).toBe(true);
    widget.host.receive({ heads: [1] });
    expect(hint.hidden).toBe(false);
  });
});
