/**
 * Any matrix as a picture: zoom, pan, numbers in cells where they fit and beside the mouse
 * elsewhere, a cell to walk on by keyboard, and the same as a figure.
 */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { fitCanvas, h, on, onResize } from "../browser/dom";
import { svg } from "../browser/svg";
import { inksOf } from "../draw/inks";
import { canvasPen, type Pen, svgPen } from "../draw/pen";
import { listenToKeys, moved } from "../interact/keys";
import { tooltip } from "../interact/tooltip";
import { type AppState, watch } from "../state/app_state";
import { camera, ZOOM_STEP } from "./camera";
import { drawHeat, drawHeatMarks, type HeatScene } from "./heat_drawing";
import type { HeatPicture } from "./heat_picture";
import { heatPlan } from "./heat_plan";
import type { Place } from "./layout";
import { listenOnPlane } from "./plane_pointer";

export interface HeatActs {
  /** For a screen reader: what it is, and that arrow keys walk. */
  label(): string;
  /** A click, or Enter. */
  pick?(row: number | null, column: number | null): void;
  hover?(row: number | null, column: number | null): void;
  escape?(): boolean;
  /** Most that it may be high. */
  height?(): number;
}

export interface HeatMap {
  readonly element: HTMLElement;
  /** What is under the mouse, or where the keyboard is. */
  readonly place: ReadonlySignal<Place | null>;
  figure(): { width: number; height: number; marks: SVGElement[] } | null;
}

interface Frame {
  readonly element: HTMLElement;
  readonly state: Pick<AppState, "dark" | "room">;
  readonly abort: AbortSignal;
  drawEachFrame(element: Element, draw: () => void): () => void;
}

const PAGE = 10;
const TALLEST = 420;

/** `wanted` reads signals; null while there is nothing. */
export function heatMap(
  { element, state, abort, drawEachFrame }: Frame,
  wanted: () => HeatPicture | null,
  acts: HeatActs,
): HeatMap {
  const picture = computed(wanted);
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const marks = h("canvas", { class: "aw-canvas aw-heat-marks", "aria-hidden": "true" });
  const plot = h(
    "div",
    { class: "aw-plane aw-heat-map", tabindex: 0, role: "application" },
    canvas,
    marks,
  );
  const width = signal(0);
  const plan = computed(() => {
    const shown = picture.value;
    return heatPlan({
      width: width.value,
      height: acts.height?.() ?? state.room.value ?? TALLEST,
      rows: shown?.rows ?? [],
      columns: shown?.columns ?? [],
      axes: [`${shown?.columnName ?? ""} →`, `${shown?.rowName ?? ""} ↓`],
      isSquare: shown?.isSquare ?? false,
    });
  });
  const view = camera(plan);
  const place = signal<Place | null>(null);
  const mouse = signal<MouseEvent | null>(null);
  const tip = tooltip(element, abort);
  const scene = (shown: HeatPicture): HeatScene => ({
    picture: shown,
    plan: plan.value,
    sight: view.sight.value,
    ink: inksOf(element, state.dark.value),
    dark: state.dark.value,
  });

  function paintOn(on: HTMLCanvasElement, draw: (pen: Pen, scene: HeatScene) => void): void {
    const { value: shown } = picture;
    const { width: across, height } = plan.value;
    const context = fitCanvas(on, across, height);
    if (context && shown && across) draw(canvasPen(context), scene(shown));
  }
  drawEachFrame(plot, () => paintOn(canvas, drawHeat));
  drawEachFrame(plot, () => {
    const { value: here } = place;
    paintOn(marks, (pen, of) => drawHeatMarks(pen, of, here));
  });
  onResize(plot, abort, () => {
    width.value = plot.clientWidth;
  });

  const lines = () => {
    const { value: here } = place;
    return here ? (picture.value?.says(here.query, here.key) ?? []) : [];
  };
  function goTo(next: Place | null): void {
    const now = place.peek();
    if (now?.query === next?.query && now?.key === next?.key) return;
    batch(() => {
      place.value = next;
      acts.hover?.(next?.query ?? null, next?.key ?? null);
    });
  }
  function walkTo(next: Place | null): void {
    mouse.value = null;
    goTo(next);
    if (next) view.reveal(next.query, next.key);
  }
  listenOnPlane(plot, view, { mouse, goTo, click: (at) => acts.pick?.(at.query, at.key) }, abort);
  const start = (): Place => ({
    picture: 0,
    query: picture.peek()?.selectedRow ?? Math.floor(view.sight.peek().y),
    key: picture.peek()?.selectedColumn ?? Math.floor(view.sight.peek().x),
  });
  const pickHere = () => {
    const here = place.peek() ?? start();
    acts.pick?.(here.query, here.key);
  };
  listenToKeys(
    plot,
    {
      move({ by, x, y }) {
        const here = place.peek();
        if (!here) return walkTo(start());
        const { queries, keys } = plan.peek();
        return walkTo({
          picture: 0,
          query: moved(here.query ?? 0, by === "page" ? y * PAGE : y, queries),
          key: moved(here.key ?? 0, by === "end" ? x * keys : x, keys),
        });
      },
      enter: pickHere,
      space: pickHere,
      zoom: (by) => view.zoomBy(ZOOM_STEP ** by),
      fit: view.fit,
      escape() {
        const isAt = place.peek() !== null && mouse.peek() === null;
        goTo(null);
        return acts.escape?.() || isAt;
      },
    },
    abort,
  );
  on(plot, "blur", abort, () => walkTo(null));

  watch(abort, () => {
    plot.toggleAttribute("data-zoomed", view.factor.value > 1);
    const [map] = plan.value.maps;
    plot.dataset.map = map ? `${map.x} ${map.y} ${map.width} ${map.height}` : "";
    plot.style.height = `${plan.value.height}px`;
    plot.hidden = picture.value === null;
    plot.setAttribute("aria-label", acts.label());
  });
  watch(abort, () => {
    const said = mouse.value ? lines() : [];
    if (mouse.value && said.length) tip.show(said, mouse.value);
    else tip.hide();
  });
  let shape = "";
  watch(abort, () => {
    const { value: shown } = picture;
    const now = shown ? `${shown.rows.length} ${shown.columns.length}` : "";
    if (now === shape) return;
    shape = now;
    batch(() => {
      place.value = null;
      mouse.value = null;
      view.fit();
    });
  });

  return {
    element: plot,
    place,
    figure() {
      const { value: shown } = picture;
      if (!shown) return null;
      const pen = svgPen();
      drawHeat(pen, scene(shown));
      drawHeatMarks(pen, scene(shown), place.value);
      const { height, maps } = plan.value;
      const [map] = maps;
      return {
        width: (map?.x ?? 0) + (map?.width ?? 0) + 2,
        height,
        marks: [svg("g", {}, ...pen.marks)],
      };
    },
  };
}
