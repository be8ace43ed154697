/** What a figure is of: the line below it, and the name of its file. */

import type { ViewName } from "./contract";
import type { AppState } from "./state";
import { modelName } from "./story";
import { CAPTION } from "./texts/caption";
import { KINDS } from "./texts/picker";

/** Model, attention, layer and heads. */
export function figureCaption(state: AppState): string {
  const { say } = state;
  const { attention } = state.meta.value;
  const heads = state.activeHeads.value;
  const parts = [modelName(state.meta.value)];
  if (attention.length > 1) parts.push(say(KINDS[state.attention_kind.value]));
  parts.push(say(CAPTION.layer, { layer: String(state.layer.value) }));
  if (heads.length) parts.push(say(CAPTION.heads, { n: heads.length, heads: heads.join(", ") }));
  if (state.words.value) parts.push(say(CAPTION.words));
  if (state.special_tokens.value !== "show") parts.push(say(CAPTION[state.special_tokens.value]));
  return parts.join(" · ");
}

/** Only what every file system takes. */
export function figureName(state: AppState, view: ViewName): string {
  const model = state.meta.value.model_name.replace(/[^A-Za-z0-9._-]+/g, "-");
  const heads = state.activeHeads.value;
  const head = heads.length === 1 ? `-head-${heads[0]}` : "";
  return `${model.slice(-60)}-${view}-layer-${state.layer.value}${head}`;
}
