/**
 * What can stand in the place of attention: protocol/measured.py and MEASURES of the experiments say
 * the same, and tests/golden/measures.json holds both to it.
 */

import { WEIGHTS, type Weights } from "./options";

export interface MeasureFacts {
  /** In signs, the same in every language. */
  readonly formula: string;
  /** Whether the numbers of a row are shares of 1, sizes from 0 on, or may lie below 0. */
  readonly scale: "share" | "size" | "signed";
  /** Of each head, or of a whole layer. */
  readonly per: "head" | "layer";
  /** Exact parts of what the model computed, or an estimate. */
  readonly isExact: boolean;
  /** What it takes: a trace, the model, or also a gradient of a logit. */
  readonly takes: "trace" | "model" | "gradient";
}

export const MEASURE_FACTS: Readonly<Record<Weights, MeasureFacts>> = {
  attention: { formula: "α", scale: "share", per: "head", isExact: true, takes: "trace" },
  value_weighted: { formula: "α‖v‖", scale: "size", per: "head", isExact: true, takes: "trace" },
  norm: { formula: "α‖f(x)‖", scale: "size", per: "head", isExact: true, takes: "model" },
  norm_residual: {
    formula: "‖N(Σα f(x) + x)‖",
    scale: "size",
    per: "layer",
    isExact: true,
    takes: "model",
  },
  rollout: { formula: "Π(½Ā + ½I)", scale: "share", per: "layer", isExact: false, takes: "trace" },
  alti: { formula: "ΠC", scale: "share", per: "layer", isExact: false, takes: "model" },
  gradient_attention: {
    formula: "α ∂m/∂α",
    scale: "signed",
    per: "head",
    isExact: false,
    takes: "gradient",
  },
  chefer: { formula: "R + ĀR", scale: "size", per: "layer", isExact: false, takes: "gradient" },
};

/** A measure; with a gradient also what it is of. */
export interface About {
  readonly name: Weights;
  /** The token at which the prediction is meant; null for the end of the text. */
  readonly token: number | null;
  /** The prediction whose logit is taken away, by its text or id. */
  readonly other: string | number | null;
}

/** What is shown in the place of attention. */
export interface ShownMeasure extends MeasureFacts, About {
  /** As keys of tensors name it. */
  readonly key: string;
}

/** As it stands in keys, which it parts no further: `written` in widget/about_measure.py. */
export function aboutInKey({ name, token, other }: About): string {
  if (MEASURE_FACTS[name].takes !== "gradient") return name;
  return JSON.stringify({ name, token, other }).replaceAll("/", "\\u002f");
}

/** The measure that a key is of; null for what is none. */
export function measureInKey(about: string): Weights | null {
  const name = about.startsWith("{") ? nameIn(about) : about;
  return WEIGHTS.find((each) => each === name) ?? null;
}

function nameIn(json: string): unknown {
  try {
    return (JSON.parse(json) as { name?: unknown }).name;
  } catch {
    return null;
  }
}

/** Whether numbers of a measure have no common end, and may lie below 0. */
export const isUnbounded = (about: string | undefined): boolean => {
  const name = about === undefined ? null : measureInKey(about);
  return name !== null && MEASURE_FACTS[name].scale !== "share";
};
