/** The two lists of tokens that an attention joins, and where they stand in the text. */

import type { AttentionKind, LayerMeta, Meta, TokenMeta } from "./contract";

export interface Side {
  /** As the attention counts them: rows of the views. */
  tokens: readonly TokenMeta[];
  /** Of each row its index in the text; null for a token that a window adds. */
  toText: readonly (number | null)[];
  /** Of each index in the text its row; what lies in another window has none. */
  toRow: ReadonlyMap<number, number>;
}

/** One text that is shown, and whose tokens `token` and `pinned` count. */
export interface Text {
  tokens: readonly TokenMeta[];
  stack: "encoder" | "decoder";
  has_hidden_states: boolean;
}

export interface Sides {
  queries: Side;
  keys: Side;
  queryText: Text;
  keyText: Text;
  /** Both are the same list. */
  same: boolean;
  /** Which window, of a text that was read in several. */
  window: number | null;
}

export const layersOf = (meta: Meta, kind: AttentionKind): readonly (LayerMeta | null)[] =>
  meta.attention.find((attention) => attention.kind === kind)?.layers ?? [];

/** The window that holds a token of the whole text; the first when there is none. */
export function windowOf(meta: Meta, token: number | null): number | null {
  if (!meta.windows.length) return null;
  const found = meta.windows.findIndex(
    ({ own: [start = 0, stop = 0] }) => token !== null && start <= token && token < stop,
  );
  return Math.max(0, found);
}

export function sidesOf(meta: Meta, kind: AttentionKind, window: number | null): Sides {
  const { target } = meta;
  if (window !== null || !target) {
    const side = window === null ? whole(meta.tokens) : within(meta, window);
    const stack = kind === "encoder" ? "encoder" : "decoder";
    const text: Text = { ...meta, stack };
    return { queries: side, keys: side, queryText: text, keyText: text, same: true, window };
  }
  const source: Text = { ...meta, stack: "encoder" };
  const decoded: Text = { ...target, stack: "decoder" };
  const queryText = kind === "encoder" ? source : decoded;
  const keyText = kind === "decoder" ? decoded : source;
  const queries = whole(queryText.tokens);
  const same = queryText === keyText;
  const keys = same ? queries : whole(keyText.tokens);
  return { queries, keys, queryText, keyText, same, window: null };
}

function whole(tokens: readonly TokenMeta[]): Side {
  const rows = tokens.map((_, index) => index);
  return { tokens, toText: rows, toRow: new Map(rows.map((row) => [row, row])) };
}

function within(meta: Meta, window: number): Side {
  const { positions = [], specials = [] } = meta.windows[window] ?? {};
  const added = specials[Symbol.iterator]();
  const tokens = positions.flatMap((position) => {
    const token = position === null ? added.next().value : meta.tokens[position];
    return token ?? [];
  });
  const placed = positions.flatMap((position, row) =>
    position === null ? [] : [[position, row] as const],
  );
  return { tokens, toText: positions, toRow: new Map(placed) };
}
