/**
 * What is shown of a comparison, as if it were alone: a side with its own tokens, or the difference
 * between the tokens of both. The selection counts the latter for all, so that it stays when another
 * is shown. Of a single pass all is as it is.
 */

import { computed, type ReadonlySignal, type Signal } from "@preact/signals-core";
import { metaOf, OTHER_SIDE, sideOf, slotsOf } from "../trace/comparison";
import type { ComparisonMeta, Meta } from "../trace/description";
import type { Edit } from "../trace/edits";
import type { Options } from "../trace/options";

type Selection = Pick<Options, "token" | "key_token" | "pinned" | "effect_position" | "edits">;
type Synced = {
  readonly [K in keyof Selection | "shown_pass" | "attention_kind"]: Signal<Options[K]>;
} & { readonly meta: ReadonlySignal<Meta> };

type Place = "queries" | "keys" | "read";

/** A signal that reads and writes another. */
function through<T>(read: () => T, write: (value: T) => void): Signal<T> {
  const found = computed(read);
  return {
    get value() {
      return found.value;
    },
    set value(value) {
      write(value);
    },
    peek: () => found.peek(),
  } as Signal<T>;
}

export function shownSide(synced: Synced, comparison: ReadonlySignal<ComparisonMeta | null>) {
  const side = computed(() => sideOf(comparison.value, synced.shown_pass.value));

  /** A token of both in the side that is shown; null where it has none. */
  function toSide(token: number | null, of: Place): number | null {
    const [{ value: found }, { value: shown }] = [comparison, side];
    if (!found || shown === null || token === null) return token;
    return slotsOf(found, of, synced.attention_kind.value)[token]?.[shown] ?? null;
  }

  function fromSide(token: number | null, of: Place): number | null {
    const [found, shown] = [comparison.peek(), side.peek()];
    if (!found || shown === null || token === null) return token;
    const slots = slotsOf(found, of, synced.attention_kind.peek());
    const place = slots.findIndex((slot) => slot[shown] === token);
    return place < 0 ? null : place;
  }

  const one = (name: "token" | "key_token" | "effect_position", of: Place) =>
    through(
      () => toSide(synced[name].value, of),
      (token) => {
        synced[name].value = fromSide(token, of);
      },
    );

  return {
    meta: computed(() => metaOf(synced.meta.value, synced.shown_pass.value)),
    token: one("token", "queries"),
    key_token: one("key_token", "keys"),
    effect_position: one("effect_position", "read"),
    pinned: through<number[]>(
      () => {
        const { value: pinned } = synced.pinned;
        if (side.value === null) return pinned;
        return pinned.flatMap((token) => toSide(token, "queries") ?? []);
      },
      (tokens) => {
        synced.pinned.value = tokens.flatMap((token) => fromSide(token, "queries") ?? []);
      },
    ),
    edits: through<Edit[]>(
      () => {
        if (!comparison.value) return synced.edits.value;
        return side.value === null ? OTHER_SIDE : [];
      },
      (edits) => {
        if (!comparison.peek()) synced.edits.value = edits;
      },
    ),
  };
}
