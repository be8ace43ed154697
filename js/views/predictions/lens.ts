/** The logit lens of the selected position: probability and rank of the answer by layer. */

import { signal } from "@preact/signals-core";
import { h, on, showWords } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { scoreStep } from "../../draw/score_colours";
import { quoted } from "../../language/quoted";
import { type AppState, watch } from "../../state/app_state";
import { answerOf, type Model } from "../../tensors/answer";
import type { Lens } from "../../trace/questions";
import type { PredictionData } from "./data";
import { BAR_SHADES } from "./table";
import { PREDICTED } from "./texts";

const HEIGHT = 64;
const STEP = 12;

/** It is asked for once it is opened. */
export function lensChart(
  state: AppState,
  model: Model,
  data: PredictionData,
  abort: AbortSignal,
): HTMLElement {
  const { say, numbers } = state;
  const isOpen = signal(false);
  const chart = h("div", { class: "aw-lens-chart" });
  const from = h("p", { class: "aw-lens-words" });
  const about = h("p", { class: "aw-lens-words" });
  const element = h(
    "details",
    { class: "aw-lens" },
    h("summary", {}, say(PREDICTED.lens)),
    from,
    chart,
    about,
  );
  on(element, "toggle", abort, () => {
    isOpen.value = element.open;
  });
  const position = () => {
    const { value: at } = data.selected;
    return (at === null ? undefined : data.answer.value?.positions[at]) ?? null;
  };
  const found = answerOf(state, model, abort, () => {
    const at = isOpen.value ? position() : null;
    return at === null ? null : ({ name: "lens", position: at } as const);
  });

  watch(abort, () => {
    const predicts = data.answer.value?.predicts;
    const isOfTokens = predicts === "next token" || predicts === "token";
    element.hidden = !isOfTokens || state.edits.value.length > 0; // it reads the pass without them
  });
  watch(abort, () => {
    const { answer: lens, error, pending } = found.value;
    chart.toggleAttribute("data-pending", pending);
    if (!lens) {
      chart.replaceChildren();
      showWords(from, error ?? (position() === null ? say(PREDICTED.lensSelect) : "…"));
      showWords(about, "");
      return;
    }
    const answer = quoted(say, lens.answer);
    const first = firstOfRest(lens.ranks);
    showWords(from, say(PREDICTED.lensFrom, { answer, layer: first }));
    const rank = numbers.fixed(Math.max(...lens.ranks), 0);
    showWords(about, say(PREDICTED.lensAbout, { answer, rank }));
    chart.replaceChildren(drawn(lens));
  });

  function drawn(lens: Lens): SVGElement {
    const { length } = lens.ranks;
    const width = length * STEP;
    const lowest = Math.log(Math.max(2, ...lens.ranks));
    const y = (rank: number) => 3 + (Math.log(rank) / lowest) * (HEIGHT - 6);
    const bars = lens.probabilities.map((p, layer) => {
      const height = (Number(p) || 0) * HEIGHT;
      const title = say(PREDICTED.lensLayer, {
        layer,
        answer: quoted(say, lens.answer),
        p: numbers.share(Number(p), 0),
        rank: numbers.fixed(lens.ranks[layer] ?? 0, 0),
        best: quoted(say, lens.best[layer] ?? ""),
      });
      const column = { x: layer * STEP, y: 0, width: STEP, height: HEIGHT, fill: "transparent" };
      const bar = { x: layer * STEP + 2, y: HEIGHT - height, width: STEP - 4, height };
      return svg(
        "g",
        {},
        svg("title", {}, title),
        svg("rect", column),
        svg("rect", { ...bar, fill: scoreStep(state, BAR_SHADES[0] ?? 1).colour }),
      );
    });
    const points = lens.ranks.map((rank, layer) => `${layer * STEP + STEP / 2},${y(rank)}`);
    const every = Math.max(1, Math.ceil(length / 12));
    const labels = lens.ranks.flatMap((_, layer) =>
      layer % every ? [] : [textUnder(layer * STEP + STEP / 2, String(layer))],
    );
    return svg(
      "svg",
      { viewBox: `0 0 ${width} ${HEIGHT + 14}`, width, height: HEIGHT + 14, role: "img" },
      ...bars,
      svg("polyline", { points: points.join(" "), class: "aw-lens-rank" }),
      ...labels,
    );
  }

  return element;
}

const textUnder = (x: number, text: string): SVGElement =>
  svg("text", { x, y: HEIGHT + 11, "text-anchor": "middle", class: "aw-lens-layer" }, text);

/** The first layer from which on the answer is the most likely token. */
function firstOfRest(ranks: readonly number[]): number {
  let first = ranks.length;
  while (first > 0 && ranks[first - 1] === 1) first -= 1;
  return first;
}
