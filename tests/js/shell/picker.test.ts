import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { headColours } from "../../../js/draw/palette";
import { picker } from "../../../js/shell/picker";
import type { State } from "../../../js/trace/contract";
import { COMBINES } from "../../../js/trace/options";
import { HandModel } from "../helpers/model";
import { all, one, press } from "../helpers/page";
import {
  attentionOf,
  type Connected,
  connected,
  layerOf,
  metaOf,
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
  picker(element, widget.state, new HandModel(), widget.controller.signal);
  return widget;
}

const list = (name: string) => one<HTMLSelectElement>(element, `.aw-${name} select`);
const choose = (name: string, value: string | number) => {
  list(name).value = String(value);
  list(name).dispatchEvent(new Event("change"));
};
const off = (name: string) =>
  all<HTMLOptionElement>(list(name), "option").flatMap(({ disabled, value }) =>
    disabled ? [value] : [],
  );
const heads = () => all<HTMLButtonElement>(one(element, '.aw-chips[aria-label="Heads"]'), "button");
const opener = () => one<HTMLButtonElement>(element, ".aw-open-heads");
const pressed = (buttons: HTMLElement[]) =>
  buttons.flatMap((button, index) =>
    button.getAttribute("aria-pressed") === "true" ? [index] : [],
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
    expect(all<HTMLOptionElement>(list("layer"), "option").map(({ text }) => text)).toEqual([
      "0",
      "1",
      "2",
    ]);
    expect(list("layer").value).toBe("0");
    choose("layer", 2);
    expect(host.saved).toEqual([{ layer: 2 }]);
    host.receive({ layer: 0 });
    expect(list("layer").value).toBe("0");
  });

  it("one without attention is off, and says why", () => {
    show({ meta: MIXED });
    expect(off("layer")).toEqual(["1"]);
    expect(list("layer").options[1]?.title).toBe("Layer 1 has no attention of this kind");
  });

  it("of another text are as many as it has", () => {
    const { host } = show({ meta: MIXED });
    host.receive({ meta: metaOf("a", { run: 2, attention: attentionOf([layerOf(1)]) }) });
    expect(list("layer").length).toBe(1);
  });
});

describe("kinds of attention", () => {
  const TRANSLATOR = metaOf("a b", {
    target: {
      tokens: tokensOf("x y z"),
      has_hidden_states: true,
      has_word_embeddings: true,
      generated: false,
      given: null,
      replaceable: false,
    },
    attention: [
      ...attentionOf([layerOf(4)]),
      ...attentionOf([layerOf(2), layerOf(2)], "decoder"),
      ...attentionOf([null, layerOf(2)], "cross"),
    ],
  });
  const kinds = () => all<HTMLOptionElement>(list("kind"), "option");

  it("are no choice where there is one", () => {
    show();
    expect(one(element, ".aw-kind").hidden).toBe(true);
  });

  it("are named, and those that are missing cannot be chosen", () => {
    const meta = metaOf("a", {
      attention: [...attentionOf([layerOf(1)]), ...attentionOf([layerOf(1)], "cross")],
    });
    show({ meta });
    expect(one(element, ".aw-kind").hidden).toBe(false);
    expect(kinds().map(({ text }) => text)).toEqual(["encoder", "decoder", "cross"]);
    expect(off("kind")).toEqual(["decoder"]);
    expect(list("kind").value).toBe("encoder");
    expect(one(element, ".aw-kind").title).toBe("Encoder: self-attention");
  });

  it("bring a layer that has it, and let go of tokens of another text", () => {
    const { host, state } = show({ meta: TRANSLATOR, token: 2, pinned: [1], key_token: 3 });
    choose("kind", "cross");
    expect(host.saved).toEqual([{ attention_kind: "cross", layer: 1, token: null, pinned: [] }]);
    expect(state.key_token.value).toBe(3); // the keys are the same
    expect(list("kind").value).toBe("cross");
    expect(off("layer")).toEqual(["0"]);
    state.token.value = 4;
    choose("kind", "decoder");
    expect(host.saved.at(-1)).toEqual({ attention_kind: "decoder", key_token: null });
    expect(state.token.value).toBe(4);
    choose("kind", "encoder");
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
    const combine = one<HTMLSelectElement>(element, '[data-option="combine"] select');
    const field = combine.closest("label");
    expect(field?.hasAttribute("data-off")).toBe(true); // of one there is one way
    click(named("all"));
    expect(state.heads.value).toEqual([0, 1, 2]);
    expect(named("all").disabled).toBe(true);
    expect(field?.hasAttribute("data-off")).toBe(false);
    expect(all<HTMLOptionElement>(combine, "option").map(({ value }) => value)).toEqual([
      ...COMBINES,
    ]);
    for (const each of [...COMBINES].reverse()) {
      combine.value = each;
      combine.dispatchEvent(new Event("change"));
      expect(state.combine.value).toBe(each);
    }
    host.receive({ combine: "mean" });
    expect(combine.value).toBe("mean");
    click(named("none"));
    expect(state.heads.value).toEqual([]);
    expect(named("none").disabled).toBe(true);
    expect(pressed(heads())).toEqual([]);
    heads()[0]?.focus();
    press(document.activeElement, "ArrowRight");
    expect(state.heads.value).toEqual([1]);
  });

  it("several can be chosen without a key", () => {
    const { state } = show({ heads: [2] });
    expect(named("several").getAttribute("aria-pressed")).toBe("false");
    click(named("several"));
    expect(named("several").getAttribute("aria-pressed")).toBe("true");
    click(heads()[0]);
    expect(state.heads.value).toEqual([0, 2]);
    click(heads()[2]);
    expect(state.heads.value).toEqual([0]);
    heads()[0]?.focus();
    press(document.activeElement, "ArrowRight"); // only goes there
    expect(state.heads.value).toEqual([0]);
    press(document.activeElement, " ");
    expect(state.heads.value).toEqual([0, 1]);
    click(named("several"));
    click(heads()[2]);
    expect(state.heads.value).toEqual([2]);
  });

  it("are named on the button, with the colour of each", () => {
    const { host } = show({ heads: [1] });
    const said = () => one(opener(), ".aw-opener-words").textContent;
    const colours = () =>
      all(opener(), ".aw-chosen-head").map((each) => each.style.getPropertyValue("--aw-head"));
    const [, second = "", third = ""] = headColours(3);
    expect([said(), ...colours()]).toEqual(["head 1", second]);
    host.receive({ heads: [1, 2] });
    expect([said(), ...colours()]).toEqual(["heads 1, 2", second, third]);
    host.receive({ combine: "mean" });
    expect([said(), ...colours()]).toEqual(["mean of heads 1, 2"]); // of no colour
    host.receive({ heads: [0, 1, 2] });
    expect(said()).toBe("mean of all heads");
    host.receive({ combine: "columns" });
    expect([said(), ...colours()]).toEqual(["all heads", ...headColours(3)]);
    host.receive({ heads: [] });
    expect([said(), ...colours()]).toEqual(["no head"]);
    host.receive({
      heads: [0],
      meta: metaOf("a", { run: 2, attention: attentionOf([layerOf(1)]) }),
    });
    expect(said()).toBe("head 0"); // of one head all is no word
  });
});

describe("heads of several layers", () => {
  const meta = metaOf("a b", { attention: attentionOf([layerOf(3), null, layerOf(2)]) });
  const group = () => one(element, ".aw-pair-picker");
  const selects = () => all<HTMLSelectElement>(group(), "select");
  const act = (name: string) => one<HTMLButtonElement>(group(), `[data-pairs="${name}"]`);
  const listed = () => all(group(), "li span").map(({ textContent }) => textContent);
  const pick = (place: number, value: number) => {
    const list = selects()[place] as HTMLSelectElement;
    list.value = String(value);
    list.dispatchEvent(new Event("change"));
  };

  it("are added by their numbers, and go one by one or all at once", () => {
    const { state } = show({ meta, heads: [1] });
    expect(selects().map(({ value }) => value)).toEqual(["2", "1"]); // the next layer that has any
    expect([act("add").disabled, act("clear").hidden]).toEqual([false, true]);
    act("add").click();
    expect(state.head_pairs.value).toEqual([
      [0, 1],
      [2, 1],
    ]);
    expect(listed()).toEqual(["layer 0, head 1", "layer 2, head 1"]);
    expect(opener().textContent).toBe("2 heads side by side");
    expect(all(opener(), "i")).toHaveLength(2);
    expect(pressed(heads())).toEqual([]);
    pick(0, 2);
    pick(1, 1);
    expect(act("add").disabled).toBe(true); // it is there
    pick(1, 0);
    act("add").click();
    const [, second] = all<HTMLButtonElement>(group(), "li button");
    expect(second?.getAttribute("aria-label")).toBe("Remove layer 2, head 1");
    second?.click();
    expect(listed()).toEqual(["layer 0, head 1", "layer 2, head 0"]);
    expect(group().contains(document.activeElement)).toBe(true);
    act("clear").click();
    expect(state.head_pairs.value).toEqual([]);
    expect([state.layer.value, state.heads.value]).toEqual([2, [0]]);
  });

  it("end with a choice of a layer or of a head", () => {
    const head_pairs: [number, number][] = [
      [0, 1],
      [2, 1],
    ];
    const { state } = show({ meta, layer: 2, heads: [1], head_pairs });
    choose("layer", 0);
    expect([state.layer.value, state.head_pairs.value]).toEqual([0, []]);
    state.head_pairs.value = head_pairs;
    heads()[2]?.click();
    expect([state.heads.value, state.head_pairs.value]).toEqual([[2], []]);
  });

  it("are none where there is one layer", () => {
    show({ meta: metaOf("a b", { attention: attentionOf([layerOf(3)]) }) });
    expect(group().hidden).toBe(true);
  });
});
