/** The text that the queries are of; and that of the keys, where it is another. */

import { computed } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import { unitsOf } from "../../trace/units";
import { type Content, type Passage, passage, piecesOf } from "./passage";
import { isPictureAlone } from "./picture";
import { isOfVectors } from "./scores";
import { searchable } from "./search";
import { TEXT } from "./texts";

export type Passages = ReturnType<typeof passages>;

export function passages(state: AppState, abort: AbortSignal) {
  const { say } = state;
  const queries = passage("query", abort);
  const keys = passage("key", abort);
  const keyUnits = computed(() => {
    const { same, keyText } = state.sides.value;
    return same ? state.units.value : unitsOf(keyText.tokens, state.rows.value);
  });

  const contentOf = (side: Passage): Content => {
    const { queryText, keyText } = state.sides.value;
    const { roles, image } = state.meta.value;
    return {
      text: side === keys ? keyText : queryText,
      units: side === keys ? keyUnits.value : state.units.value,
      roles,
      image,
      hideSpecial: state.special_tokens.value !== "show",
      imageName: say(TEXT.image),
      foldName: (n) => say(TEXT.fold, { n }),
    };
  };
  /** Whether the scores are of it: attention is that which the keys get, all else is of the queries. */
  const isColoured = (side: Passage): boolean =>
    state.sides.value.same || (side === keys) !== isOfVectors(state.measure.value);

  let built: readonly unknown[] = [];
  /** Makes the nodes, where the text is another: a window more or less changes none. */
  function build(): void {
    const { same, queryText, keyText } = state.sides.value;
    const { image, roles, target } = state.meta.value;
    const hides = state.special_tokens.value !== "show";
    const wanted = [queryText.tokens, keyText.tokens, state.units.value, same, image, roles, hides];
    if (wanted.every((each, index) => each === built[index])) return;
    built = wanted;
    queries.build(contentOf(queries));
    keys.element.hidden = same;
    keys.build(same ? { ...contentOf(keys), units: [] } : contentOf(keys));
    const own =
      queryText.kind === "encoder"
        ? TEXT.encoder
        : target?.generated
          ? TEXT.generated
          : TEXT.decoder;
    queries.title(target ? say(own) : "");
    keys.title(same ? "" : say(TEXT.encoder));
  }

  return {
    queries,
    keys,
    keyUnits,
    /** Those that are shown, to be searched. */
    texts: computed(() => {
      const shown = state.sides.value.same ? [queries] : [keys, queries];
      return shown.map((side) => ({ side, text: searchable(piecesOf(contentOf(side))) }));
    }),
    isColoured,
    /** Whether all that is coloured are patches of an image. */
    coloursPicture: () => {
      const { queryText, keyText } = state.sides.value;
      const { tokens } = isColoured(queries) ? queryText : keyText;
      return isPictureAlone(tokens, state.meta.value.image);
    },
    colouredUnits: () => (isColoured(queries) ? state.units.value : keyUnits.value),
    build,
  };
}
