/** The text as running text, each word or token coloured by a score. */

import { h, on, onceAFrame, onResize } from "../../browser/dom";
import { optionControls } from "../../controls/option_controls";
import { noteOfDifference } from "../../draw/change_words";
import { isDiverging } from "../../draw/colour_maps";
import { scrollEachFrame } from "../../draw/frame";
import { drawLegend } from "../../draw/legend";
import { measureTitle, namingMeasure } from "../../draw/measure_words";
import { isControl } from "../../interact/keys";
import { ARROWS, ENDS } from "../../panel/shortcuts";
import type { Pane, Savable, View, ViewTexts } from "../../panel/view";
import { type AppState, watch } from "../../state/app_state";
import { hasNobody } from "../../state/nobody";
import { influenceOf } from "../../tensors/influence";
import { isInfluence } from "../../trace/influence";
import { MEASURES } from "../../trace/options";
import { textColours } from "./colours";
import { textFigure } from "./figure";
import { openFold } from "./folds";
import { IMAGE } from "./image_texts";
import { influenceLine } from "./influence_line";
import { INFLUENCE } from "./influence_texts";
import { textInteraction } from "./interaction";
import { textMarks } from "./marks";
import { NOTE } from "./note_texts";
import { TEXT_OPTIONS } from "./option_texts";
import { passages } from "./passages";
import { isPictureAlone } from "./picture";
import { pinBar } from "./pin_bar";
import { pinning } from "./pinning";
import { isAttention, isOfVectors, textScores } from "./scores";
import { type SideMatch, searchBox } from "./search_box";
import { TEXT, TEXT_KEYS } from "./texts";
import { describe, selectedUnit, subjectOf, unitName } from "./words";

const SEARCH = "/";

const showsPicture = ({ sides, meta }: AppState): boolean =>
  isPictureAlone(sides.value.queryText.tokens, meta.value.image);

const PICTURE: ViewTexts = { ...IMAGE, file: "image" };
const ASKED: ViewTexts = { ...TEXT, help: { ...TEXT.help, short: INFLUENCE.short } };

export const text: View = {
  isMeasured: true,
  texts: TEXT,
  needs: { tensors: ["hidden_states"], called: TEXT.needs },
  textsFor: (state) =>
    showsPicture(state) ? PICTURE : isInfluence(state.measure.value) ? ASKED : TEXT,
  shortNow: (state) =>
    showsPicture(state) && isAttention(state.measure.value)
      ? namingMeasure(state, IMAGE.ofMeasure)
      : "",
  isWide: (state) => !showsPicture(state),
  shortcuts: {
    where: TEXT_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: TEXT_KEYS.otherUnit },
      { keys: ENDS, does: TEXT_KEYS.endUnit },
      { keys: ["Enter", " "], does: TEXT_KEYS.pin },
      { hold: "Shift", keys: ["Enter"], does: TEXT_KEYS.pinMore },
      { keys: ["Escape"], does: TEXT_KEYS.unpin },
      { keys: [SEARCH], does: TEXT_KEYS.search },
    ],
  },
  mount,
};

function mount({ element, state, source, model, abort, tell, ...frame }: Pane): Savable {
  const { say } = state;
  const shown = passages(state, abort);
  const { queries, keys, keyUnits, colouredUnits, isColoured } = shown;
  const scroller = h(
    "div",
    {
      class: "aw-text",
      tabindex: 0,
      role: "group",
      "aria-label": say((showsPicture(state) ? IMAGE : TEXT).region),
    },
    keys.element,
    queries.element,
  );
  const scores = textScores(state, keyUnits, source, model, abort);
  const colours = textColours(element, state, scores, shown, abort);
  const influencing = influenceOf(state, model);
  const pins = pinning(state, scores);
  const interaction = textInteraction(element, scroller, shown, state, scores, pins, abort);
  const bar = pinBar(state, scores, pins.toggle, scroller, abort);
  const jump = ({ side, first }: SideMatch) => {
    const node = side.nodeOf(first);
    openFold(node);
    interaction.reveal(node);
  };
  const search = searchBox(state, shown, jump, abort);
  frame.controls.append(search.element, ...controlsOf(state, abort));
  frame.body.append(influenceLine(state, model, scores.influence, abort), scroller, bar);
  on(scroller, "keydown", abort, (event) => {
    if (event.key !== SEARCH || isControl(event) || search.element.hidden) return;
    event.preventDefault(); // it would be written into the box
    search.focus();
  });

  /** Once the theme's colours hold. */
  const relegend = onceAFrame(scroller, abort, () => drawLegend(frame.legend, colours.legend()));
  watch(abort, () => {
    shown.build();
    const { value: now } = colours.shown;
    for (const side of [queries, keys]) {
      const hasScores = isColoured(side) && !scores.lacking.value;
      side.element.toggleAttribute("data-scoreless", !hasScores);
      side.colour(hasScores ? now : null, scroller);
    }
  });
  watch(abort, () => {
    drawLegend(frame.legend, colours.legend());
    relegend();
  });
  watch(abort, () => {
    scroller.dataset.blend = colours.blend.value;
    scroller.toggleAttribute("data-long-numbers", state.number_format.value === "full");
  });
  textMarks(shown, state, scores.pins, interaction.elsewhere, search, abort);
  watch(abort, () => {
    const isPicture = unitName(state) === "patch";
    const said = state.units.value.some(({ special, text }) => !special && text.trim());
    search.element.hidden = isPicture && !said; // a picture alone has nothing to be found
  });
  const note = () => {
    const { value: found } = scores.scores;
    const isAllAlone = hasNobody(state) && found?.every(Number.isNaN) === true;
    const isNothing = !isAllAlone && (found?.every((score) => !score) ?? false); // NaN has none
    return noteOfDifference(state, describe(state, scores, colouredUnits()), isNothing);
  };
  const isOfTable = () => state.space.value === "word_embeddings";
  tell(() => {
    const { value: isLacking } = scores.lacking;
    const { pending, error } = scores.status.value;
    const isWaiting = pending && scores.scores.value === null;
    return {
      note: isLacking ? "" : isWaiting ? null : note(),
      where: isAttention(state.measure.value) ? measureTitle(state) : "", // of the whole text
      warn: isLacking ? say(isOfTable() ? NOTE.lackingRows : NOTE.lacking) : "",
      pending,
      error: error ?? (isInfluence(state.measure.value) ? influencing.error.value : null),
    };
  });

  scrollEachFrame(
    scroller,
    abort,
    () => state.token.value,
    () => interaction.reveal(queries.nodeOf(selectedUnit(state) ?? -1)),
  );
  let width = 0;
  onResize(scroller, abort, () => {
    if (scroller.clientWidth === width) return;
    width = scroller.clientWidth;
    for (const side of [queries, keys]) side.cut();
  });

  return { figure: () => textFigure(scroller, colours.legend()), subject: () => subjectOf(state) };
}

/** What colours it, and in what colours. */
function controlsOf(state: AppState, abort: AbortSignal): HTMLElement[] {
  const ofVectors = MEASURES.filter(isOfVectors);
  const text = () => state.sides.value.queryText;
  const hasVectors = () => text().has_hidden_states || text().has_word_embeddings;
  const isScored = () => isOfVectors(state.measure.value);
  return optionControls(
    state,
    TEXT_OPTIONS,
    {
      measure: { off: () => (hasVectors() ? [] : ofVectors) },
      space: {
        shown: hasVectors,
        usable: isScored,
        off: () => (text().has_word_embeddings ? [] : ["word_embeddings"]),
      },
      min_max: {
        shown: hasVectors,
        usable: () =>
          isScored() && !state.isDifference.value && !isDiverging(state.colour_map.value),
      },
    },
    abort,
  );
}
