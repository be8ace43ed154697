/** The choices of the text view: what colours it, and in what colours. */

import { optionControls } from "../../controls/option_controls";
import type { AppState } from "../../state/app_state";
import { MEASURES } from "../../trace/options";
import { TEXT_OPTIONS } from "./option_texts";
import { isAttention, type TextScores } from "./scores";
import { TEXT } from "./texts";

const OF_VECTORS = MEASURES.filter((name) => !isAttention(name));

export function textControls(
  state: AppState,
  { nearest }: TextScores,
  abort: AbortSignal,
): HTMLElement[] {
  const hasVectors = () => state.sides.value.queryText.has_hidden_states;
  const hued = () => nearest.value !== null;
  return optionControls(
    state,
    TEXT_OPTIONS,
    {
      measure: { off: () => (hasVectors() ? [] : OF_VECTORS) },
      space: { shown: hasVectors, usable: () => !isAttention(state.measure.value) },
      colour_map: {
        usable: () => !hued(),
        title: () => (hued() ? state.say(TEXT.paletteOfPins) : ""),
      },
    },
    abort,
  );
}
