/** Controls of options, from their declaration: a list of names, a button or a slider. */

import { button, h, on, select } from "../browser/dom";
import type { Text } from "../language/say";
import { type AppState, type Settable, watch } from "../state/app_state";
import { OPTIONS, type Options } from "../trace/options";

type Declared = typeof OPTIONS;

/** The options with a control of this kind in this place. */
type At<Place, Link> = {
  [K in keyof Declared]: Declared[K] extends { place: Place; link: Link } ? K : never;
}[keyof Declared];

interface ListTexts<Value extends string> {
  readonly label: Text;
  readonly values: Readonly<Record<Value, Text | string>>;
}

/** Of a button or a slider. */
interface TitledTexts {
  readonly label: Text;
  readonly title: Text;
}

/** What the controls of a place say, in the order in which they stand there. */
export type OptionTexts<Place> = {
  readonly [K in At<Place, "name">]: ListTexts<Options[K]>;
} & {
  readonly [K in At<Place, "flag">]: TitledTexts | ListTexts<"true" | "false">;
} & {
  readonly [K in At<Place, "share">]: TitledTexts;
};

interface Rules {
  shown?(): boolean;
  /** Else it is dimmed, as it changes nothing now. */
  usable?(): boolean;
  /** Names that cannot be chosen now. */
  off?(): readonly string[];
  title?(): string;
  /** Sets the option, and does what goes with it. */
  around?(set: () => void): void;
  /** Whether it follows its slider while that is moved; else once it is let go. */
  atOnce?(): boolean;
}

/** The controls of a place, all of them. */
export function optionControls<Place extends Declared[keyof Declared]["place"]>(
  state: AppState,
  texts: OptionTexts<Place>,
  rules: { readonly [K in keyof OptionTexts<Place>]?: Rules },
  abort: AbortSignal,
): HTMLElement[] {
  return Object.entries<TitledTexts | ListTexts<string>>(texts).map(([key, said]) => {
    const name = key as At<Place, "name" | "flag" | "share">;
    return optionControl(state, name, said, rules[name] ?? {}, abort);
  });
}

/** That of one option, also in another place. */
export function optionControl(
  state: AppState,
  name: keyof Options,
  said: TitledTexts | ListTexts<string>,
  rule: Rules,
  abort: AbortSignal,
): HTMLElement {
  const single = OPTIONS[name].link === "share" ? optionShare : optionFlag;
  const control = "values" in said ? optionList : single;
  const element = control(state, name, said as never, rule, abort);
  element.dataset.option = name;
  watch(abort, () => {
    element.hidden = !(rule.shown?.() ?? true);
  });
  return element;
}

/** What controls need of the signal of an option, whatever its type. */
const signalOf = (state: AppState, name: keyof Options) =>
  state[name] as Settable<string | boolean>;

function optionList(
  state: AppState,
  name: keyof Options,
  { label, values }: ListTexts<string>,
  { usable, off, title, around = (set) => set() }: Rules,
  abort: AbortSignal,
): HTMLElement {
  const signal = signalOf(state, name);
  const names = Object.entries(values).map(
    ([value, text]) => [value, typeof text === "string" ? text : state.say(text)] as const,
  );
  const list = select(state.say(label), names, abort, (value) =>
    around(() => {
      signal.value = typeof signal.peek() === "boolean" ? value === "true" : value;
    }),
  );
  watch(abort, () => {
    list.set(String(signal.value));
    list.off(off?.() ?? []);
    list.element.toggleAttribute("data-off", !(usable?.() ?? true));
    list.element.title = title?.() ?? "";
  });
  return list.element;
}

function optionFlag(
  state: AppState,
  name: keyof Options,
  { label, title }: TitledTexts,
  { usable = () => true }: Rules,
  abort: AbortSignal,
): HTMLElement {
  const signal = signalOf(state, name);
  const flag = button(state.say(label), { title: state.say(title) }, abort, () => {
    signal.value = !signal.value;
  });
  watch(abort, () => {
    flag.disabled = !usable();
    flag.setAttribute("aria-pressed", String(signal.value && usable()));
  });
  return flag;
}

const HUNDREDTHS = Array.from({ length: 101 }, (_, place) => place / 100);

function optionShare(
  state: AppState,
  name: keyof Options,
  { label, title }: TitledTexts,
  { atOnce = () => true, usable = () => true, title: titleNow }: Rules,
  abort: AbortSignal,
): HTMLElement {
  const signal = state[name] as Settable<number>;
  const { stops }: { place: string; stops?: readonly number[] } = OPTIONS[name];
  const values = stops ?? HUNDREDTHS;
  const [min, max] = [stops ? 0 : 1, values.length - 1];
  const input = h("input", { type: "range", class: "aw-slider", min, max, step: 1 });
  const output = h("output", { class: "aw-slider-value" });
  const chosen = () => values[Number(input.value)] ?? 0;
  const tell = (value: number) => {
    output.textContent = state.numbers.exact(value);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  const set = () => {
    signal.value = chosen();
  };
  const move = () => {
    tell(chosen());
    if (atOnce()) set();
  };
  on(input, "input", abort, move);
  on(input, "change", abort, set);
  watch(abort, () => {
    const place = values.filter((value) => value <= signal.value).length - 1;
    input.value = String(Math.max(min, place));
    tell(signal.value);
  });
  const element = h("label", { class: "aw-field" }, h("span", {}, state.say(label)), input, output);
  watch(abort, () => {
    input.disabled = !usable();
    element.toggleAttribute("data-off", input.disabled);
    element.title = titleNow?.() || state.say(title);
  });
  return element;
}
