/** The box that searches the text: how many matches, and from one to the next. */

import { computed, signal } from "@preact/signals-core";
import { button, h, on } from "../../browser/dom";
import { openAround } from "../../controls/popover";
import { listenToKeys } from "../../interact/keys";
import { type AppState, watch } from "../../state/app_state";
import type { Passage } from "./passage";
import type { Passages } from "./passages";
import { type Match, matchesOf } from "./search";
import { TEXT } from "./texts";

export interface SideMatch extends Match {
  side: Passage;
}

export interface SearchBox {
  readonly element: HTMLElement;
  /** Opens what it lies in, for the key that leads here. */
  focus(): void;
  /** All matches, and which of them is looked at; -1 for none. */
  found(): { all: readonly SideMatch[]; now: number };
}

/** `jump` is called for the match that is looked at, when it changes. */
export function searchBox(
  state: AppState,
  { texts }: Passages,
  jump: (match: SideMatch) => void,
  abort: AbortSignal,
): SearchBox {
  const { say } = state;
  const query = signal("");
  const place = signal(0);
  const all = computed(() => {
    if (!query.value.trim()) return [];
    return texts.value.flatMap(({ side, text }) =>
      matchesOf(text, query.value).map((match) => ({ ...match, side })),
    );
  });
  const now = computed(() => (all.value.length ? place.value % all.value.length : -1));

  const input = h("input", {
    class: "aw-search-input",
    type: "search",
    "aria-label": say(TEXT.search),
    placeholder: say(TEXT.searchHint),
    dir: "auto",
    autocomplete: "off",
    spellcheck: "false",
  });
  const count = h("span", { class: "aw-search-count", "aria-hidden": "true" });
  const step = (by: number) => {
    const { length } = all.value;
    if (!length) return;
    place.value = (now.value + by + length) % length;
    show();
  };
  const show = () => {
    const match = all.value[now.value];
    if (match !== undefined) jump(match);
  };
  const arrow = (label: string, name: string, by: number) =>
    button(
      label,
      { class: "aw-button aw-search-step", "aria-label": name, title: name },
      abort,
      () => step(by),
    );
  const steps = [arrow("‹", say(TEXT.previous), -1), arrow("›", say(TEXT.next), 1)];
  const element = h("div", { class: "aw-search", role: "search" }, input, ...steps, count);

  on(input, "input", abort, () => {
    query.value = input.value;
    place.value = 0;
    show();
  });
  listenToKeys(
    input,
    {
      enter: ({ shiftKey }) => step(shiftKey ? -1 : 1),
      escape() {
        if (!input.value) return false;
        input.value = "";
        query.value = "";
        return true;
      },
    },
    abort,
    () => true,
  );
  watch(abort, () => {
    const { length: n } = all.value;
    for (const each of steps) each.disabled = n < 2;
    const said = !query.value.trim()
      ? ""
      : n
        ? say(TEXT.found, { n, place: now.value + 1 })
        : say(TEXT.notFound);
    count.textContent = said;
    input.setAttribute("aria-description", said);
  });
  const focus = () => {
    openAround(input);
    input.focus();
    input.select();
  };
  return { element, focus, found: () => ({ all: all.value, now: now.value }) };
}
