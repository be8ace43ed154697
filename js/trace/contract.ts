/**
 * What the browser and Python agree on, in types alone. The other half of this contract is
 * `widget/` (traits, messages) and `protocol/` (descriptions, keys, bytes); names are the same on
 * both sides.
 */

import type { Meta } from "./description";
import type { Shortage } from "./memory";
import { type HeadLabel, type Options, SUMMARIES, type Summary } from "./options";
import type { AnswerTo, Progress, Question } from "./questions";

export * from "./description";

export type NumberName = Exclude<Summary, "none" | "effect">;
/** Rows of a `summaries` tensor. */
export const NUMBERS = SUMMARIES.slice(1, -2) as NumberName[];

/** What a head may be called, see measures/detectors.py. */
export type LabelName = Exclude<HeadLabel, "all" | "none">;

export interface Label {
  readonly name: LabelName;
  /** Of its detector. */
  readonly score: number;
}

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
  /** What was told of an atlas, by the name of the question. */
  answers?: Record<string, unknown>;
}

export interface KeptTensor {
  dtype: Dtype;
  shape: number[];
  /** base64 */
  data: string;
}

// ---- what the browser asks of Python, and what comes back: widget/requests.py ------------------

/** The first word of a front end, once for each model: the widget can be shown. */
export interface ReadyRequest {
  id: number;
  kind: "ready";
}

/** Tensors, the most urgent first: each wish gets a reply of its own, in this order. */
export interface TensorsRequest {
  kind: "tensors";
  run: number;
  wishes: Wish[];
}

export interface Wish {
  id: number;
  /** Of a tensor: tensor_key.ts lists them. */
  key: string;
}

/** Run the model on another text. On success the traits change before the reply comes. */
export interface RunRequest {
  id: number;
  kind: "run";
  text: string;
  text_pair: string | null;
  /** What the decoder is given: null where the model makes it; the same as before if left out. */
  target?: string | null;
  /** Cut the text if it is too long. */
  truncation?: boolean;
  /** Though it takes more memory than is free. */
  anyway?: boolean;
}

/** Ask the model something: any number of `Told` come, then what was answered or why not. */
export interface AskRequest {
  id: number;
  kind: "ask";
  run: number;
  question: Question;
  /** Though it takes more memory than is free. */
  anyway?: boolean;
}

/** What was asked by this number is no longer wanted; it gets a failure if it is still open. */
export interface CancelRequest {
  id: number;
  kind: "cancel";
}

export type Request = ReadyRequest | TensorsRequest | RunRequest | AskRequest | CancelRequest;

export type Dtype = "float32" | "int32" | "uint8";

/** One buffer, little-endian and C-ordered, comes with it. */
export interface TensorHeader {
  id: number;
  dtype: Dtype;
  shape: number[];
}

export interface Done {
  id: number;
}

export interface Told {
  id: number;
  progress: Progress;
}

/** Said of no request, to all views: before the work, and null once it is over. */
export interface Short {
  shortage: Shortage | null;
}

/** What was asked for is held back: it runs when it is sent again with `anyway`. */
export interface HeldBack extends Shortage {
  code: "short";
}

export interface Answered {
  id: number;
  answer: AnswerTo<Question>;
}

/** A text has more tokens than its model takes. */
export interface TooLong {
  code: "too_long";
  tokens: number;
  limit: number;
}

/** What is not of both sides of a comparison: `code` of errors in widget/contrast_lab.py. */
export interface OfSides {
  code: "of_one_side" | "of_edited_side";
}

/** A model without an output head, or one that predicts classes: no `classes` would have a head. */
export interface Headless {
  code: "headless";
  model: string;
  /** By which it is loaded with a head. */
  classes: string[];
}

export type Reason = TooLong | HeldBack | OfSides | Headless;

export interface Failure {
  id: number;
  error: string;
  /** Where the browser can offer a way out, or has words of its own. */
  reason?: Reason;
  /** Nothing went wrong: the model has no answer to this. */
  refused?: true;
}

export type Reply = TensorHeader | Done | Told | Answered | Failure;
