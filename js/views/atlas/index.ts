/** What every head does over a corpus: a plane, a scatter, and the card of one head. */

import { computed } from "@preact/signals-core";
import { h, select } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { optionControls } from "../../controls/option_controls";
import { drawLegend } from "../../draw/legend";
import { svgPen } from "../../draw/pen";
import { weightColours, weightLegend } from "../../draw/weight_colours";
import { ARROWS, ENDS } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { heatMap } from "../../plane/heat_map";
import { LARGEST_CELL } from "../../plane/layout";
import { watch } from "../../state/app_state";
import { chooseHead } from "../../state/choose_head";
import { letGo } from "../../state/selecting";
import { atlasTold } from "../../tensors/atlas_told";
import { isAtlasAlone } from "../../trace/alone";
import { ATLAS_LABELS } from "../../trace/options";
import { card } from "./card";
import { type AtlasData, type AtlasRow, atlasData } from "./data";
import { headInWords, summaryName } from "./names";
import { opening } from "./opening";
import { cellOf, planeOf, planePicture } from "./plane";
import { scatter } from "./scatter";
import { ATLAS_ALONE, ATLAS_KEYS, ATLAS_OPTIONS, ATLAS_VIEW } from "./texts";
import { noteOf } from "./words";

export const atlas: View = {
  texts: ATLAS_VIEW,
  textsFor: ({ meta }) => (isAtlasAlone(meta.value) ? ATLAS_ALONE : ATLAS_VIEW),
  isWide: () => true,
  shortcuts: {
    where: ATLAS_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: ATLAS_KEYS.atlasHead },
      { keys: ENDS, does: ATLAS_KEYS.atlasEnd },
      { keys: ["Enter", " "], does: ATLAS_KEYS.atlasSelect },
      { keys: ["+", "-"], does: ATLAS_KEYS.planeZoom },
      { keys: ["0"], does: ATLAS_KEYS.planeFit },
    ],
  },
  mount,
};

/** Of both pictures: what stands below them is seen too. */
const TALL = 300;
const LEAST = 180;
const GAP = 28;
/** Of the labels of layers. */
const BESIDE = 70;

function mount(pane: Pane): Savable {
  const { state, model, abort, tell } = pane;
  const { say } = state;
  const data = atlasData(state, model, abort);
  const opened = opening(state, model);
  const height = () => {
    const { value: room } = state.room;
    return room === null ? TALL : Math.max(LEAST, Math.min(TALL * 1.5, room * 0.45));
  };
  const plan = computed(() => {
    const { value: overview } = data.overview;
    const { value: name } = data.colour;
    if (!overview || name === null || !data.ofKind.value.length) return null;
    const number = (row: AtlasRow) => overview.of(name, row);
    return planeOf(data.ofKind.value, data.shown.value, number, state.atlas_sort.value);
  });
  const picture = () => {
    const [now, { value: overview }, { value: name }] = [plan.value, data.overview, data.colour];
    return now && overview && name !== null ? planePicture(state, data, now, overview, name) : null;
  };
  const plane = heatMap(pane, picture, {
    label: () => say(ATLAS_VIEW.plane, { summary: summaryName(state, data.colour.value ?? "") }),
    height,
    pick(row, column) {
      const now = plan.peek();
      const head = now && row !== null && column !== null ? cellOf(now, row, column) : null;
      if (head) chooseHead(state, head, false);
    },
    hover(row, column) {
      if (document.activeElement !== plane.element) return;
      const now = plan.peek();
      const head = now && row !== null && column !== null ? cellOf(now, row, column) : null;
      if (!head) return;
      const { value: name } = data.colour;
      atlasTold(state).value = headInWords(state, data, head, [name]).join(" · ");
    },
    escape: () => letGo(state),
  });
  const dots = scatter(pane, data, height);
  const pictures = h("div", { class: "aw-atlas-pictures" }, plane.element, dots.element);
  pane.body.append(pictures, card(pane, data, opened));
  controls(pane, data);

  const legend = () => {
    const shown = picture();
    return shown
      ? [
          ...shown.colours.legend,
          weightLegend(state, weightColours(state, null, 1), say(ATLAS_VIEW.exampleWeight)),
        ]
      : [];
  };
  watch(abort, () => drawLegend(pane.legend, legend()));
  watch(abort, () => {
    pictures.hidden = plan.value === null;
    const most = (plan.value?.columns ?? 0) * LARGEST_CELL + BESIDE;
    pictures.style.setProperty("--aw-plane", `${most}px`);
  });
  tell(() => {
    const isWaiting = data.pending();
    return {
      where: "",
      note: isWaiting ? null : noteOf(state, data),
      warn: opened.warn.value,
      pending: isWaiting,
      error: opened.error.value,
      ...data.lack(),
    };
  });

  return {
    figure() {
      const left = plane.figure();
      if (!left) return null;
      const pen = svgPen();
      dots.draw(pen);
      const { width, height: tall } = dots.size();
      const at = left.width + GAP;
      return {
        width: at + width,
        height: Math.max(left.height, tall),
        marks: [...left.marks, svg("g", { transform: `translate(${at} 0)` }, ...pen.marks)],
        legend: picture()?.colours.legend ?? [],
      };
    },
    subject: () => ({ of: "model", layer: null, heads: [], how: "each" }),
  };
}

/** Lists of the summaries that the atlas has, and what is declared with its texts. */
function controls({ state, abort, controls: place }: Pane, data: AtlasData): void {
  const { say } = state;
  const lists = [
    { option: "atlas_summary", label: ATLAS_VIEW.colour, shown: data.colour },
    { option: "atlas_across", label: ATLAS_VIEW.across, shown: data.across },
    { option: "atlas_up", label: ATLAS_VIEW.up, shown: data.up },
  ] as const;
  const own = optionControls(
    state,
    ATLAS_OPTIONS,
    {
      atlas_label: {
        off: () =>
          ATLAS_LABELS.filter(
            (name) => name !== "all" && name !== state.atlas_label.value && !data.has(name),
          ),
      },
    },
    abort,
  );
  let shown: (() => void)[] = [];
  watch(abort, () => {
    const names = data.names.value.map((name) => [name, summaryName(state, name)] as const);
    const made = lists.map(({ option, label, shown }) => {
      const list = select(say(label), names, abort, (name) => {
        state[option].value = name;
      });
      list.element.dataset.option = option;
      return { element: list.element, show: () => list.set(shown.value ?? "") };
    });
    shown = made.map(({ show }) => show);
    const [first, ...rest] = made.map(({ element }) => element);
    place.replaceChildren(...(names.length && first ? [first, ...own, ...rest] : []));
  });
  watch(abort, () => {
    void data.names.value;
    for (const show of shown) show();
  });
}
