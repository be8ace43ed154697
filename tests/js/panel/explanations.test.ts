/** What a newcomer is told below each picture, and the box of options that holds it too. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { button, h } from "../../../js/browser/dom";
import { quoted } from "../../../js/language/quoted";
import { inLanguage, LANGUAGES, type Say } from "../../../js/language/say";
import { MEASURE_TEXTS } from "../../../js/language/texts/measures";
import { explains, explanationsToggle } from "../../../js/panel/explanations";
import { panel } from "../../../js/panel/panel";
import { scaleFor } from "../../../js/panel/stage";
import { measuredState } from "../../../js/state/measured_state";
import { VIEWS } from "../../../js/views";
import { GRID } from "../../../js/views/grid/texts";
import { LINES } from "../../../js/views/lines/texts";
import { MATRIX } from "../../../js/views/matrix/texts";
import { NEURON } from "../../../js/views/neuron/texts";
import { PASSAGES } from "../../../js/views/passages/texts";
import { IMAGE } from "../../../js/views/text/image_texts";
import { all, one, openPage } from "../helpers/page";
import { type Connected, connected } from "../helpers/state";

let widget: Connected;

beforeEach(() => {
  openPage();
  localStorage.clear();
  explains.value = true;
  widget = connected();
});

afterEach(() => {
  widget.controller.abort();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  explains.value = true;
});

function shown(name: keyof typeof VIEWS) {
  const element = h("section");
  document.body.append(element);
  const { state, controller } = widget;
  const { texts } = VIEWS[name];
  const explained = { ...texts, short: () => state.say(texts.help.short) };
  const frame = panel(element, name, explained, state, controller.signal, () => null);
  return { element, frame, options: one<HTMLButtonElement>(element, ".aw-options") };
}

const below = (element: HTMLElement) => one(element, ".aw-explanation");

describe("an explanation", () => {
  it("is one sentence, and unfolds", () => {
    const { element } = shown("lines");
    const { short, more } = VIEWS.lines.texts.help;
    const said = () => (below(element).querySelector("p") as HTMLElement).firstChild?.textContent;
    expect(said()).toBe(short.en);
    const [rest, unfold] = [
      one(below(element), "p span"),
      one(below(element), "[data-explain=more]"),
    ];
    expect(rest.hidden).toBe(true);
    unfold.click();
    expect(rest.hidden).toBe(false);
    expect(rest.textContent?.trim()).toBe(more.en);
    expect([unfold.textContent, unfold.getAttribute("aria-expanded")]).toEqual(["less", "true"]);
    unfold.click();
    expect(rest.hidden).toBe(true);
  });

  it("of every view is one sentence in every language", () => {
    const helps = [...Object.values(VIEWS).map(({ texts }) => texts.help), IMAGE.help];
    for (const help of helps) {
      for (const said of Object.values(help.short)) {
        expect(said).toMatch(/^[^.!?…]+[.]$/u);
        expect(String(said).length).toBeLessThan(130);
      }
    }
  });

  it("names the measure that is shown, in one sentence in every language", () => {
    const { state } = widget;
    const texts = { lines: LINES, matrix: MATRIX, grid: GRID, text: IMAGE, passages: PASSAGES };
    for (const { ofMeasure } of Object.values(texts)) {
      for (const language of LANGUAGES) {
        const say: Say = (text, values) => inLanguage(language, text, values);
        for (const { name } of Object.values(MEASURE_TEXTS)) {
          const said = say(ofMeasure, { measure: quoted(say, say(name)) });
          expect(said).toContain(say(name));
          expect(said).toMatch(/^[^!?…]+[.]$/u);
          expect(said.length).toBeLessThan(150);
        }
      }
    }
    const { lines, grid } = VIEWS;
    const measured = measuredState(state);
    expect([lines, grid].map((view) => view.shortNow?.(measured))).toEqual(["", ""]);
    state.weights.value = "norm";
    expect(lines.shortNow?.(measured)).toContain("“norm of what is written”");
    expect(VIEWS.passages.shortNow?.(state)).toContain("“norm of what is written”");
  });

  it("of the neuron view is that of the step", () => {
    const { state } = widget;
    expect(VIEWS.neuron.shortNow?.(state)).toBe("");
    state.neuron_step.value = "values";
    expect(VIEWS.neuron.shortNow?.(state)).toBe(NEURON.valuesShort.en);
    expect(Object.values(NEURON.valuesShort).every((said) => said.length < 130)).toBe(true);
  });

  it("goes from all panels by one click, is remembered, and comes back", () => {
    const panels = [shown("lines"), shown("heads")];
    one(below((panels[0] as (typeof panels)[0]).element), "[data-explain=hide]").click();
    expect(panels.map(({ element }) => below(element).hidden)).toEqual([true, true]);
    expect(localStorage.getItem("attention-widget:explanations")).toBe("off");
    const toggle = explanationsToggle(widget.state, widget.controller.signal);
    expect(toggle.getAttribute("aria-pressed")).toBe("false");
    toggle.click();
    expect(toggle.getAttribute("aria-pressed")).toBe("true");
    expect(panels.map(({ element }) => below(element).hidden)).toEqual([false, false]);
    expect(localStorage.getItem("attention-widget:explanations")).toBe("on");
    toggle.click();
    one(panels[1]?.element as HTMLElement, "[data-explain=show]").click();
    expect(panels.map(({ element }) => below(element).hidden)).toEqual([false, false]);
  });

  it("goes where nothing may be kept, too", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    const { element } = shown("lines");
    one(below(element), "[data-explain=hide]").click();
    expect(below(element).hidden).toBe(true);
  });
});

describe("the button of the options", () => {
  it("is there while the view has a control that can be seen", async () => {
    const { options, frame } = shown("lines");
    expect(options.hidden).toBe(true);
    const control = button("top-p", {}, widget.controller.signal, () => {});
    frame.controls.append(h("span", {}, control));
    await Promise.resolve();
    expect(options.hidden).toBe(false);
    (control.parentElement as HTMLElement).hidden = true;
    await Promise.resolve();
    expect(options.hidden).toBe(true);
    control.parentElement?.removeAttribute("hidden");
    await Promise.resolve();
    expect(options.hidden).toBe(false);
    frame.fail("broken");
    await Promise.resolve();
    expect(options.hidden).toBe(true);
  });

  it("is there for the explanation that stands nowhere else", () => {
    const { element, options } = shown("heads");
    expect(options.hidden).toBe(true);
    explains.value = false;
    expect(options.hidden).toBe(false);
    const id = options.popoverTargetElement as HTMLElement;
    expect(one(id, ".aw-help").textContent).toContain(VIEWS.heads.texts.help.short.en);
    expect(all(element, ".aw-popover")).toEqual([id]);
  });
});

describe("the full window", () => {
  it("is as large as the room, and never smaller than a cell", () => {
    expect(scaleFor(1280, 720)).toBeCloseTo(1.28, 2);
    expect(scaleFor(1920, 1080)).toBeCloseTo(1.92, 2);
    expect(scaleFor(640, 900)).toBe(1);
    expect(scaleFor(1920, 600)).toBeLessThan(1.1); // nothing goes beyond the lower edge
  });
});
