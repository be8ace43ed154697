/** Heads worth seeing first: why the one that is shown is, and the way to the next. */

import { batch, computed, type ReadonlySignal } from "@preact/signals-core";
import { isLabel, labelInWords } from "../language/labels";
import { quoted } from "../language/quoted";
import type { AppState } from "../state/app_state";
import { chooseHead, isShownLayer } from "../state/choose_head";
import { attentionKey } from "../state/shown_keys";
import { resource } from "../tensors/resource";
import type { TensorSource } from "../tensors/source";
import type { Suggestion } from "../trace/contract";
import { exactness } from "../trace/exactness";
import { rowIn, type Side } from "../trace/sides";
import { at } from "../trace/tensor";
import type { Offer } from "./offer";
import { SUGGESTION } from "./texts/suggestion";

/** Null where nothing is suggested. */
export function suggestionOffers(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): ReadonlySignal<Offer | null> {
  const { say } = state;

  /** Place of the head that is shown among those that are suggested; -1 where it is none of them. */
  const place = computed(() => {
    const { value: chosen } = state.activeHeads;
    if (chosen.length !== 1 || state.pairs.value.length) return -1;
    return state.meta.value.suggestions.findIndex(
      (each) => isShownLayer(state, each) && each.head === chosen[0],
    );
  });
  const shown = computed(() => state.meta.value.suggestions[place.value] ?? null);

  /** Where rows are passages what is said stays of the two tokens in them. */
  const isByPassage = () => state.sides.value.grouping.units === "passages";

  /**
   * Rows of the views, where their weight is another than that of the two tokens, also as a page
   * rounds its own; else null.
   */
  const rows = computed(() => {
    const { queries, keys, grouping } = state.sides.value;
    if (!shown.value || isByPassage()) return null;
    const [query, key] = [rowIn(queries, shown.value.query), rowIn(keys, shown.value.key)];
    if (query === null || key === null) return null;
    const size = (side: Side, row: number) => side.groups[row]?.length ?? 1;
    const isSame =
      size(queries, query) === 1 && size(keys, key) === 1 && grouping.special !== "renormalise";
    return isSame && !exactness().weight ? null : { query, key };
  });
  const held = resource(
    state,
    source,
    abort,
    () => rows.value && attentionKey(state, "attention_row", { tokens: [rows.value.query] }),
  );

  /** As the views have it; null while it is on its way. */
  function weightOf({ head, weight }: Suggestion): number | null {
    if (!rows.value) return weight;
    const { tensor, pending, error } = held.value;
    if (!tensor || pending || error) return null;
    return at(tensor, head)[rows.value.key] ?? Number.NaN;
  }

  /** It is of the attention that is shown. */
  function whyOf(suggestion: Suggestion): string {
    const { layer, head, query, key, label: name, score } = suggestion;
    const { queries, keys, queryText, keyText } = state.sides.value;
    const labelOf = (side: Side, text: typeof queryText, token: number) => {
      const row = isByPassage() ? null : rowIn(side, token); // whole words where rows are words
      return quoted(say, (row === null ? text.tokens[token] : side.tokens[row])?.label ?? "");
    };
    const weight = weightOf(suggestion);
    const why = say(isByPassage() ? SUGGESTION.whyByToken : SUGGESTION.why, {
      layer,
      head,
      query: labelOf(queries, queryText, query),
      key: labelOf(keys, keyText, key),
      weight: weight === null ? "…" : state.numbers.weight(weight),
    });
    if (!isLabel(name)) return why; // nor in what was saved before there were any
    return `${why} ${say(SUGGESTION.does, { does: labelInWords(state, { name, score }) })}`;
  }

  return computed(() => {
    const { suggestions: all } = state.meta.value;
    const next = all[(place.value + 1) % all.length];
    if (!next) return null;
    const isThere = shown.value !== null;
    const go = () =>
      batch(() => {
        chooseHead(state, next, false);
        state.token.value = next.query;
        state.key_token.value = null;
      });
    const isAlone = isThere && all.length < 2;
    return {
      words: shown.value ? whyOf(shown.value) : "",
      place:
        isThere && !isAlone ? say(SUGGESTION.place, { at: place.value + 1, of: all.length }) : "",
      on: isAlone
        ? null
        : {
            words: say(isThere ? SUGGESTION.next : SUGGESTION.first),
            title: say(isThere ? SUGGESTION.nextTitle : SUGGESTION.firstTitle),
            go,
          },
    };
  });
}
