/** The examples of a head: the query and the key are marked, what the query gives shades the row. */

import { h, on } from "../../browser/dom";
import { css, inkOn } from "../../draw/colour";
import { weightColours } from "../../draw/weight_colours";
import { tooltip } from "../../interact/tooltip";
import { isolated } from "../../language/direction";
import type { AppState } from "../../state/app_state";
import type { AtlasExample } from "../../trace/atlas";
import { excerptOf, type Shown } from "./excerpt";
import { ATLAS_VIEW } from "./texts";

export interface ExampleList {
  readonly element: HTMLElement;
  set(examples: readonly AtlasExample[], canOpen: boolean): void;
  /** Which one the views show. */
  tellOpen(example: AtlasExample | null): void;
}

export function exampleList(
  frame: HTMLElement,
  state: AppState,
  open: (example: AtlasExample) => void,
  abort: AbortSignal,
): ExampleList {
  const element = h("div", { class: "aw-atlas-examples", tabindex: -1 });
  const tip = tooltip(frame, abort);
  let shown: readonly AtlasExample[] = [];
  const indexOf = (target: EventTarget | null) => {
    const node = (target as HTMLElement | null)?.closest<HTMLElement>("[data-example]");
    return node ? Number(node.dataset.example) : -1;
  };

  tip.follow(element, ({ target }) => {
    const token = (target as HTMLElement).closest<HTMLElement>("[data-token]");
    const example = shown[indexOf(target)];
    if (!token || !example) return null;
    const at = Number(token.dataset.token);
    const weight = state.numbers.share(Number(example.row[at] ?? Number.NaN), errorOf(example));
    return [isolated(example.labels[at] ?? ""), state.say(ATLAS_VIEW.ofRow, { weight })];
  });
  on(element, "click", abort, ({ target }) => {
    if (!(target as HTMLElement).closest("button")) return;
    const example = shown[indexOf(target)];
    if (example) open(example);
  });

  function item(example: AtlasExample, place: number, canOpen: boolean): HTMLElement {
    const { say, numbers } = state;
    const { labels, query, key } = example;
    const named = {
      query: isolated(labels[query] ?? ""),
      key: isolated(labels[key] ?? ""),
      weight: numbers.share(Number(example.weight), 0), // in a page too
    };
    const head = h(
      "span",
      { class: "aw-atlas-about" },
      h("b", { title: numbers.exact(Number(example.weight)) }, named.weight),
      ` ${say(ATLAS_VIEW.attends, named)}`,
      h("span", { class: "aw-atlas-number" }, say(ATLAS_VIEW.text, { number: example.number })),
    );
    const body = [head, tokensOf(state, example)];
    const isOpenable = canOpen && example.text !== "";
    const inner = isOpenable
      ? h(
          "button",
          {
            type: "button",
            class: "aw-atlas-example",
            title: say(ATLAS_VIEW.open),
            "aria-label": `${say(ATLAS_VIEW.weight, named)}. ${say(ATLAS_VIEW.open)}`,
          },
          ...body,
        )
      : h("div", { class: "aw-atlas-example" }, ...body);
    return h("li", { "data-example": place }, inner);
  }

  return {
    element,
    set(examples, canOpen) {
      shown = examples;
      const groups = [
        { title: state.say(ATLAS_VIEW.strongest), of: (rank: number) => rank === 0 },
        { title: state.say(ATLAS_VIEW.tenths), of: (rank: number) => rank > 0 },
      ];
      element.replaceChildren(
        ...groups.flatMap(({ title, of }) => {
          const own = examples.flatMap((one, place) =>
            of(one.rank) ? [item(one, place, canOpen)] : [],
          );
          const marks = of(0) ? [marksLegend(state)] : [];
          return own.length
            ? [h("h5", {}, title, ...marks), h("ol", { "aria-label": title }, ...own)]
            : [];
        }),
      );
    },
    tellOpen(example) {
      for (const node of element.querySelectorAll<HTMLElement>("[data-example]")) {
        const isOpen = example !== null && shown[Number(node.dataset.example)] === example;
        node.toggleAttribute("data-open", isOpen);
        if (isOpen) node.firstElementChild?.setAttribute("aria-current", "true");
        else node.firstElementChild?.removeAttribute("aria-current");
      }
    },
  };
}

/** How the query and the key are marked. */
function marksLegend({ say }: AppState): HTMLElement {
  const mark = (as: "query" | "key") =>
    h("span", { class: "aw-atlas-token", "data-as": as }, say(ATLAS_VIEW[as]));
  return h("span", { class: "aw-atlas-marks" }, mark("query"), mark("key"));
}

/** A saved page keeps rows with four decimals, and no ids. */
const errorOf = ({ ids }: AtlasExample) => (ids.length ? 0 : 5e-5);

const GAP = " … ";

function tokensOf(state: AppState, example: AtlasExample): HTMLElement {
  const colours = weightColours(state, null, 1);
  const dark = state.dark.value;
  const excerpt = excerptOf(example);
  const token = (shown: Shown) => {
    const node = h("span", { class: "aw-atlas-token", "data-token": shown.index }, shown.label);
    if (shown.as) node.dataset.as = shown.as;
    if (shown.weight > 0) {
      const colour = colours.of(shown.weight);
      node.style.background = css(colour);
      node.style.color = css(inkOn(colour, dark));
    }
    return node;
  };
  const parts: (Node | string)[] = excerpt.startsInside ? [GAP] : [];
  excerpt.stretches.forEach((stretch, place) => {
    if (place) parts.push(GAP);
    for (const [at, shown] of stretch.entries()) {
      if (at && !shown.joins) parts.push(" ");
      parts.push(token(shown));
    }
  });
  if (excerpt.endsInside) parts.push(GAP);
  return h("span", { class: "aw-atlas-tokens", dir: "auto" }, ...parts);
}
