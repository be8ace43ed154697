/** The box that searches the text: how many matches, and from one to the next. */

import { computed, signal } from "@preact/signals-core";
import { button, h } from "../../browser/dom";
import { type AppState, watch } from "../../state/app_state";
import { TEXT } from "./texts";

export interface SearchBox<Found> {
  readonly element: HTMLElement;
  /** All matches, and which of them is looked at; -1 for none. */
  found(): { all: readonly Found[]; now: number };
}

/** `find` reads signals. `jump` is called for the match that is looked at, when it changes. */
export function searchBox<Found>(
  state: AppState,
  abort: AbortSignal,
  find: (query: string) => readonly Found[],
  jump: (match: Found) => void,
): SearchBox<Found> {
  const { say } = state;
  const query = signal("");
  const place = signal(0);
  const all = computed(() => (query.value.trim() ? find(query.value) : []));
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

  input.addEventListener(
    "input",
    () => {
      query.value = input.value;
      place.value = 0;
      show();
    },
    { signal: abort },
  );
  input.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape" && input.value) {
        input.value = "";
        query.value = "";
      } else return;
      event.preventDefault();
    },
    { signal: abort },
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
  return { element, found: () => ({ all: all.value, now: now.value }) };
}
