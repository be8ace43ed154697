/**
 * What the model can be asked, and what it answers: the other half is widget/questions.py. Tokens
 * are text from a model: data, never markup.
 */

import type { AtlasHead, AtlasHeadQuestion, AtlasOverview, AtlasQuestion } from "./atlas";
import type { CalculationAnswer, CalculationQuestion } from "./calculation";
import type { NotFinite } from "./description";
import type { Edit } from "./edits";
import type { Attributed, AttributedQuestion, Explained, ExplainedQuestion } from "./explained";
import type { Influence, InfluenceQuestion } from "./influence";
import type { LeftOut, LeftOutQuestion } from "./left_out";
import type { LensPlane, LensPlaneQuestion } from "./lens_plane";
import { type About, aboutInKey } from "./measures";
import type { MemoryQuestion, MemoryUse } from "./memory";
import type { AttentionKind, EffectOf, Options } from "./options";

/** What it predicts at every position. */
export interface PredictionsQuestion {
  readonly name: "predictions";
  readonly top_k: number;
}

/**
 * The text with something else in the place of tokens: a text, the token of an id, else the mask. Or
 * the target that a decoder reads beside it.
 */
export interface ReplacedQuestion {
  readonly name: "replaced";
  readonly tokens: readonly number[];
  readonly by?: string | number;
  readonly of_target?: boolean;
}

/** Whether the model can be run with edits; the answer has them with all that was left out. */
export interface EditedQuestion {
  readonly name: "edited";
  readonly edits: readonly Edit[];
}

/** What it predicts with edits: at some positions, counted from the end below 0, else at every one. */
export interface ComparedQuestion {
  readonly name: "compared";
  readonly edits: readonly Edit[];
  readonly top_k: number;
  readonly positions?: readonly number[];
}

/**
 * What each layer's hidden state says of the prediction at a position; with edits, in the pass that
 * has them, of what is predicted without them.
 */
export interface LensQuestion {
  readonly name: "lens";
  readonly position: number;
  readonly edits?: readonly Edit[];
}

/** All heads by their effect on what it predicts; the likeliest first. */
export interface RankedQuestion {
  readonly name: "ranked";
  /** Null for the end of the text, or the first masked token. */
  readonly position: number | null;
  /** Of another candidate than the most likely one, by its text or id. */
  readonly token?: string | number;
  /** Else the logit of the candidate. */
  readonly of?: "difference" | "loss";
  /** Of a difference, in place of the most likely other one. */
  readonly other?: string | number;
}

/** A measure of a layer: whether the model has it, and of which logit a gradient is. */
export interface MeasuredQuestion {
  readonly name: "measured";
  /** As keys of tensors name it. */
  readonly about: string;
  readonly kind: AttentionKind;
  readonly layer: number;
}

export type Question =
  | PredictionsQuestion
  | ReplacedQuestion
  | EditedQuestion
  | ComparedQuestion
  | LensQuestion
  | LensPlaneQuestion
  | RankedQuestion
  | InfluenceQuestion
  | AttributedQuestion
  | ExplainedQuestion
  | MeasuredQuestion
  | LeftOutQuestion
  | MemoryQuestion
  | CalculationQuestion
  | AtlasQuestion
  | AtlasHeadQuestion;

type Num = number | NotFinite;

/** A row is a position, or the whole input; candidates are in order, the likeliest first. */
export interface Predictions {
  predicts: "next token" | "token" | "class of token" | "class";
  /** Of tokens: of the decoder where there is one. Empty for a class of the whole input. */
  positions: number[];
  ids: number[][];
  /** What each writes, with the blank before a word. */
  tokens: string[][];
  /** The same as lists of tokens show it. */
  labels: string[][];
  probabilities: Num[][];
  /** The token that is there: the next one, or the one itself; -1 where there is none. */
  actual_ids: number[];
  actual: string[];
  log_probability: Num[];
  /** 0 where there is none. */
  rank: number[];
  entropy: Num[];
  /** Of the token that stands for a masked one; null where the model masks none. */
  mask_id: number | null;
}

export interface Compared extends Predictions {
  /** Probabilities that are left to the candidates of the pass without edits. */
  kept: Num[][];
  /** The likeliest of these, as lists of tokens show it, and its probability without edits. */
  first: string[];
  before: Num[];
}

/** A number for each layer; those of the last are the model's own. */
export interface Lens {
  position: number;
  /** The most likely token of the last layer. */
  answer: string;
  /** The most likely token of each layer. */
  best: string[];
  /** Of the answer. */
  probabilities: Num[];
  ranks: number[];
}

/** Of each layer and head; null where there is none. */
export type OfHeads<T> = Partial<Record<AttentionKind, (T | null)[][]>>;

/** A partial answer has the same form. */
export interface Ranked {
  /** What effects are of: the logit of a candidate, or how far final states turn. */
  of: Predictions["predicts"] | "states";
  /** Null for the whole input, or for the states of all tokens. */
  position: number | null;
  metric: EffectOf;
  id: number | null;
  /** Of the candidate; empty for states and for the loss. */
  label: string;
  /** Whose logit is taken away. */
  other: number | null;
  other_label: string;
  /** What the model predicts there, the likeliest first. */
  candidates: { ids: number[]; labels: string[] };
  /** The same in Python's words, and its unit. */
  name: string;
  unit: string;
  /** In the pass with all heads. */
  before: Num;
  /** What a head that is switched off gives out. */
  edit: "zero" | "mean";
  /** Where the first token keeps what heads give it. */
  left_alone: AttentionKind[];
  done: number;
  total: number;
  /** What is measured without the head minus `before`; null where it was not tried. */
  effects: OfHeads<Num>;
  /** Places in the order in which heads are tried, from 1: no effect. */
  order: OfHeads<number>;
}

export interface Texts {
  text: string;
  text_pair: string | null;
  /** What a decoder is given: null where the model makes it, left out where it stays. */
  target?: string | null;
}

/** Empty but of a gradient. */
export interface Measured {
  /** The prediction whose logit it is of, and the one whose logit is taken away. */
  label: string;
  other: string;
  /** Where it is predicted; null for the whole input. */
  position: number | null;
}

interface Answers {
  predictions: Predictions;
  replaced: Texts;
  edited: { edits: Edit[] };
  compared: Compared;
  lens: Lens;
  lens_plane: LensPlane;
  ranked: Ranked;
  influence: Influence;
  attributed: Attributed;
  explained: Explained;
  measured: Measured;
  left_out: LeftOut;
  memory: MemoryUse;
  calculation: CalculationAnswer;
  atlas: AtlasOverview;
  atlas_head: AtlasHead;
}

export type AnswerTo<Q extends Question> = Answers[Q["name"]];

/** How far an answer is. */
export interface Progress {
  done: number;
  of: number;
  partial?: unknown;
}

/** As a page keeps it: TOP_K in widget/questions.py. */
export const PREDICTIONS: PredictionsQuestion = { name: "predictions", top_k: 10 };

export const comparedOf = (
  edits: readonly Edit[],
  positions?: readonly number[],
): ComparedQuestion => ({
  ...PREDICTIONS,
  name: "compared",
  edits,
  ...(positions && { positions }),
});

export const lensOf = (position: number, edits: readonly Edit[] = []): LensQuestion => ({
  name: "lens",
  position,
  ...(edits.length && { edits }),
});

export const measuredOf = (about: About, kind: AttentionKind, layer: number): MeasuredQuestion => ({
  name: "measured",
  about: aboutInKey(about),
  kind,
  layer,
});

/** The same for equal questions. */
export const nameOf = (question: Question): string =>
  JSON.stringify(question, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

type EffectOptions = Pick<Options, `effect_${"of" | "token" | "other" | "position"}`>;

/** As `ranking_question` in widget/ranked.py has it. */
export function rankedOf(chosen: EffectOptions): RankedQuestion {
  const { effect_of: of, effect_token: token, effect_other: other } = chosen;
  if (of === "loss") return { name: "ranked", position: null, of };
  return {
    name: "ranked",
    position: chosen.effect_position,
    ...(token !== null && { token }),
    ...(of !== "logit" && { of, ...(other !== null && { other }) }),
  };
}
