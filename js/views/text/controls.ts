/** The choices of the text view: what colours it, and in what colours. */

import { select } from "../../browser/dom";
import { type AppState, watch } from "../../state/app_state";
import { COLOUR_MAPS, MEASURES } from "../../trace/contract";
import { isAttention, type TextScores } from "./scores";
import { MEASURE, TEXT } from "./texts";

const OF_VECTORS = MEASURES.filter((name) => !isAttention(name));

export function textControls(
  state: AppState,
  { nearest }: TextScores,
  abort: AbortSignal,
): HTMLElement[] {
  const { say } = state;
  const measure = select(
    say(TEXT.measure),
    MEASURES.map((name) => [name, say(MEASURE[name])] as const),
    abort,
    (value) => {
      state.measure.value = value;
    },
  );
  const space = select(
    say(TEXT.vectors),
    [
      ["embeddings", say(TEXT.embeddings)],
      ["hidden_states", say(TEXT.layerOutput)],
    ],
    abort,
    (value) => {
      state.space.value = value;
    },
  );
  const palette = select(
    say(TEXT.palette),
    COLOUR_MAPS.map((name) => [name, say(TEXT[name])] as const),
    abort,
    (value) => {
      state.colour_map.value = value;
    },
  );
  watch(abort, () => {
    const known = state.sides.value.queryText.has_hidden_states;
    measure.set(state.measure.value);
    measure.off(known ? [] : OF_VECTORS);
    space.set(state.space.value);
    palette.set(state.colour_map.value);
    space.element.toggleAttribute("data-off", isAttention(state.measure.value));
    space.element.hidden = !known;
    const hued = nearest.value !== null;
    palette.element.toggleAttribute("data-off", hued);
    palette.element.title = hued ? say(TEXT.paletteOfPins) : "";
  });
  return [measure, space, palette].map(({ element }) => element);
}
