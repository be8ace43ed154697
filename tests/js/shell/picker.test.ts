import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { headColours } from "../../../js/draw/palette";
import { picker } from "../../../js/shell/picker";
import type { State } from "../../../js/trace/contract";
import { COMBINES, VIEWS } from "../../../js/trace/options";
import { VIEWS as TABLE } from "../../../js/views";
import { all, one, press } from "../helpers/page";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
  token,
  tokensOf,
} from "../helpers/state";

let element: HTMLElement;
let widget: Connected;

beforeEach(() => {
  element = document.createElement("div");
  document.body.append(element);
});

afterEach(() => {
  widget.controller.abort();
  document.body.replaceChildren();
});

function show(change: Partial<State> = {}): Connected {
  widget = connected(change);
  picker(element, TABLE, widget.state, widget.controller.signal);
  return widget;
}

const chips = (label: string) =>
  all<HTMLButtonElement>(one(element, `[aria-label="${label}"]`), "button");
const layers = () => chips("Layer");
const heads = () => chips("Heads");
const pressed = (buttons: HTMLElement[]) =>
  buttons.flatMap((button, index) =>
    (button.getAttribute("aria-checked") ?? button.getAttribute("aria-pressed")) === "true"
      ? [index]
      : [],
  );
const named = (text: string) => {
  const [found] = all<HTMLButtonElement>(element, "button").filter(
    ({ textContent }) => textContent === text,
  );
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
const click = (button: HTMLElement | undefined, held: MouseEventInit = {}) =>
  button?.dispatchEvent(new MouseEvent("click", { bubbles: true, ...held }));

const MIXED = metaOf("a b", { attention: attentionOf([layerOf(4), null, layerOf(2)]) });

describe("layers", () => {
  it("one is chosen, here and in Python", () => {
    const { host } = show({ meta: MIXED });
    expect(layers()).toHaveLength(3);
    expect(pressed(layers())).toEqual([0]);
    click(layers()[2]);
    expect(host.saved).toEqual([{ layer: 2 }]);
    expect(pressed(layers())).toEqual([2]);
    host.receive({ layer: 0 });
    expect(pressed(layers())).toEqual([0]);
  });

  it("one without attention is off, and arrows go past it", () => {
    const { state } = show({ meta: MIXED });
    expect(layers().map(({ disabled }) => disabled)).toEqual([false, true, false]);
    layers()[0]?.focus();
    press(document.activeElement, "ArrowRight");
    expect(state.layer.value).toBe(2);
  });
});

describe("kinds of attention", () => {
  const TRANSLATOR = metaOf("a b", {
    target: { tokens: tokensOf("x y z"), has_hidden_states: true, generated: false },
    attention: [
      ...attentionOf([layerOf(4)]),
      ...attentionOf([layerOf(2), layerOf(2)], "decoder"),
      ...attentionOf([null, layerOf(2)], "cross"),
    ],
  });
  const kinds = () => chips("Attention");

  it("are no choice where there is one", () => {
    show();
    expect(one(element, '[aria-label="Attention"]').hidden).toBe(true);
  });

  it("are named, and those that are missing are not shown", () => {
    const meta = metaOf("a", {
      attention: [...attentionOf([layerOf(1)]), ...attentionOf([layerOf(1)], "cross")],
    });
    show({ meta });
    expect(one(element, '[aria-label="Attention"]').hidden).toBe(false);
    expect(kinds().map(({ textContent, hidden }) => [textContent, hidden])).toEqual([
      ["encoder", false],
      ["decoder", true],
      ["cross", false],
    ]);
    expect(pressed(kinds())).toEqual([0]);
  });

  it("a click brings a layer that has it, and lets go of tokens of another text", () => {
    const { host, state } = show({ meta: TRANSLATOR, token: 2, pinned: [1], key_token: 3 });
    click(kinds()[2]);
    expect(host.saved).toEqual([{ attention_kind: "cross", layer: 1, token: null, pinned: [] }]);
    expect(state.key_token.value).toBe(3); // the keys are the same
    expect(pressed(kinds())).toEqual([2]);
    expect(layers().map(({ disabled }) => disabled)).toEqual([true, false]);
    state.token.value = 4;
    click(kinds()[1]);
    expect(host.saved.at(-1)).toEqual({ attention_kind: "decoder", key_token: null });
    expect(state.token.value).toBe(4);
    click(kinds()[0]);
    expect(host.saved.at(-1)).toEqual({ attention_kind: "encoder", layer: 0, token: null });
  });
});

describe("heads", () => {
  it("are those of the layer, each in its colour", () => {
    const { host } = show({ meta: MIXED, heads: [0, 1, 3] });
    expect(pressed(heads())).toEqual([0, 1, 3]);
    expect(heads().map((chip) => chip.style.getPropertyValue("--aw-head"))).toEqual(headColours(4));
    host.receive({ layer: 2, heads: [0, 1] });
    expect(heads()).toHaveLength(2);
    expect(pressed(heads())).toEqual([0, 1]);
    host.receive({ theme: "dark" });
    expect(heads().map((chip) => chip.style.getPropertyValue("--aw-head"))).toEqual(headColours(2));
  });

  it("a click shows one, a Ctrl-click adds or takes away, in order", () => {
    const { state, host } = show({ heads: [2] });
    click(heads()[0], { ctrlKey: true });
    expect(state.heads.value).toEqual([0, 2]);
    click(heads()[2], { ctrlKey: true });
    expect(state.heads.value).toEqual([0]);
    click(heads()[1]);
    expect(state.heads.value).toEqual([1]);
    expect(host.saved).toEqual([{ heads: [0, 2] }, { heads: [0] }, { heads: [1] }]);
  });

  it("of several the first is the one that single-head views show", () => {
    const { state } = show({ heads: [1] });
    click(heads()[2], { ctrlKey: true });
    expect(state.focusHead.value).toBe(1);
    click(heads()[0], { ctrlKey: true });
    expect(state.focusHead.value).toBe(0);
    click(heads()[2]);
    expect(state.focusHead.value).toBe(2);
  });

  it("all, none, and how several are shown", () => {
    const { state, host } = show({ heads: [1] });
    const list = one<HTMLSelectElement>(
      one(element, '[aria-label="Heads"]').parentElement ?? element,
      "select",
    );
    const field = list.closest("label");
    expect(field?.hasAttribute("data-off")).toBe(true); // of one there is one way
    click(named("all"));
    expect(state.heads.value).toEqual([0, 1, 2]);
    expect(named("all").disabled).toBe(true);
    expect(field?.hasAttribute("data-off")).toBe(false);
    expect(all<HTMLOptionElement>(list, "option").map(({ value }) => value)).toEqual([...COMBINES]);
    for (const combine of [...COMBINES].reverse()) {
      list.value = combine;
      list.dispatchEvent(new Event("change"));
      expect(state.combine.value).toBe(combine);
    }
    host.receive({ combine: "mean" });
    expect(list.value).toBe("mean");
    click(named("none"));
    expect(state.heads.value).toEqual([]);
    expect(named("none").disabled).toBe(true);
    expect(pressed(heads())).toEqual([]);
    heads()[0]?.focus();
    press(document.activeElement, "ArrowRight");
    expect(state.heads.value).toEqual([1]);
  });
});

describe("views", () => {
  const views = () => chips("Views");

  it("come and go, but the last stays", () => {
    const { state } = show({ views: ["lines", "text"] });
    expect(views().map((each) => each.dataset.view)).toEqual([...VIEWS]);
    expect(pressed(views())).toEqual([0, 5]);
    click(views()[2]);
    expect(state.views.value).toEqual(["lines", "text", "neuron"]);
    for (const index of [0, 2, 5]) click(views()[index]);
    expect(state.views.value).toEqual(["text"]);
    expect(pressed(views())).toEqual([5]);
    for (const index of [4, 3, 2, 1, 0]) click(views()[index]);
    expect(state.views.value).toEqual(["text", "tokens", "matrix", "neuron", "grid", "lines"]);
  });
});

describe("rows of every view", () => {
  const field = (label: string) => {
    const found = all<HTMLElement>(element, "label").find(
      (each) => one(each, "span").textContent === label,
    );
    if (!found) throw new Error(`no field ${label}`);
    return { field: found, list: one<HTMLSelectElement>(found, "select") };
  };
  const choose = (list: HTMLSelectElement, value: string) => {
    list.value = value;
    list.dispatchEvent(new Event("change"));
  };

  it("are words or tokens, whichever views are shown", () => {
    const { state, host } = show({ views: ["neuron"] });
    const { list } = field("units");
    expect(list.value).toBe("false");
    choose(list, "true");
    expect([state.words.value, host.state.words]).toEqual([true, true]);
    host.receive({ words: false });
    expect(list.value).toBe("false");
  });

  it("have special tokens or not, where there are some", () => {
    const { state, host } = show({ views: ["grid"] });
    const { field: label, list } = field("special tokens");
    expect([label.hidden, list.value]).toEqual([false, "show"]);
    for (const choice of ["hide", "renormalise"] as const) {
      choose(list, choice);
      expect([state.special_tokens.value, host.state.special_tokens]).toEqual([choice, choice]);
      expect(label.hidden).toBe(false); // the way back
    }
    host.receive({ meta: metaOf([token("a"), token("b")], { run: 2 }), special_tokens: "show" });
    expect([label.hidden, list.value]).toEqual([true, "show"]);
  });
});
