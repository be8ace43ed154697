/** What is changed in a second pass; protocol/edits.py fills in what is left out. */

export interface HeadOff {
  edit: "head_off";
  kind: "encoder" | "decoder" | "cross" | null;
  layer: number;
  heads: number[];
  tokens: number[] | null;
  value: "zero" | "mean";
}

export interface HeadScale extends Omit<HeadOff, "edit" | "value"> {
  edit: "head_scale";
  factor: number;
}

/** It gives out what it gives out in another text, token by token. */
export interface HeadPatch extends Omit<HeadOff, "edit" | "value"> {
  edit: "head_patch";
  source: string;
  source_tokens: number[] | null;
}

/** Null stands for all. */
export interface EdgeOff {
  edit: "edge_off";
  kind: "encoder" | "decoder" | "cross" | null;
  layer: number | null;
  heads: number[] | null;
  query: number[] | null;
  key: number[];
}

export type Edit = HeadOff | HeadScale | HeadPatch | EdgeOff;

/** As JSON that has no slash, which parts the keys of tensors: a text may have one. */
export const jsonOf = (edits: readonly Edit[]): string =>
  JSON.stringify(edits).replaceAll("/", "\\u002f");
