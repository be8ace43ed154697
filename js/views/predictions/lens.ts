/** The logit lens of the selected position: probability and rank of the answer by layer. */

import { computed, signal } from "@preact/signals-core";
import { h, on, showWords } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { scoreStep } from "../../draw/score_colours";
import { quoted } from "../../language/quoted";
import { type AppState, watch } from "../../state/app_state";
import { answerOf, type Model } from "../../tensors/answer";
import { type Lens, lensOf } from "../../trace/questions";
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
  const asked = () => (isOpen.value ? position() : null);
  const found = answerOf(state, model, abort, () => {
    const at = asked();
    return at === null ? null : lensOf(at);
  });
  /** Of the same token, in the pass with the edits that are made. */
  const edited = answerOf(state, model, abort, () => {
    const [at, { value: edits }] = [asked(), state.edits];
    return at === null || !edits.length ? null : lensOf(at, edits);
  });
  const after = computed((): Lens | null => {
    const { answer, question } = edited.value;
    const isThis = question?.edits === state.edits.value && question.position === position();
    return isThis ? answer : null;
  });

  watch(abort, () => {
    const predicts = data.answer.value?.predicts;
    element.hidden = predicts !== "next token" && predicts !== "token";
  });
  watch(abort, () => {
    const { answer: lens, error, pending } = found.value;
    const { value: changed } = after;
    chart.toggleAttribute("data-pending", pending || edited.value.pending);
    if (!lens) {
      chart.replaceChildren();
      showWords(from, error ?? (position() === null ? say(PREDICTED.lensSelect) : "…"));
      showWords(about, "");
      return;
    }
    const answer = quoted(say, lens.answer);
    showWords(from, edited.value.error ?? wordsOf(lens, changed));
    const words = [say(PREDICTED.lensAbout, { answer, rank: numbers.fixed(lowest(), 0) })];
    if (changed) words.push(say(PREDICTED.lensBoth));
    showWords(about, words.join(" "));
    chart.replaceChildren(drawn(lens, changed));

    function lowest(): number {
      return Math.max(...(lens?.ranks ?? []), ...(changed?.ranks ?? []));
    }
  });

  const share = (p: unknown) => numbers.share(Number(p), 0);

  function wordsOf(lens: Lens, changed: Lens | null): string {
    const answer = quoted(say, lens.answer);
    if (!changed) return say(PREDICTED.lensFrom, { answer, layer: firstOfRest(lens.ranks) });
    const [before, after] = [lens, changed].map(({ probabilities: p }) => share(p.at(-1)));
    return say(PREDICTED.lensChanged, { answer, before: before ?? "", after: after ?? "" });
  }

  function titleOf(lens: Lens, changed: Lens | null, layer: number): string {
    const of = (one: Lens) => ({
      p: share(one.probabilities[layer]),
      rank: numbers.fixed(one.ranks[layer] ?? 0, 0),
      best: quoted(say, one.best[layer] ?? ""),
    });
    const values = { layer, answer: quoted(say, lens.answer), ...of(lens) };
    if (!changed) return say(PREDICTED.lensLayer, values);
    const { p: pAfter, rank: rankAfter, best: bestAfter } = of(changed);
    return say(PREDICTED.lensLayerChanged, { ...values, pAfter, rankAfter, bestAfter });
  }

  function drawn(lens: Lens, changed: Lens | null): SVGElement {
    const { length } = lens.ranks;
    const width = length * STEP;
    const shown = changed ?? lens;
    const lowest = Math.log(Math.max(2, ...lens.ranks, ...shown.ranks));
    const y = (rank: number) => 3 + (Math.log(rank) / lowest) * (HEIGHT - 6);
    const bar = (one: Lens, layer: number, look: Record<string, string>) => {
      const height = (Number(one.probabilities[layer]) || 0) * HEIGHT;
      const place = { x: layer * STEP + 2, y: HEIGHT - height, width: STEP - 4, height };
      return svg("rect", { ...place, ...look });
    };
    const fill = scoreStep(state, BAR_SHADES[0] ?? 1).colour;
    const bars = lens.ranks.map((_, layer) => {
      const column = { x: layer * STEP, y: 0, width: STEP, height: HEIGHT, fill: "transparent" };
      return svg(
        "g",
        {},
        svg("title", {}, titleOf(lens, changed, layer)),
        svg("rect", column),
        bar(shown, layer, { fill }),
        ...(changed ? [bar(lens, layer, { class: "aw-lens-before" })] : []),
      );
    });
    const line = (one: Lens, name: string) => {
      const points = one.ranks.map((rank, layer) => `${layer * STEP + STEP / 2},${y(rank)}`);
      return svg("polyline", { points: points.join(" "), class: name });
    };
    const every = Math.max(1, Math.ceil(length / 12));
    const labels = lens.ranks.flatMap((_, layer) =>
      layer % every ? [] : [textUnder(layer * STEP + STEP / 2, String(layer))],
    );
    return svg(
      "svg",
      { viewBox: `0 0 ${width} ${HEIGHT + 14}`, width, height: HEIGHT + 14, role: "img" },
      ...bars,
      ...(changed ? [line(lens, "aw-lens-rank aw-lens-before")] : []),
      line(shown, "aw-lens-rank"),
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
