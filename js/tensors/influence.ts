/** What each word has to do with a prediction: the model is asked while the text shows it. */

import type { AppState } from "../state/app_state";
import { unmeasured } from "../state/measured_state";
import {
  type Influence,
  type InfluenceMeasure,
  type InfluenceQuestion,
  influenceQuestion,
  isInfluence,
} from "../trace/influence";
import { type Model, REST_MS } from "./answer";
import { type LongAnswer, longAnswer } from "./long_answer";

export type Influencing = LongAnswer<InfluenceQuestion>;

const all = new WeakMap<AppState, Influencing>();

const questionOf = (state: AppState, measure: InfluenceMeasure): InfluenceQuestion =>
  influenceQuestion(measure, {
    token: state.token.value,
    attention_kind: state.attention_kind.value,
    compared_with: state.compared_with.value,
    rows: state.rows.value,
  });

export function influenceOf(state: AppState, model: Model): Influencing {
  const wanted = () => {
    const { value: measure } = state.measure;
    return isInfluence(measure) ? questionOf(state, measure) : null;
  };
  const base = unmeasured(state); // one for all views
  const known = all.get(base) ?? longAnswer(base, model, wanted, REST_MS);
  all.set(base, known);
  return known;
}

/** The removal of what is selected now, if all of it is known already. */
export const removalKnown = (state: AppState, model: Model): Influence | undefined =>
  model.peek(questionOf(state, "removal"));
