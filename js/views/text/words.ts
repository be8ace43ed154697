/** What the colours of the text say, in words. */

import { weightInWords } from "../../draw/change_words";
import { isDiverging } from "../../draw/colour_maps";
import {
  namingMeasure,
  shownHeadsInWords,
  shownName,
  valueInWords,
} from "../../draw/measure_words";
import { windowTitle } from "../../language/descriptions";
import type { PictureSubject } from "../../language/picture_subject";
import { quoted } from "../../language/quoted";
import type { Text } from "../../language/say";
import { COMPARISON } from "../../language/texts/comparison";
import { MEASURE } from "../../language/texts/measures";
import type { AppState } from "../../state/app_state";
import { hasNobody } from "../../state/nobody";
import { afterEdits } from "../../state/one_pass";
import { errorOfScore, exactness } from "../../trace/exactness";
import { isInfluence } from "../../trace/influence";
import type { Space } from "../../trace/options";
import type { Unit } from "../../trace/units";
import { agreementInWords, influenceNote } from "./influence_words";
import { NOTE } from "./note_texts";
import { isAttention, isOfVectors, type TextScores } from "./scores";
import { UNIT } from "./unit_texts";

export type UnitName = keyof typeof UNIT;

const SPACE: Record<Space, Text> = {
  word_embeddings: NOTE.wordEmbeddings,
  embeddings: NOTE.embeddings,
  hidden_states: NOTE.layerOutput,
};

const ROW = { tokens: "token", words: "word", passages: "passage" } as const;
const RECEIVED = {
  tokens: NOTE.received,
  words: NOTE.receivedByWords,
  passages: NOTE.receivedByPassages,
};

/** What the units of the text that the queries are of are called. */
export function unitName(state: AppState): UnitName {
  const { tokens } = state.sides.value.queryText;
  if (state.meta.value.image && tokens.some(({ box }) => box !== null)) return "patch";
  if (tokens.some(({ time }) => time !== null)) return "frame";
  return ROW[state.rows.value];
}

/** That of the selected token. */
export const selectedUnit = (state: AppState): number | undefined =>
  state.unitOfToken.value[state.token.value ?? -1];

/** A score by the measure that is chosen; of a difference with its sign. */
export function scoreInWords(state: AppState, score: number, isOfPass = false): string {
  const { measure, rows, numbers, isDifference } = state;
  const isChange = isDifference.value && !isOfPass;
  if (isChange && isLeftAlone(state, score)) return state.say(COMPARISON.nobody);
  const error = errorOfScore(measure.value, rows.value !== "tokens", score) * (isChange ? 2 : 1);
  if (isAttention(measure.value)) {
    return valueInWords(isOfPass ? afterEdits(state) : state, score, error);
  }
  const said = numbers.glance(score, error);
  return (isChange || isInfluence(measure.value)) && score > 0 ? `+${said}` : said;
}

/** To a pin. */
export const cosineInWords = (state: AppState, cosine: number): string =>
  isLeftAlone(state, cosine)
    ? state.say(COMPARISON.nobody)
    : state.numbers.glance(cosine, exactness().cosine);

const isLeftAlone = (state: AppState, score: number): boolean =>
  Number.isNaN(score) && hasNobody(state);

/** In quotes, as it stands in the text; a unit that has no text by its label. */
export function nameOf(state: AppState, unit: Unit | undefined): string {
  if (!unit) return "";
  const { tokens } = state.sides.value.queryText;
  const name = unit.passage ?? (unit.text.trim() || (tokens[unit.tokens[0] ?? 0]?.label ?? ""));
  return quoted(state.say, name);
}

/** Attention is that of all selected heads; it has no part in norms and cosines. */
export function subjectOf(state: AppState): PictureSubject {
  const { value: layer } = state.layer;
  if (isAttention(state.measure.value)) {
    return { of: "weights", layer, heads: state.activeHeads.value, how: "mean" };
  }
  if (isInfluence(state.measure.value)) {
    return { of: "predictions", layer: null, heads: [], how: "each" };
  }
  const isOfLayer = state.space.value === "hidden_states";
  return { of: "vectors", layer: isOfLayer ? layer : null, heads: [], how: "each" };
}

/** Whether colours go from the smallest score to the largest, with no limit for outliers. */
export const scalesToEnds = ({ min_max, measure, isDifference, colour_map }: AppState): boolean =>
  min_max.value &&
  isOfVectors(measure.value) &&
  !isDifference.value &&
  !isDiverging(colour_map.value);

/** `coloured` are the units that have scores. */
export function describe(state: AppState, text: TextScores, coloured: readonly Unit[]): string {
  const { say } = state;
  const { queryText, queries, same, window } = state.sides.value;
  const units = state.units.value;
  const layer = String(state.layer.value);
  const noun = UNIT[unitName(state)];
  const from = say(SPACE[state.space.value], { layer });
  const vectors =
    !same && queryText.kind === "decoder" ? say(NOTE.ofDecoder, { vectors: from }) : from;
  const hasSpecial = state.special_tokens.value === "show" && coloured.some((unit) => unit.special);
  const sentence = (...parts: string[]) =>
    `${[...parts, scalesToEnds(state) ? say(NOTE.minMax) : "", hasSpecial ? say(NOTE.special) : ""].filter(Boolean).join("; ")}.`;

  const { heads: drawn, how } = subjectOf(state);
  if (isAttention(state.measure.value) && !drawn.length) return say(NOTE.noHead);
  const heads = shownHeadsInWords(state, drawn, how);
  const measure = shownName(state);
  /** What is said of attention besides. */
  const rest = () => {
    const n = countLost(state, text, coloured);
    const title = windowTitle(state.meta.value, window, say);
    const lost = hasNobody(state) ? `${say(COMPARISON.nobody)}: ${n}` : say(noun.lost, { n });
    return [n ? lost : "", title && say(NOTE.within, { window: title })];
  };

  switch (state.measure.value) {
    case "removal":
    case "integrated_gradients":
      return influenceNote(state, text.influence);
    case "norm":
      return sentence(say(NOTE.norm, { vectors }));
    case "previous_cosine":
      return sentence(say(noun.before, { vectors }));
    case "pinned_cosine": {
      const pins = text.pins.value.map((unit) => nameOf(state, units[unit]));
      if (!pins.length) return say(noun.clickToPin);
      if (pins.length === 1)
        return sentence(say(NOTE.cosineToOne, { name: pins[0] ?? "", vectors }));
      const names = pins.join(", ");
      const isNearest = text.nearest.value !== null || isChangeOfNearest(state);
      const to = isNearest ? NOTE.cosineToNearest : NOTE.cosineToMean;
      return `${sentence(say(to, { names, vectors }))} ${cosinesOfSelected(state, text, pins)}`.trim();
    }
    case "attention_from": {
      const row = state.query.value;
      if (row === null) return namingMeasure(state, NOTE.selectMeasured) || say(NOTE.select);
      const token = queries.toText[row];
      const name =
        typeof token === "number"
          ? nameOf(state, units[state.unitOfToken.value[token] ?? -1])
          : quoted(say, queries.tokens[row]?.label ?? "");
      const { value: weight } = text.sink;
      const sink = weight === null ? "" : say(NOTE.sink, { weight: weightInWords(state, weight) });
      const said = measure
        ? say(MEASURE.from, { name: measure, query: name, layer, heads })
        : say(NOTE.from, { name, layer, heads });
      const whole = sentence(said, sink, ...rest());
      return `${whole} ${agreementInWords(state, text.influence)}`.trim();
    }
    case "attention_received": {
      const said = measure
        ? say(MEASURE.received, { name: measure, layer, heads })
        : say(RECEIVED[state.rows.value], { layer, heads });
      return sentence(said, ...rest());
    }
  }
}

/** A difference has one colour for each sign, whichever pin was the nearest before and after. */
const isChangeOfNearest = ({ isDifference, pin_mode }: AppState): boolean =>
  isDifference.value && pin_mode.value === "each";

/** Of the selected unit the cosine to each pin. */
function cosinesOfSelected(state: AppState, text: TextScores, pins: readonly string[]): string {
  const unit = selectedUnit(state);
  const { value: cosines } = text.cosines;
  if (unit === undefined || !cosines.length) return "";
  const list = pins.map(
    (name, pin) => `${name} ${cosineInWords(state, cosines[pin]?.[unit] ?? Number.NaN)}`,
  );
  return state.say(NOTE.cosinesOf, {
    name: nameOf(state, state.units.value[unit]),
    cosines: list.join(" · "),
  });
}

/** Attention that is NaN has no colour; it is counted. */
function countLost(state: AppState, text: TextScores, coloured: readonly Unit[]): number {
  if (!state.activeHeads.value.length) return 0;
  const { toRow } = state.sides.value.keys;
  const isLost = (score: number, unit: number) =>
    Number.isNaN(score) && coloured[unit]?.tokens.some((token) => toRow.has(token));
  return text.scores.value?.filter(isLost).length ?? 0;
}
