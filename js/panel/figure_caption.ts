/** The line below a figure: what it is of. */

import { measureTitle, shownHeadsInWords, shownPairsInWords } from "../draw/measure_words";
import { modelName } from "../language/descriptions";
import { editsInWords } from "../language/edits";
import type { PictureSubject } from "../language/picture_subject";
import { KINDS } from "../language/texts/kinds";
import type { AppState } from "../state/app_state";
import { CAPTION } from "./texts/panel";

/** Model, and of what is drawn: attention, layer, heads, rows. */
export function figureCaption(state: AppState, subject: PictureSubject): string {
  const { of, layer, heads, how, pairs = [] } = subject;
  const { say } = state;
  const isAttention = of === "weights" || of === "tokens";
  const parts = [modelName(state.meta.value)];
  if (isAttention && state.meta.value.attention.length > 1) {
    parts.push(say(KINDS[state.attention_kind.value]));
  }
  const isMeasured = of === "weights" || of === "model";
  if (isMeasured) parts.push(measureTitle(state));
  if (pairs.length) parts.push(shownPairsInWords(state, pairs, "each"));
  else if (layer !== null) parts.push(say(CAPTION.layer, { layer: String(layer) }));
  else if (of === "vectors") parts.push(say(CAPTION.embeddings));
  if (!pairs.length) parts.push(heads.length ? shownHeadsInWords(state, heads, how) : "");
  if (of !== "tokens" && of !== "predictions") {
    const { special } = state.sides.value.grouping;
    if (state.rows.value !== "tokens") parts.push(say(CAPTION[state.rows.value]));
    if (special !== "show") parts.push(say(CAPTION[of === "vectors" ? "hide" : special]));
  }
  const { value: edits } = state.edits;
  // What compares both passes names the edits, and so does all that shows the one with them.
  if (edits.length && (state.pass.value !== null || of === "predictions")) {
    parts.push(editsInWords(say, edits, state.sides.value));
  }
  return parts.filter(Boolean).join(" · ");
}
