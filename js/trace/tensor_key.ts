/** What the key of a tensor says; contract.ts lists the keys. */

import type { Meta, TensorKey } from "./contract";
import type { AttentionKind, SpecialTokens } from "./options";
import { type Sides, sidesOf } from "./sides";

export interface KeyParts {
  /** `window/{window}/` or nothing. */
  window: string;
  sides: Sides;
  grouping: { words: boolean; special: SpecialTokens };
  name: string;
  kind: AttentionKind;
  layer: string;
  rest: string[];
}

/** Null for a tensor that is of no layer. */
export function partsOf(key: TensorKey, meta: Meta): KeyParts | null {
  const parts = key.split("/");
  let window: number | null = null;
  if (parts[0] === "window") window = Number(parts.splice(0, 2)[1]);
  const grouping: KeyParts["grouping"] = { words: false, special: "show" };
  if (parts[0] === "grouped") {
    const [, units, special] = parts.splice(0, 3);
    grouping.words = units === "words";
    grouping.special = special as SpecialTokens;
  }
  const [name, kind, layer, ...rest] = parts;
  if (!name || !kind || !layer) return null;
  const sides = sidesOf(meta, kind as AttentionKind, window, grouping);
  const before = window === null ? "" : `window/${window}/`;
  return { window: before, sides, grouping, name, kind: kind as AttentionKind, layer, rest };
}
