/** The state of a view that shows the model's own tokens, whatever makes a row elsewhere. */

import { computed, signal } from "@preact/signals-core";
import { PLAIN, rowIn, sidesOf } from "../trace/sides";
import type { AppState, Hover, Settable } from "./app_state";

/**
 * Rows are tokens again. Hovering a token there hovers its row elsewhere, and hovering a row
 * elsewhere hovers the first of its tokens there.
 */
export function ungrouped(state: AppState): AppState {
  const sides = computed(() =>
    sidesOf(state.meta.value, state.attention_kind.value, state.sides.value.window, PLAIN),
  );
  const last = signal<Hover | null>(null);
  const rowOf = ({ token, as }: Hover): number => {
    const { queries, keys } = state.sides.value;
    return (as === "query" ? queries : keys).groups.findIndex((group) => group.includes(token));
  };
  const hovered = computed<Hover | null>(() => {
    const over = state.hovered.value;
    if (!over) return null;
    const kept = last.value;
    if (kept && kept.as === over.as && rowOf(kept) === over.token) return kept;
    const { queries, keys } = state.sides.value;
    const first = (over.as === "query" ? queries : keys).groups[over.token]?.[0];
    return first === undefined ? null : { token: first, as: over.as };
  });
  const settable: Settable<Hover | null> = {
    get value() {
      return hovered.value;
    },
    set value(over) {
      last.value = over;
      const row = over ? rowOf(over) : -1;
      state.hovered.value = over && row >= 0 ? { token: row, as: over.as } : null;
    },
    peek: () => hovered.peek(),
  };
  const selected = computed(() => rowIn(sides.value.queries, state.token.value));
  return {
    ...state,
    sides,
    hovered: settable,
    selected,
    selectedKey: computed(() => rowIn(sides.value.keys, state.key_token.value)),
    query: computed(() => {
      const over = settable.value;
      return over?.as === "query" ? over.token : selected.value;
    }),
  };
}
