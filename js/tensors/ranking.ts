/** All heads ranked by their effect: the model tries them while a view wants it. */

import type { AppState } from "../state/app_state";
import { type RankedQuestion, rankedOf } from "../trace/questions";
import type { Model } from "./answer";
import { type LongAnswer, longAnswer } from "./long_answer";

export type Ranking = LongAnswer<RankedQuestion>;

const rankings = new WeakMap<AppState, Ranking>();

export function rankingOf(state: AppState, model: Model): Ranking {
  const wanted = () =>
    rankedOf({
      effect_of: state.effect_of.value,
      effect_token: state.effect_token.value,
      effect_other: state.effect_other.value,
      effect_position: state.effect_position.value,
    });
  const known = rankings.get(state) ?? longAnswer(state, model, wanted);
  rankings.set(state, known);
  return known;
}
