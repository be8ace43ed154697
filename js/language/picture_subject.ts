/** Which heads a picture is of, as its caption, its note and the name of its file say it. */

import type { LayerHead } from "../trace/layer_head";
import { rangesOf } from "./ranges";
import type { Say } from "./say";
import { HEADS } from "./texts/heads";

/** Several heads each by itself, or as one. */
export type HeadsAs = "each" | "mean" | "maximum";

export interface PictureSubject {
  /**
   * Weights between the rows that are chosen; weights or masks between the model's own tokens;
   * vectors, in which no head has a part; all heads of the model; or what it predicts.
   */
  of: "weights" | "tokens" | "vectors" | "model" | "predictions";
  /** Null for all, and for token embeddings. */
  layer: number | null;
  heads: readonly number[];
  how: HeadsAs;
  /** Heads of several layers, beside each other; empty or absent where those are of one. */
  pairs?: readonly LayerHead[];
}

/** "layer 2, head 5" */
export const headName = (say: Say, { layer, head }: LayerHead): string =>
  say(HEADS.ofLayer, { layer: String(layer), heads: say(HEADS.one, { head: String(head) }) });

/** "layer 2, head 5; layer 4, head 1", or their mean. */
export function pairsInWords(say: Say, pairs: readonly LayerHead[], how: HeadsAs): string {
  const heads = pairs.map((pair) => headName(say, pair)).join("; ");
  return how === "mean" && pairs.length > 1 ? say(HEADS.meanOf, { heads }) : heads;
}

/** "head 3", "heads 0–2, 5", "mean of heads 0–11"; empty for none. */
export function headsInWords(say: Say, heads: readonly number[], how: HeadsAs): string {
  if (!heads.length) return "";
  const [head = 0] = heads;
  return heads.length === 1
    ? say(HEADS.one, { head: String(head) })
    : say(HEADS[how], { heads: rangesOf(heads, "–", ", ") });
}
