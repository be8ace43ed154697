/** Which units are marked: hovered, selected, pinned, and what was searched for. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { type AppState, watch } from "../../state/app_state";
import { unitOfToken } from "../../trace/units";
import type { Passages } from "./passages";
import { unitsOfMatch } from "./search";
import type { SearchBox } from "./search_box";

/** `elsewhere`: a unit that the mouse is over in another window. */
export function textMarks(
  { queries, keys, keyUnits, build }: Passages,
  state: AppState,
  pins: ReadonlySignal<readonly number[]>,
  elsewhere: ReadonlySignal<number | null>,
  search: SearchBox,
  abort: AbortSignal,
): void {
  const unitOfKey = computed(() => unitOfToken(keyUnits.value));
  const unitsAt = (token: number | null | undefined, of: readonly number[]): number[] => {
    const unit = typeof token === "number" ? of[token] : undefined;
    return unit === undefined ? [] : [unit];
  };

  watch(abort, () => {
    build();
    const { same } = state.sides.value;
    queries.mark("aw-selected", unitsAt(state.token.value, state.unitOfToken.value));
    queries.mark("aw-pinned", pins.value);
    const key = unitsAt(state.key_token.value, unitOfKey.value);
    queries.mark("aw-selected-key", same ? key : []);
    keys.mark("aw-selected-key", same ? [] : key);
  });
  watch(abort, () => {
    build();
    const { same, queries: rows, keys: keyRows } = state.sides.value;
    const { value: over } = state.hovered;
    const isKey = over !== null && !same && over.as === "key";
    const token = over && (isKey ? keyRows : rows).toText[over.token];
    const hovered = unitsAt(token, isKey ? unitOfKey.value : state.unitOfToken.value);
    const { value: other } = elsewhere;
    queries.mark("aw-hovered", other !== null ? [other] : isKey ? [] : hovered);
    keys.mark("aw-hovered", isKey ? hovered : []);
  });
  watch(abort, () => {
    build();
    const { all, now } = search.found();
    for (const side of [queries, keys]) {
      const own = all.filter((match) => match.side === side);
      side.mark("aw-found", own.flatMap(unitsOfMatch));
      const match = all[now];
      side.mark("aw-found-now", match?.side === side ? unitsOfMatch(match) : []);
    }
  });
}
