/** What the selection offers to leave out of a pass: heads, an edge, or a word that nobody sees. */

import { shortened } from "../language/direction";
import { editsInWords, named } from "../language/edits";
import { quoted } from "../language/quoted";
import type { AppState } from "../state/app_state";
import type { Edit } from "../trace/edits";
import { EDIT_LINE, HOW } from "./texts/edit_line";

/** How a head is changed by itself. */
export const HOWS = ["zero", "mean", "half", "double"] as const;
export type How = (typeof HOWS)[number] | { readonly source: string };

export interface Offer {
  words: string;
  title: string;
  edits: Edit[];
}

const LONGEST = 32; // characters of another text that a button says
const FACTORS = { half: 0.5, double: 2 };

/** Heads, left out in some way. */
function changed(state: AppState, layer: number, heads: number[], how: How): Edit {
  const place = { kind: state.attention_kind.value, layer, heads };
  const tokens = null; // in Python's order, which tells equal ones
  if (typeof how === "object")
    return { edit: "head_patch", ...place, source: how.source, tokens, source_tokens: null };
  return how === "half" || how === "double"
    ? { edit: "head_scale", ...place, factor: FACTORS[how], tokens }
    : { edit: "head_off", ...place, tokens, value: how };
}

function wordsOf({ say }: AppState, how: How, layer = 0, head?: number): string {
  const [texts, text] =
    typeof how === "object"
      ? [
          HOW.text,
          quoted(
            say,
            shortened(how.source, ({ length }) => length <= LONGEST),
          ),
        ]
      : [HOW[how], ""];
  if (head === undefined) return say(texts.several, { text });
  return say(texts.one, { layer, head, text });
}

/** The heads that are shown, where no edge is selected. */
export function headsOffer(state: AppState, how: How): Offer | null {
  const { say } = state;
  const title = say(EDIT_LINE.title);
  const pairs = state.pairs.value;
  if (pairs.length) {
    const edits = pairs.map(({ layer, head }) => changed(state, layer, [head], how));
    return { words: wordsOf(state, how), title, edits };
  }
  const heads = state.activeHeads.value;
  const layer = state.layer.value;
  const [head] = heads;
  if (head === undefined || edgeOf(state)) return null;
  const words = wordsOf(state, how, layer, heads.length === 1 ? head : undefined);
  return { words, title, edits: [changed(state, layer, [...heads], how)] };
}

/** The edge between two words that are selected. */
export function edgeOffer(state: AppState): Offer | null {
  const heads = state.activeHeads.value;
  const edge = edgeOf(state);
  if (!heads.length || !edge || state.pairs.value.length) return null;
  const { say } = state;
  const [kind, layer] = [state.attention_kind.value, state.layer.value];
  const edits: Edit[] = [{ edit: "edge_off", kind, layer, heads: [...heads], ...edge }];
  return { words: say(EDIT_LINE.edge), title: say(EDIT_LINE.title), edits };
}

/** A word that is selected alone: no token sees it, in any head of any layer. */
export function wordOffer(state: AppState): Offer | null {
  const { say } = state;
  const { queries, keys, same } = state.sides.value;
  const [row, column] = [state.selected.value, state.selectedKey.value];
  const place = row === null ? column : same && column === null ? row : null;
  const key = place === null ? [] : [...((row === null ? keys : queries).groups[place] ?? [])];
  if (!key.length) return null;
  const all = { layer: null, heads: null, query: null };
  const edits: Edit[] = [{ edit: "edge_off", kind: state.attention_kind.value, ...all, key }];
  const name = named(say, key, state.sides.value.keyText);
  return {
    words: say(EDIT_LINE.word, { key: name }),
    title: say(EDIT_LINE.wordTitle, { key: name }),
    edits,
  };
}

function edgeOf(state: AppState): { query: number[]; key: number[] } | null {
  const { queries, keys } = state.sides.value;
  const [row, column] = [state.selected.value, state.selectedKey.value];
  if (row === null || column === null) return null;
  return { query: [...(queries.groups[row] ?? [])], key: [...(keys.groups[column] ?? [])] };
}

/** Edits of an offer that are not made yet; null where all are. */
export function added(made: readonly Edit[], offer: Offer | null): Edit[] | null {
  const known = made.map((edit) => JSON.stringify(edit));
  const all = offer?.edits.filter((edit) => !known.includes(JSON.stringify(edit))) ?? [];
  return all.length ? all : null;
}

/** With more of them: what is made of a head anew takes the place of what was made of it. */
export function withMore(made: readonly Edit[], more: readonly Edit[]): Edit[] {
  const placeOf = (edit: Edit) =>
    edit.edit === "edge_off"
      ? JSON.stringify(edit)
      : JSON.stringify([edit.kind, edit.layer, edit.heads, edit.tokens]);
  const places = more.map(placeOf);
  return [...made.filter((edit) => !places.includes(placeOf(edit))), ...more];
}

export const made = (state: AppState): string =>
  state.edits.value.length ? editsInWords(state.say, state.edits.value, state.sides.value) : "";
