/** The scatter of heads by two summaries: hover names a head, a click or a key selects it. */

import { computed, signal } from "@preact/signals-core";
import { fitCanvas, h, on, onResize } from "../../browser/dom";
import { inksOf } from "../../draw/inks";
import { canvasPen, type Pen } from "../../draw/pen";
import { listenToKeys } from "../../interact/keys";
import { listenToPointer, type Point } from "../../interact/pointer";
import { tooltip } from "../../interact/tooltip";
import type { Pane } from "../../panel/view";
import { watch } from "../../state/app_state";
import { chooseHead } from "../../state/choose_head";
import { letGo } from "../../state/selecting";
import { atlasTold } from "../../tensors/atlas_told";
import type { AtlasData, AtlasRow } from "./data";
import { headInWords, summaryName } from "./names";
import { drawScatter, type Scatter } from "./scatter_drawing";
import { dotAt, nextDot, scatterPlan } from "./scatter_plan";
import { ATLAS_VIEW } from "./texts";

export interface ScatterView {
  readonly element: HTMLElement;
  /** The head under the mouse, or where the keyboard is. */
  readonly pointed: { readonly value: AtlasRow | null };
  draw(pen: Pen): void;
  size(): { width: number; height: number };
}

export function scatter(pane: Pane, data: AtlasData, height: () => number): ScatterView {
  const { element, state, abort, drawEachFrame } = pane;
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const plot = h(
    "div",
    { class: "aw-plane aw-atlas-scatter", tabindex: 0, role: "application" },
    canvas,
  );
  const width = signal(0);
  const pointed = signal<AtlasRow | null>(null);
  const tip = tooltip(element, abort);
  const plan = computed(() => {
    const { value: overview } = data.overview;
    const [across, up] = [data.across.value, data.up.value];
    if (!overview || across === null || up === null || !width.value) return null;
    return scatterPlan({
      width: width.value,
      height: height(),
      all: data.ofKind.value,
      shown: data.shown.value,
      across: (row) => overview.of(across, row),
      up: (row) => overview.of(up, row),
      write: (value, decimals) => state.numbers.fixed(value, decimals),
    });
  });
  const linesOf = (row: AtlasRow) =>
    headInWords(state, data, row, [data.across.value, data.up.value]);
  const scene = (): Scatter | null => {
    const { value: now } = plan;
    return (
      now && {
        plan: now,
        across: summaryName(state, data.across.value ?? ""),
        up: summaryName(state, data.up.value ?? ""),
        ink: inksOf(element, state.dark.value),
        chosen: data.chosen.value,
        pointed: pointed.value,
      }
    );
  };
  const at = (place: Point | null): AtlasRow | null => {
    const now = plan.peek();
    return place && now ? (dotAt(now, place)?.row ?? null) : null;
  };

  drawEachFrame(plot, () => {
    const now = scene();
    const context = now && fitCanvas(canvas, now.plan.width, now.plan.height);
    if (now && context) drawScatter(canvasPen(context), now);
  });
  onResize(plot, abort, () => {
    width.value = plot.clientWidth;
  });
  listenToPointer(
    plot,
    {
      point(place, event) {
        const row = at(place);
        pointed.value = row;
        plot.toggleAttribute("data-on", row !== null);
        if (row) tip.show(linesOf(row), event);
        else tip.hide();
      },
      click(place) {
        const row = at(place);
        if (row) chooseHead(state, row, false);
      },
    },
    abort,
  );
  const select = () => {
    const row = pointed.peek();
    if (row) chooseHead(state, row, false);
    return row !== null;
  };
  listenToKeys(
    plot,
    {
      move({ by, x, y }) {
        const now = plan.peek();
        if (!now || by === "page") return false;
        const from = pointed.peek() ?? data.chosen.peek();
        const dot = nextDot(now, from, { x, y, isEnd: by === "end" });
        if (!dot) return false;
        pointed.value = dot.row;
        atlasTold(state).value = linesOf(dot.row).join(" · ");
        return true;
      },
      enter: select,
      space: select,
      escape() {
        const isAt = pointed.peek() !== null;
        pointed.value = null;
        return letGo(state) || isAt;
      },
    },
    abort,
  );
  on(plot, "blur", abort, () => {
    pointed.value = null;
  });
  watch(abort, () => {
    plot.style.height = `${height()}px`;
    plot.hidden = data.overview.value === null || !data.ofKind.value.length;
    plot.setAttribute(
      "aria-label",
      state.say(ATLAS_VIEW.scatter, {
        across: summaryName(state, data.across.value ?? ""),
        up: summaryName(state, data.up.value ?? ""),
      }),
    );
    const dots = plan.value?.dots ?? [];
    plot.dataset.dots = JSON.stringify(
      dots.length > 400 ? [] : dots.map(({ row, x, y }) => [row.layer, row.head, x, y]),
    ); // where a reader of the page finds them
  });
  return {
    element: plot,
    pointed,
    draw(pen) {
      const now = scene();
      if (now) drawScatter(pen, now);
    },
    size: () => ({ width: width.peek(), height: height() }),
  };
}
