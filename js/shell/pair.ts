/** Two words are selected: which heads link them most, of all layers, and the way from one to the next. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { quoted } from "../language/quoted";
import type { AppState } from "../state/app_state";
import { chooseHead, isShownLayer } from "../state/choose_head";
import { type PairHeads, pairHeads } from "../tensors/pair_heads";
import type { TensorSource } from "../tensors/source";
import type { Offer } from "./offer";
import { PAIR } from "./texts/pair";

/** Null where no two are selected, or nothing is known of them. */
export function pairOffers(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): ReadonlySignal<Offer | null> {
  const { say } = state;
  const found = pairHeads(state, source, abort);
  /** How far a person went down the list. */
  const reached = signal({ name: "", place: 0 });

  /** Place of the head that is shown, if this led to it or it is the first; else -1. */
  function placeIn({ name, heads }: PairHeads): number {
    const { value: chosen } = state.activeHeads;
    if (chosen.length !== 1) return -1;
    const last = reached.value.name === name ? reached.value.place : 0;
    const seen = heads?.slice(0, last + 1) ?? [];
    return seen.findIndex((one) => isShownLayer(state, one) && one.head === chosen[0]);
  }

  return computed(() => {
    const { value: pair } = found;
    if (!pair || state.isDifference.value) return null; // which heads attend is no difference
    const { name, heads, complete } = pair;
    const { queries, keys } = state.sides.value;
    const words = {
      query: quoted(say, queries.tokens[pair.query]?.label ?? ""),
      key: quoted(say, keys.tokens[pair.key]?.label ?? ""),
    };
    if (!heads) return { words: say(PAIR.pending, words), place: "", on: null };
    const at = placeIn(pair);
    const shown = heads[Math.max(0, at)];
    if (!shown) {
      return { words: say(complete ? PAIR.none : PAIR.noneKnown, words), place: "", on: null };
    }
    const text = at > 0 ? PAIR.other : complete ? PAIR.most : PAIR.mostKnown;
    const place = (at + 1) % heads.length;
    const next = heads[place];
    const isThere = at >= 0;
    return {
      words: say(text, {
        ...words,
        layer: shown.layer,
        head: shown.head,
        weight: state.numbers.weight(shown.weight),
      }),
      place: isThere ? say(PAIR.place, { at: at + 1, of: heads.length }) : "",
      on:
        next && (!isThere || heads.length > 1)
          ? {
              words: say(isThere ? PAIR.next : PAIR.show),
              title: say(isThere ? PAIR.nextTitle : PAIR.showTitle),
              go: () => {
                reached.value = { name, place };
                chooseHead(state, next, false);
              },
            }
          : null,
    };
  });
}
