/** The table of heads, of which only the rows in sight exist; a click or a key selects a head. */

import { h, on } from "../../browser/dom";
import { headingWidth, tableInSight, widest } from "../../controls/table_in_sight";
import { DOWN, revealer, rowsOnPage, tellHeight, tokenOf } from "../../controls/virtual_rows";
import type { Step } from "../../draw/colour_maps";
import { effectStep, hatchBackground } from "../../draw/effect_colours";
import { inksOf } from "../../draw/inks";
import { changeStep, scoreStep } from "../../draw/score_colours";
import { isSeveral, listenToKeys, moved } from "../../interact/keys";
import { formatEffect } from "../../language/effects";
import { labelInWords } from "../../language/labels";
import { formatChange, formatSummary } from "../../language/summaries";
import { COMPARISON } from "../../language/texts/comparison";
import { EFFECT } from "../../language/texts/effects";
import { KINDS } from "../../language/texts/kinds";
import { LABEL_NAMES } from "../../language/texts/labels";
import { SUMMARY_NAMES } from "../../language/texts/summaries";
import { LABELS } from "../../measures/detectors";
import { type AppState, watch } from "../../state/app_state";
import { chooseHead, type Head, isChosen } from "../../state/choose_head";
import { letGo } from "../../state/selecting";
import type { HeadsData, Order } from "./data";
import { TABLE } from "./texts";

const GAP = 2; // as in style.css
const SCROLLBAR = 24;
/** Beside a heading, and beside what stands in a cell. */
const PADDING = { heading: 18, cell: 8 };
const SIZE = 13; // of what stands in cells

export interface Column {
  readonly title: string;
  /** What a click on its name orders by. */
  readonly orders: Order["by"];
  /** CSS pixels that it needs. */
  readonly least: number;
  text(head: Head): string;
  /** What a click on its name does beside ordering. */
  readonly about?: string;
  /** Behind its number, if that has a colour. */
  step?(head: Head): Step;
  /** For who points at its cell. */
  hint?(head: Head): string;
  /** Whether it is hatched: it has a place in an order, and no number yet. */
  isHatched?(head: Head): boolean;
}

export interface HeadTable {
  readonly element: HTMLElement;
  readonly scroller: HTMLElement;
  columns(): Column[];
  draw(): void;
}

/** @param hasEffects whether there is a column of effects. */
export function headTable(
  state: AppState,
  data: HeadsData,
  hasEffects: () => boolean,
  abort: AbortSignal,
): HeadTable {
  const { say } = state;
  const { rows, order } = data;
  const names = { table: "aw-heads-table", rows: "aw-head-rows" };
  const { element, header, scroller, list } = tableInSight(names, say(TABLE.table), drawRow);

  function columns(): Column[] {
    const { value: summaries } = data.summaries;
    const kind = {
      title: say(TABLE.kind),
      orders: null,
      least: 90,
      text: (head: Head) => say(KINDS[head.kind]),
    };
    return [
      ...(state.meta.value.attention.length > 1 ? [kind] : []),
      {
        title: say(TABLE.layer),
        orders: null,
        least: 56,
        text: ({ layer }) => String(layer),
      },
      {
        title: say(TABLE.head),
        orders: "head",
        least: 50,
        text: ({ head }) => String(head),
      },
      ...(data.hasLabels.value || data.order.value.by === "label" ? [labelColumn()] : []),
      ...(hasEffects() ? [effectColumn()] : []),
      ...data.columns.value.map((by) => ({
        title: say(SUMMARY_NAMES[by]),
        ...(by === "divergence" && { about: say(COMPARISON.aboutDivergence) }),
        orders: by,
        least: 60,
        text: (head: Head) =>
          (state.isDifference.value ? formatChange : formatSummary)(
            by,
            summaries.of(head, by),
            state.numbers,
          ),
        step: (head: Head) =>
          (state.isDifference.value && by !== "divergence" ? changeStep : scoreStep)(
            state,
            data.shareOf(head, by),
          ),
      })),
    ];
  }

  function labelColumn(): Column {
    const { value: labels } = data.labels;
    return {
      title: say(TABLE.label),
      about: say(data.isProbed.value ? TABLE.aboutProbed : TABLE.aboutLabel),
      orders: "label",
      least:
        widest(
          LABELS.filter(data.isUsed).map((name) => say(LABEL_NAMES[name])),
          SIZE,
        ) + PADDING.cell,
      text(head) {
        const label = labels(head);
        return label ? say(LABEL_NAMES[label.name]) : "";
      },
      hint(head) {
        const label = labels(head);
        return label ? labelInWords(state, label, data.isProbed.value) : "";
      },
    };
  }

  function effectColumn(): Column {
    const [{ value: effects }, { value: known }] = [data.effects, data.effectsKnown];
    return {
      title: say(EFFECT.name),
      about: say(EFFECT.column),
      orders: "effect",
      least: 60,
      text: (head) => (known ? formatEffect(state.numbers, known.found, effects.of(head)) : ""),
      ...(known && {
        step: (head) => effectStep(state, known.found, known.range, effects.of(head)),
      }),
      isHatched: (head) => effects.placeOf(head) !== null && Number.isNaN(effects.of(head)),
    };
  }

  function drawRow(node: HTMLElement, index: number): void {
    const head = rows.value[index];
    if (!head) return;
    const shown = columns();
    if (node.childElementCount !== shown.length) {
      node.setAttribute("role", "row");
      node.replaceChildren(...shown.map(() => h("span", { role: "gridcell" })));
    }
    node.setAttribute("aria-rowindex", String(index + 2));
    node.setAttribute("aria-selected", String(isChosen(state, head)));
    node.classList.toggle("aw-selected", isChosen(state, head));
    shown.forEach(({ text, step, isHatched, hint }, place) => {
      const cell = node.children[place] as HTMLElement;
      cell.textContent = text(head);
      const look = cell.textContent ? step?.(head) : null;
      const hatched = isHatched?.(head) ? hatchBackground(inksOf(element, state.dark.value)) : "";
      cell.style.background = look?.colour ?? hatched;
      cell.style.color = look?.ink ?? "";
      cell.title = hatched ? say(EFFECT.untried) : (hint?.(head) ?? "");
    });
  }

  on(header, "click", abort, ({ target }) => {
    const place = [...header.children].findIndex(({ firstChild }) => firstChild === target);
    if (place < 0) return;
    const { orders: by = null } = columns()[place] ?? {};
    const { value: now } = order;
    const isNumber = by !== null && by !== "head" && by !== "label"; // of which the largest come first
    order.value = { by, isAscending: now.by === by ? !now.isAscending : !isNumber };
    scroller.scrollTop = 0; // the first ones are what one sorts for
  });
  watch(abort, () => {
    const shown = columns();
    while (header.childElementCount > shown.length) header.lastElementChild?.remove();
    while (header.childElementCount < shown.length) {
      const name = h("button", { type: "button", class: "aw-order" });
      header.append(h("span", { role: "columnheader" }, name));
    }
    const { by: ordered, isAscending } = order.value;
    const first = shown.findIndex(({ orders }) => orders === ordered);
    shown.forEach(({ title, about = "" }, place) => {
      const sort = place !== first ? "none" : isAscending ? "ascending" : "descending";
      const cell = header.children[place];
      cell?.setAttribute("aria-sort", sort);
      cell?.firstElementChild?.replaceChildren(title);
      cell?.setAttribute("title", about);
    });
    const sizes = shown.map(({ least, title }) =>
      Math.max(least, headingWidth(title) + PADDING.heading),
    );
    const tracks = sizes.map((least) => `minmax(${least}px, ${least}fr)`);
    const width = sizes.reduce((sum, least) => sum + least + GAP, SCROLLBAR);
    element.style.setProperty("--aw-tracks", tracks.join(" "));
    element.style.minWidth = `${width}px`;
    element.setAttribute("aria-rowcount", String(rows.value.length + 1));
  });

  const here = () =>
    rows.value.findIndex((head) => isChosen(state, head) && head.head === state.focusHead.value);
  on(list.element, "click", abort, (event) => {
    const head = rows.value[tokenOf(event) ?? -1];
    if (head) chooseHead(state, head, isSeveral(event));
  });
  listenToKeys(
    scroller,
    {
      move({ by, x, y }) {
        if (by === "step" && x) return false;
        const { length } = rows.value;
        const now = here();
        const from = now < 0 && x + y < 0 ? length : now;
        const step = { step: y, page: y * rowsOnPage(scroller, DOWN), end: x * length }[by];
        const head = rows.value[moved(from, step, length)];
        return head ? chooseHead(state, head, false) : false;
      },
      escape: () => letGo(state),
    },
    abort,
  );
  /** A head that was selected elsewhere comes into sight; in another order one reads on where one is. */
  const shownRow = () => {
    const row = here();
    return row < 0 ? null : row;
  };
  const reveal = revealer(scroller, shownRow, undefined, () => {
    const head = rows.value[here()];
    return head ? `${head.kind} ${head.layer}.${head.head}` : null;
  });

  return {
    element,
    scroller,
    columns,
    draw() {
      tellHeight(scroller, rows.value.length);
      list.refresh(rows.value.length);
      reveal();
    },
  };
}
