/**
 * What the browser and Python agree on, in types alone. The other half of this contract is
 * `widget/` (traits, messages) and `protocol/` (descriptions, keys, bytes); names are the same on
 * both sides.
 */

import type { Meta } from "./description";
import type { Dtype } from "./messages";
import { type Options, SUMMARIES, type Summary } from "./options";

export * from "./description";
export * from "./messages";

export type NumberName = Exclude<Summary, "none">;
/** Rows of a `summaries` tensor. */
export const NUMBERS = SUMMARIES.slice(1) as NumberName[];

/** The synced traits. */
export interface State extends Options {
  text: string;
  text_pair: string | null;
  /** A forward pass is under way. */
  busy: boolean;
  meta: Meta;
  /** Empty in Python: the browser adds to it what a saved notebook keeps. */
  kept: Kept;
}

export interface Kept {
  archive?: KeptTensors;
}

export interface KeptTensors {
  format: number;
  run: number;
  tensors: Record<string, KeptTensor>;
}

export interface KeptTensor {
  dtype: Dtype;
  shape: number[];
  /** base64 */
  data: string;
}
