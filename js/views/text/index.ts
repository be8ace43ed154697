/** The text as running text, each word or token coloured by a score. */

import { computed } from "@preact/signals-core";
import { h, onceAFrame, onResize } from "../../browser/dom";
import { drawLegend } from "../../draw/legend";
import { panel } from "../../panel/panel";
import { PANEL } from "../../panel/texts/panel";
import { type AppState, watch } from "../../state/app_state";
import type { TensorSource } from "../../tensors/source";
import { unitOfToken, unitsOf } from "../../trace/units";
import { textColours } from "./colours";
import { textControls } from "./controls";
import { textFigure } from "./figure";
import { textInteraction } from "./interaction";
import { legendOf } from "./legend";
import { type Content, type Passage, passage, piecesOf } from "./passage";
import { pinBar } from "./pin_bar";
import { pinning } from "./pinning";
import { isAttention, textScores } from "./scores";
import { type Match, matchesOf, searchable, unitsOfMatch } from "./search";
import { searchBox } from "./search_box";
import { NOTE, TEXT } from "./texts";
import { describe, hintOf, nameOf, subjectOf, unitName } from "./words";

export function textView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(
    element,
    "text",
    TEXT,
    state,
    abort,
    () => textFigure(text, legend()),
    () => subjectOf(state),
  );
  /** The text that the queries are of; and that of the keys, where it is another. */
  const queries = passage("query", abort);
  const keys = passage("key", abort);
  const text = h(
    "div",
    { class: "aw-text", tabindex: 0, role: "group", "aria-label": say(TEXT.region) },
    keys.element,
    queries.element,
  );

  // ---- what is shown -------------------------------------------------------------------------

  const keyUnits = computed(() => {
    const { same, keyText } = state.sides.value;
    return same ? state.units.value : unitsOf(keyText.tokens, state.words.value);
  });
  const unitOfKey = computed(() => unitOfToken(keyUnits.value));
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
    };
  };
  const shownSides = () => (state.sides.value.same ? [queries] : [keys, queries]);

  const scores = textScores(state, keyUnits, source, abort);
  /** Attention is that which the keys get, everything else is of the text of the queries. */
  const coloured = (side: Passage): boolean =>
    state.sides.value.same || (side === keys) === isAttention(state.measure.value);
  const colouredUnits = () => (coloured(queries) ? state.units.value : keyUnits.value);
  const colours = textColours(state, scores, colouredUnits);

  let built: readonly unknown[] = [];
  /** A window more or less changes no text. */
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
      queryText.stack === "encoder"
        ? TEXT.encoder
        : target?.generated
          ? TEXT.generated
          : TEXT.decoder;
    queries.title(target ? say(own) : "");
    keys.title(same ? "" : say(TEXT.encoder));
  }

  // ---- what a person does --------------------------------------------------------------------

  const pins = pinning(state, scores);
  const interaction = textInteraction(
    element,
    text,
    { queries, keys, keyUnits, coloured },
    state,
    scores,
    pins,
    abort,
  );
  const bar = pinBar(state, abort, pins.toggle, () => text.focus());
  const texts = computed(() =>
    shownSides().map((side) => ({ side, text: searchable(piecesOf(contentOf(side))) })),
  );
  interface Found extends Match {
    side: Passage;
  }
  const search = searchBox<Found>(
    state,
    abort,
    (query) =>
      texts.value.flatMap(({ side, text }) =>
        matchesOf(text, query).map((match) => ({ ...match, side })),
      ),
    ({ side, first }) => interaction.reveal(side.nodeOf(first)),
  );
  frame.controls.append(...textControls(state, scores, abort));
  frame.body.append(h("div", { class: "aw-text-tools" }, search.element, bar.element), text);

  const legend = () => legendOf(colours.scale(), element, state.dark.value);
  /** Once the theme's colours hold. */
  const relegend = onceAFrame(text, abort, () => drawLegend(frame.legend, legend()));

  // ---- effects -------------------------------------------------------------------------------

  watch(abort, () => {
    build();
    const shown = colours.value;
    for (const side of [queries, keys]) side.colour(coloured(side) ? shown : null, text);
    colours.apply(element);
    relegend();
    drawLegend(frame.legend, legend());
  });
  const unitsAt = (tokens: readonly (number | null)[], of: readonly number[]) =>
    tokens.flatMap((token) => (token === null ? [] : (of[token] ?? [])));
  watch(abort, () => {
    build();
    const { same } = state.sides.value;
    queries.mark("aw-selected", unitsAt([state.token.value], state.unitOfToken.value));
    queries.mark("aw-pinned", scores.pins.value);
    const key = unitsAt([state.key_token.value], unitOfKey.value);
    queries.mark("aw-selected-key", same ? key : []);
    keys.mark("aw-selected-key", same ? [] : key);
  });
  watch(abort, () => {
    build();
    const { same, queries: rows, keys: keyRows } = state.sides.value;
    const { value: over } = state.hovered;
    const isKey = over !== null && !same && over.as === "key";
    const token = over && (isKey ? keyRows : rows).toText[over.token];
    const hovered = unitsAt([token ?? null], isKey ? unitOfKey.value : state.unitOfToken.value);
    const elsewhere = interaction.elsewhere.value;
    queries.mark("aw-hovered", elsewhere !== null ? [elsewhere] : isKey ? [] : hovered);
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
  watch(abort, () => {
    const isPicture = unitName(state) === "patch";
    const said = state.units.value.some(({ special, text }) => !special && text.trim());
    search.element.hidden = isPicture && !said; // a picture alone has nothing to be found
  });
  watch(abort, () => {
    const units = state.units.value;
    const named = scores.pins.value.map((unit) => ({ unit, name: nameOf(state, units[unit]) }));
    bar.set(named, scores.nearest.value !== null, hintOf(state, scores));
  });
  let isToBeSeen = false;
  const revealSelected = onceAFrame(text, abort, () => {
    isToBeSeen = false;
    const token = state.token.peek();
    if (token !== null) interaction.reveal(queries.nodeOf(state.unitOfToken.peek()[token] ?? -1));
  });
  watch(abort, () => {
    void state.token.value;
    isToBeSeen = true;
    revealSelected();
  });
  watch(abort, () => {
    const { value: lacking } = scores.lacking;
    const isWaiting = scores.status.value.pending && scores.scores.value === null;
    const said = () => (isWaiting ? say(PANEL.waiting) : describe(state, scores, colouredUnits()));
    frame.note(lacking ? "" : said());
    frame.warn(lacking ? say(NOTE.lacking) : "");
  });
  let width = 0;
  onResize(text, abort, () => {
    if (isToBeSeen) revealSelected(); // it was hidden
    if (text.clientWidth === width) return;
    width = text.clientWidth;
    for (const side of [queries, keys]) side.cut();
  });
  watch(abort, () => frame.status(scores.status.value.pending, scores.status.value.error));
}
