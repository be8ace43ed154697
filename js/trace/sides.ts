/** The two lists of tokens that an attention joins, and where they stand in the text. */

import type { LayerMeta, Meta, TokenMeta } from "./contract";
import type { AttentionKind, SpecialTokens } from "./options";
import { mergeTokens, type Rows, unitsOf } from "./units";

export interface Side {
  /** As the attention counts them: rows of the views. */
  tokens: readonly TokenMeta[];
  /** Of each row its index in the text; null for a token that a window adds. */
  toText: readonly (number | null)[];
  /** Of each index in the text its row; what is hidden or lies in another window has none. */
  toRow: ReadonlyMap<number, number>;
  /** Of each row the tokens in it, as the model counted them. */
  groups: readonly (readonly number[])[];
}

/** What makes a row. */
export interface Grouping {
  units: Rows;
  special: SpecialTokens;
}

/** Every token by itself. */
export const PLAIN: Grouping = { units: "tokens", special: "show" };

/** One text that is shown, and whose tokens `token` and `pinned` count. */
export interface Text {
  tokens: readonly TokenMeta[];
  /** Whose hidden states its tokens have. */
  kind: Exclude<AttentionKind, "cross">;
  has_hidden_states: boolean;
  has_word_embeddings: boolean;
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
  grouping: Grouping;
}

/** Which queries and keys are no padding; undefined where none is. */
export function ownOf({ queries, keys }: Pick<Sides, "queries" | "keys">) {
  if (![queries, keys].some(({ tokens }) => tokens.some(({ padding }) => padding))) return;
  const own = ({ tokens }: Side) => tokens.flatMap(({ padding }, row) => (padding ? [] : [row]));
  return { queries: own(queries), keys: own(keys) };
}

export const layersOf = (meta: Meta, kind: AttentionKind): readonly (LayerMeta | null)[] =>
  meta.attention.find((attention) => attention.kind === kind)?.layers ?? [];

/** The row that a token of the text stands in, if it is in one. */
export const rowIn = (side: Side, token: number | null): number | null =>
  token === null ? null : (side.toRow.get(token) ?? null);

/** The window that holds a token of the whole text; the first when there is none. */
export function windowOf(meta: Meta, token: number | null): number | null {
  if (!meta.windows.length) return null;
  const found = meta.windows.findIndex(
    ({ own: [start = 0, stop = 0] }) => token !== null && start <= token && token < stop,
  );
  return Math.max(0, found);
}

export function sidesOf(
  meta: Meta,
  kind: AttentionKind,
  window: number | null,
  grouping: Grouping,
): Sides {
  const { target } = meta;
  if (window !== null || !target) {
    const whole = window === null ? wholeOf(meta.tokens) : within(meta, window);
    const side = grouped(whole, grouping);
    const text: Text = { ...meta, kind: kind === "encoder" ? "encoder" : "decoder" };
    return {
      queries: side,
      keys: side,
      queryText: text,
      keyText: text,
      same: true,
      window,
      grouping,
    };
  }
  const source: Text = { ...meta, kind: "encoder" };
  const decoded: Text = { ...target, kind: "decoder" };
  const queryText = kind === "encoder" ? source : decoded;
  const keyText = kind === "decoder" ? decoded : source;
  const queries = grouped(wholeOf(queryText.tokens), grouping);
  const same = queryText === keyText;
  const keys = same ? queries : grouped(wholeOf(keyText.tokens), grouping);
  return { queries, keys, queryText, keyText, same, window: null, grouping };
}

function sideOf(
  tokens: readonly TokenMeta[],
  toText: readonly (number | null)[],
  groups: readonly (readonly number[])[],
  texts: readonly (number | null)[],
): Side {
  const toRow = new Map<number, number>();
  groups.forEach((group, row) => {
    for (const token of group) {
      const index = texts[token];
      if (typeof index === "number") toRow.set(index, row);
    }
  });
  return { tokens, toText, toRow, groups };
}

function grouped(side: Side, { units, special }: Grouping): Side {
  if (units === "tokens" && special === "show") return side;
  const isShown = (index: number) => special === "show" || !side.tokens[index]?.special;
  const shown = unitsOf(side.tokens, units).filter((unit) => unit.tokens.some(isShown));
  const groups = shown.map((unit) => unit.tokens.filter(isShown));
  const tokens = shown.map(({ passage }, row) =>
    mergeTokens(groups[row]?.flatMap((i) => side.tokens[i] ?? []) ?? [], passage),
  );
  const toText = groups.map(([first = -1]) => side.toText[first] ?? null);
  return sideOf(tokens, toText, groups, side.toText);
}

function wholeOf(tokens: readonly TokenMeta[]): Side {
  const rows = tokens.map((_, index) => index);
  return sideOf(
    tokens,
    rows,
    rows.map((row) => [row]),
    rows,
  );
}

function within(meta: Meta, window: number): Side {
  const { positions = [], specials = [] } = meta.windows[window] ?? {};
  const added = specials[Symbol.iterator]();
  const tokens = positions.flatMap((position) => {
    const token = position === null ? added.next().value : meta.tokens[position];
    return token ?? [];
  });
  const groups = positions.map((_, row) => [row]);
  return sideOf(tokens, positions, groups, positions);
}
