/** What the tokens view says: of the mask, and of the token or the pair that is looked at. */

import { pieceOfNamed } from "../../language/descriptions";
import { isolated } from "../../language/direction";
import { quoted } from "../../language/quoted";
import type { AppState } from "../../state/app_state";
import { sees } from "./mask_coverage";
import type { LayerMask } from "./mask_data";
import { MASK } from "./mask_texts";
import { sentenceOf } from "./mask_words";
import { TOKENS } from "./texts";

/** As weights are coloured, so that the accent of what is selected stands out. */
const COLOURS = {
  light: { seen: "rgb(160 112 226)", hidden: "rgb(226 230 237)" },
  dark: { seen: "rgb(139 92 212)", hidden: "rgb(44 50 61)" },
};

export const maskColours = (dark: boolean) => COLOURS[dark ? "dark" : "light"];

/** What a mask does, where it is known, else what was found in the weights. */
export function maskLegend({ say, dark, layerMeta }: AppState) {
  const { seen, hidden } = maskColours(dark.value);
  const isKnown = (layerMeta.value?.masks.length ?? 0) > 0;
  return [
    { colour: seen, label: say(isKnown ? TOKENS.canSee : TOKENS.hasWeight) },
    { colour: hidden, label: say(isKnown ? TOKENS.cannotSee : TOKENS.hasNone) },
  ] as const;
}

export function maskTitle(state: AppState, { masks, head }: LayerMask): string {
  const { say } = state;
  const layer = say(TOKENS.maskOf, { layer: String(state.layer.value) });
  return masks.value.length > 1
    ? `${layer}, ${say(TOKENS.ofHead, { head: String(head()) })}`
    : layer;
}

export function maskSentence(state: AppState, { masks, head, tokens }: LayerMask): string {
  const { say } = state;
  const mask = masks.value[head()];
  if (!state.layerMeta.value) return "";
  if (!mask) return say(MASK.unknown);
  const { queries, keys, same } = tokens.sides.value;
  const place = (side: typeof queries) => (row: number) => side.toText[row] ?? row;
  const said = sentenceOf(mask, same, say, { key: place(keys), query: place(queries) });
  const differ = masks.value.length > 1 ? ` ${say(MASK.perHead)}` : "";
  return said.charAt(0).toLocaleUpperCase(state.language.value) + said.slice(1) + differ;
}

const labelOf = (state: AppState, side: "queries" | "keys", row: number) =>
  state.sides.value[side].tokens[row]?.label ?? "";

export function pairInWords(
  state: AppState,
  { mask }: LayerMask,
  query: number,
  key: number,
): string[] {
  const { value } = mask;
  if (!value) return [];
  const [seen, unseen] = maskLegend(state);
  return [
    `${isolated(labelOf(state, "queries", query))} → ${isolated(labelOf(state, "keys", key))}`,
    (sees(value.runs, value.head, query, key) ? seen : unseen).label,
  ];
}

/** The same, and what the vocabulary has for both. */
export function pairWithPieces(state: AppState, of: LayerMask, query: number, key: number) {
  const { queries, keys } = state.sides.value;
  const named = [queries.tokens[query], keys.tokens[key]].filter((each) => each !== undefined);
  const pieces = named.flatMap((token) => pieceOfNamed(token, state.say));
  return [...pairInWords(state, of, query, key), ...new Set(pieces)];
}

/** What the mask means for the token that is looked at, and for the pair that is selected. */
export function noteOf(state: AppState, of: LayerMask): string {
  const [query, key] = [state.selected.value, state.selectedKey.value];
  const pair =
    query === null || key === null ? "" : `${pairInWords(state, of, query, key).join(": ")}.`;
  return [tokenSentence(state, of), pair].filter(Boolean).join(" ");
}

function tokenSentence(state: AppState, { counts, masks }: LayerMask): string {
  const { say } = state;
  const { value } = counts;
  if (!value || !masks.value.length) return "";
  const { queries, keys, same } = state.sides.value;
  const seesKeys = (row: number) =>
    say(TOKENS.seesKeys, { n: value.sees[row] ?? 0, of: keys.tokens.length });
  const seenByQueries = (row: number) =>
    say(TOKENS.seenByQueries, { n: value.seen[row] ?? 0, of: queries.tokens.length });
  const row = state.query.value;
  if (row !== null) {
    const said = same ? `${seesKeys(row)}, ${seenByQueries(row)}` : seesKeys(row);
    return `${quoted(say, labelOf(state, "queries", row))}: ${said}.`;
  }
  const over = state.hovered.value;
  const key = over?.as === "key" ? over.token : state.selectedKey.value;
  return key === null ? "" : `${quoted(say, labelOf(state, "keys", key))}: ${seenByQueries(key)}.`;
}
