/** What each passage of the text gets of the attention, or by another measure, and what the answer loses without it. */

import { h } from "../../browser/dom";
import { optionControls } from "../../controls/option_controls";
import { inksOf } from "../../draw/inks";
import { drawLegend } from "../../draw/legend";
import { measureTitle, namingMeasure } from "../../draw/measure_words";
import { weightColours, weightLegend } from "../../draw/weight_colours";
import { tooltip } from "../../interact/tooltip";
import type { Pane, Savable, View } from "../../panel/view";
import { watch } from "../../state/app_state";
import { passagesData } from "./data";
import { passagesFigure } from "./figure";
import { headList } from "./head_list";
import { leaveLine } from "./leave_line";
import { shareMap } from "./map";
import { sharedMeasure } from "./measure";
import { passageTable } from "./table";
import { PASSAGES, PASSAGES_OPTIONS } from "./texts";
import {
  mapTitle,
  measureInWords,
  nameInWords,
  queriesInWords,
  scaleOfShares,
  shareInWords,
} from "./words";

export const passages: View = {
  texts: PASSAGES,
  needs: { tensors: ["receivers"], called: PASSAGES.needs },
  shortNow: (state) =>
    namingMeasure({ ...state, measure_shown: sharedMeasure(state).shown }, PASSAGES.ofMeasure),
  mount,
};

const LISTED = 8; // heads

function mount(pane: Pane): Savable {
  const { element, state, source, model, abort, body, controls, legend, tell, drawEachFrame } =
    pane;
  const { say, numbers } = state;
  const data = passagesData(state, source, model, abort);
  controls.append(...optionControls(state, PASSAGES_OPTIONS, {}, abort));
  const tip = tooltip(element, abort);
  const map = shareMap(state, data, tip, abort);
  const title = h("h4", { class: "aw-part-title" });
  const strongest = () => {
    if (data.ofLayers.value || !data.isWhole.value) return []; // of a layer no head has its own
    const all = [...data.shares.value].flatMap(([layer, heads]) =>
      heads.map((of, head) => ({ layer, head, share: of[data.picked.value] ?? Number.NaN })),
    );
    return all
      .filter(({ share }) => !Number.isNaN(share))
      .sort((a, b) => Math.abs(b.share) - Math.abs(a.share))
      .slice(0, LISTED)
      .map(({ layer, head, share }) => ({ layer, head, number: shareInWords(state, share) }));
  };
  const receivers = () =>
    data.receiverHeads.value.slice(0, LISTED).map(({ layer, head, kurtosis }) => ({
      layer,
      head,
      number: numbers.fixed(kurtosis, 1),
    }));
  const parts = h(
    "div",
    { class: "aw-passages" },
    passageTable(state, data, abort),
    leaveLine(state, data, model, abort),
    h(
      "section",
      { class: "aw-passage-heads" },
      title,
      map.element,
      headList(state, say(PASSAGES.strongest), "", "strongest", strongest, abort),
      headList(
        state,
        say(PASSAGES.receivers),
        say(PASSAGES.aboutReceivers),
        "receivers",
        receivers,
        abort,
      ),
    ),
  );
  body.append(parts);
  drawEachFrame(map.element, map.draw);
  const colours = () => weightColours(state, null);
  drawEachFrame(map.element, () => {
    drawLegend(legend, [weightLegend(state, colours(), scaleOfShares(state, data))]);
  });
  watch(abort, () => {
    parts.hidden = lack() !== null;
    title.textContent = mapTitle(state, data);
    map.element.toggleAttribute("data-pending", !parts.hidden && !data.isWhole.value);
  });

  /** Why there is nothing to show. */
  function lack(): string | null {
    const hasAny = state.meta.value.tokens.some(({ passage }) => passage !== null);
    if (!hasAny) return say(PASSAGES.none);
    if (!data.names.value.length) return say(PASSAGES.otherText);
    return data.queries.value.length ? null : say(PASSAGES.select);
  }

  tell(() => {
    const why = lack();
    if (why !== null) return { note: why };
    const { error, missing } = data.status.value;
    const { measure, lacks } = { measure: data.measure.value, lacks: data.lacks.value };
    const about = {
      ...(measure && { where: measureTitle({ ...state, measure_shown: data.measure }) }),
      ...(lacks && { warn: say(PASSAGES.noShares, { measure: measureInWords(state, lacks) }) }),
    };
    if (!data.shares.value.size) return { note: missing ? null : "", error, ...about };
    const top = data.topShare.value;
    const note = say(measure ? PASSAGES.noteOf : PASSAGES.note, {
      measure: measure ? measureInWords(state, measure) : "",
      who: queriesInWords(state, data),
      name: nameInWords(state, data.names.value[top] ?? ""),
      share: shareInWords(state, data.overall.value[top] ?? Number.NaN),
    });
    return { note: data.isWhole.value ? note : null, error, ...about };
  });

  return {
    state: { ...state, measure_shown: data.measure },
    figure: () => passagesFigure(state, data, inksOf(element, state.dark.value)),
    subject: () => ({ of: "model", layer: null, heads: [], how: "each" }),
  };
}
