/** Controls of options, from their declaration: a list of names, or a button that is pressed. */

import { button, select } from "../browser/dom";
import type { Text } from "../language/say";
import { type AppState, type Settable, watch } from "../state/app_state";
import type { OPTIONS, Options } from "../trace/options";

type Declared = typeof OPTIONS;

/** The options with a control of this kind in this place. */
type At<Place, Link> = {
  [K in keyof Declared]: Declared[K] extends { place: Place; link: Link } ? K : never;
}[keyof Declared];

interface ListTexts<Value extends string> {
  readonly label: Text;
  readonly values: Readonly<Record<Value, Text | string>>;
}

interface FlagTexts {
  readonly label: Text;
  readonly title: Text;
}

/** What the controls of a place say, in the order in which they stand there. */
export type OptionTexts<Place> = {
  readonly [K in At<Place, "name">]: ListTexts<Options[K]>;
} & {
  readonly [K in At<Place, "flag">]: FlagTexts | ListTexts<"true" | "false">;
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
}

/** The controls of a place, all of them. */
export function optionControls<Place extends Declared[keyof Declared]["place"]>(
  state: AppState,
  texts: OptionTexts<Place>,
  rules: { readonly [K in keyof OptionTexts<Place>]?: Rules },
  abort: AbortSignal,
): HTMLElement[] {
  return Object.entries<FlagTexts | ListTexts<string>>(texts).map(([key, said]) => {
    const name = key as At<Place, "name" | "flag">;
    const rule: Rules = rules[name] ?? {};
    const control = "values" in said ? optionList : optionFlag;
    const element = control(state, name, said as never, rule, abort);
    element.dataset.option = name;
    watch(abort, () => {
      element.hidden = !(rule.shown?.() ?? true);
    });
    return element;
  });
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
  { label, title }: FlagTexts,
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
