/** What mouse and keys do on the plane, and what a screen reader is told of the cell they are at. */

import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import { h, on } from "../../browser/dom";
import { zoomOf } from "../../browser/zoom";
import { listenToKeys, moved } from "../../interact/keys";
import { listenToPointer } from "../../interact/pointer";
import { tooltip } from "../../interact/tooltip";
import type { Pane } from "../../panel/view";
import { type Place, placeAt } from "../../plane/layout";
import { watch } from "../../state/app_state";
import { showLayer } from "../../state/choose_head";
import type { LensPlane } from "../../trace/lens_plane";
import { rowIn } from "../../trace/sides";
import type { PredictionData } from "./data";
import type { PlanePlan } from "./plane_plan";
import { PLANE } from "./plane_texts";

interface Parts {
  scroller: HTMLElement;
  plot: HTMLElement;
  plan: ReadonlySignal<PlanePlan>;
  shown: ReadonlySignal<LensPlane | null>;
  selected: ReadonlySignal<{ query: number | null; key: number | null }>;
  layerOf(row: number): number;
  linesOf(row: number, column: number): string[];
}

interface Cell {
  query: number;
  key: number;
}

/** Rows that a page of them is. */
const PAGE = 10;

/** The cell under the mouse, else where the keyboard is. */
export function planeHand(
  { element, state, abort }: Pane,
  data: PredictionData,
  { scroller, plot, plan, shown, selected, layerOf, linesOf }: Parts,
): ReadonlySignal<Place | null> {
  const { say } = state;
  const tip = tooltip(element, abort);
  const place = signal<Place | null>(null);
  const active = signal<Cell | null>(null);
  let mouse: MouseEvent | null = null;

  const cell = h("div", {
    role: "gridcell",
    id: `aw-lens-${Math.random().toString(36).slice(2)}`, // two widgets may share a page
  });
  const row = h("div", { role: "row", class: "aw-grid-active" }, cell);
  scroller.append(row);

  const start = (): Cell => ({
    query: selected.value.query ?? 0,
    key: selected.value.key ?? plan.value.keys - 1,
  });
  const whole = () => ({ x: 0, y: 0, width: plan.value.keys, height: plan.value.queries });
  const cellAt = (at: { x: number; y: number }): Cell | null => {
    const found = placeAt(plan.value, whole(), at.x, at.y);
    if (!found || found.query === null || found.key === null) return null;
    return { query: found.query, key: found.key };
  };

  /** Token and layer for all views; again, and the token is deselected. */
  function select({ query, key }: Cell): void {
    const token = shown.value?.positions[key];
    if (token === undefined) return;
    const layer = layerOf(query);
    const isSame = selected.value.key === key && state.layer.value === layer;
    batch(() => {
      if (!data.isOfText.peek()) state.attention_kind.value = "decoder";
      const meta = state.layers.value[layer];
      if (meta && meta.held?.length !== 0) showLayer(state, layer);
      state.token.value = isSame ? null : token;
    });
  }

  function goTo(next: Cell | null, event: MouseEvent | null): void {
    mouse = event;
    const now = place.peek();
    const isSame = now?.query === next?.query && now?.key === next?.key;
    if (!isSame) point(next);
    tell();
  }

  /** The token is hovered in the other views too. */
  function point(next: Cell | null): void {
    batch(() => {
      place.value = next && { picture: 0, ...next };
      const token = shown.value?.positions[next?.key ?? -1] ?? null;
      const own = data.isOfText.value ? rowIn(state.sides.value.queries, token) : null;
      state.hovered.value = own === null ? null : { token: own, as: "query" };
    });
  }

  /** Beside the mouse, else beside the cell where the keyboard is. */
  function tell(): void {
    const now = place.peek();
    const at = mouse ?? (now && cornerOf(now));
    if (now && now.query !== null && now.key !== null && at) {
      tip.show(linesOf(now.query, now.key), at);
    } else tip.hide();
  }

  function cornerOf({ query, key }: Place) {
    const [map] = plan.value.maps;
    if (!map || query === null || key === null) return null;
    const { left, top } = plot.getBoundingClientRect();
    const zoom = zoomOf(plot);
    return {
      clientX: left + zoom * (map.x + (key + 1) * plan.value.cell.width),
      clientY: top + zoom * (map.y + (query + 1) * plan.value.cell.height),
    };
  }

  /** By no more than it takes. */
  function reveal({ key }: Cell): void {
    const [map] = plan.value.maps;
    if (!map) return;
    const { width } = plan.value.cell;
    const left = map.x + key * width;
    const most = left + width - scroller.clientWidth + 2;
    scroller.scrollLeft = Math.max(most, Math.min(scroller.scrollLeft, left - map.x));
  }

  listenToPointer(
    plot,
    {
      point(at, event) {
        goTo(at && cellAt(at), at && event);
      },
      click(at) {
        const here = cellAt(at);
        if (!here) return;
        active.value = here;
        select(here);
      },
    },
    abort,
  );
  const from = () => active.value ?? start();
  const choose = () => select(from());
  listenToKeys(
    scroller,
    {
      move({ by, x, y }) {
        const { queries, keys } = plan.value;
        const { query, key } = from();
        const next = active.value
          ? {
              query: moved(query, by === "page" ? y * PAGE : y, queries),
              key: moved(key, by === "end" ? x * keys : x, keys),
            }
          : from();
        active.value = next;
        reveal(next);
        goTo(next, null);
      },
      enter: choose,
      space: choose,
      escape() {
        const isActive = active.value !== null;
        active.value = null;
        goTo(null, null);
        return isActive;
      },
    },
    abort,
  );
  on(scroller, "focus", abort, () => {
    if (!scroller.matches(":focus-visible")) return;
    active.value ??= start();
    goTo(active.value, null);
  });
  on(scroller, "blur", abort, () => {
    active.value = null;
    if (!mouse) goTo(null, null);
  });

  /** To a screen reader there is one cell: that where the keyboard is. */
  watch(abort, () => {
    const here = active.value ?? start();
    const { queries, keys } = plan.value;
    const isSelected = here.query === selected.value.query && here.key === selected.value.key;
    scroller.setAttribute("aria-rowcount", String(queries));
    scroller.setAttribute("aria-colcount", String(keys));
    scroller.setAttribute("aria-activedescendant", cell.id);
    row.setAttribute("aria-rowindex", String(here.query + 1));
    cell.setAttribute("aria-colindex", String(here.key + 1));
    cell.setAttribute("aria-selected", String(isSelected));
    const told = shown.value ? linesOf(here.query, here.key) : [];
    cell.textContent = [...told, ...(isSelected ? [say(PLANE.selected)] : [])].join(", ");
  });
  let run = -1;
  watch(abort, () => {
    if (run === state.meta.value.run) return;
    run = state.meta.value.run; // other tokens
    active.value = null;
    place.value = null;
  });
  return place;
}
