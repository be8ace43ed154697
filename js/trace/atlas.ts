/**
 * What the heads of a model do over a corpus: export/atlas.py makes it. Names and tokens are texts
 * from elsewhere: data, never markup.
 */

import type { NotFinite } from "./description";
import type { AtlasLabel, AttentionKind } from "./options";

/** Every head with its summaries. */
export interface AtlasQuestion {
  readonly name: "atlas";
}

/** The examples of one head. */
export interface AtlasHeadQuestion {
  readonly name: "atlas_head";
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly head: number;
}

type Num = number | NotFinite;

/** Empty lists where the widget has no atlas. */
export interface AtlasOverview {
  model_name: string;
  n_texts: number;
  n_tokens: number;
  /** Of the summaries: those of the package, and a person's own. */
  names: string[];
  /** Of each head, as the next three. */
  kinds: AttentionKind[];
  layers: number[];
  heads: number[];
  /** What it does over the corpus; "" where that is not sure. */
  labels: (Exclude<AtlasLabel, "all"> | "")[];
  /** Of each summary a number for each head; NaN where there is none. */
  values: Num[][];
}

export interface AtlasExample {
  /** 0 for one of the highest of the head, else the tenth of its weights, 10 the highest. */
  rank: number;
  /** Of the text in the corpus. */
  number: number;
  /** As the model can read it again; empty where there is none, or no model. */
  text: string;
  labels: string[];
  /** Of its tokens; empty in a saved page. */
  ids: number[];
  query: number;
  key: number;
  weight: Num;
  /** What the query gives to each token. */
  row: Num[];
}

export interface AtlasHead {
  examples: AtlasExample[];
}

export const ATLAS: AtlasQuestion = { name: "atlas" };

export const atlasHeadOf = (
  kind: AttentionKind,
  layer: number,
  head: number,
): AtlasHeadQuestion => ({ name: "atlas_head", kind, layer, head });
