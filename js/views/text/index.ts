/** The text as running text, each word or token coloured by a score. */

import { h, onceAFrame, onResize } from "../../browser/dom";
import { drawLegend } from "../../draw/legend";
import { ARROWS, ENDS } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { watch } from "../../state/app_state";
import { textColours } from "./colours";
import { textControls } from "./controls";
import { textFigure } from "./figure";
import { textInteraction } from "./interaction";
import { legendOf } from "./legend";
import { type SideMatch, textMarks } from "./marks";
import { passages } from "./passages";
import { pinBar } from "./pin_bar";
import { pinning } from "./pinning";
import { textScores } from "./scores";
import { matchesOf } from "./search";
import { searchBox } from "./search_box";
import { NOTE, TEXT, TEXT_KEYS } from "./texts";
import { describe, hintOf, nameOf, subjectOf, unitName } from "./words";

export const text: View = {
  texts: TEXT,
  needs: { tensors: ["hidden_states"], called: TEXT.needs },
  isWide: () => true,
  shortcuts: {
    where: TEXT_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: TEXT_KEYS.otherUnit },
      { keys: ENDS, does: TEXT_KEYS.endUnit },
      { keys: ["Enter", " "], does: TEXT_KEYS.pin },
      { hold: "Shift", keys: ["Enter"], does: TEXT_KEYS.pinMore },
      { keys: ["Escape"], does: TEXT_KEYS.unpin },
    ],
  },
  mount,
};

function mount({ element, state, source, abort, tell, ...frame }: Pane): Savable {
  const { say } = state;
  const shown = passages(state, abort);
  const { queries, keys, keyUnits, colouredUnits, isColoured } = shown;
  const scroller = h(
    "div",
    { class: "aw-text", tabindex: 0, role: "group", "aria-label": say(TEXT.region) },
    keys.element,
    queries.element,
  );
  const scores = textScores(state, keyUnits, source, abort);
  const colours = textColours(state, scores, colouredUnits);
  const legend = () => legendOf(colours.scale(), element, state.dark.value);
  /** Once the theme's colours hold. */
  const relegend = onceAFrame(scroller, abort, () => drawLegend(frame.legend, legend()));

  const pins = pinning(state, scores);
  const interaction = textInteraction(
    element,
    scroller,
    { queries, keys, keyUnits, coloured: isColoured },
    state,
    scores,
    pins,
    abort,
  );
  const bar = pinBar(state, abort, pins.toggle, () => scroller.focus());
  const search = searchBox<SideMatch>(
    state,
    abort,
    (query) =>
      shown.texts.value.flatMap(({ side, text }) =>
        matchesOf(text, query).map((match) => ({ ...match, side })),
      ),
    ({ side, first }) => interaction.reveal(side.nodeOf(first)),
  );
  frame.controls.append(...textControls(state, scores, abort));
  frame.body.append(h("div", { class: "aw-text-tools" }, search.element, bar.element), scroller);

  watch(abort, () => {
    shown.build();
    const now = colours.value;
    for (const side of [queries, keys]) side.colour(isColoured(side) ? now : null, scroller);
    colours.apply(element);
    drawLegend(frame.legend, legend());
    relegend();
  });
  textMarks(shown, state, scores.pins, interaction.elsewhere, search, abort);
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
  tell(() => {
    const { value: isLacking } = scores.lacking;
    const { pending, error } = scores.status.value;
    const isWaiting = pending && scores.scores.value === null;
    return {
      note: isLacking ? "" : isWaiting ? null : describe(state, scores, colouredUnits()),
      where: "", // the whole text
      warn: isLacking ? say(NOTE.lacking) : "",
      pending,
      error,
    };
  });

  let toBeSeen: number | null = null;
  const reveal = onceAFrame(scroller, abort, () => {
    if (toBeSeen !== null) {
      interaction.reveal(queries.nodeOf(state.unitOfToken.peek()[toBeSeen] ?? -1));
    }
    toBeSeen = null;
  });
  watch(abort, () => {
    toBeSeen = state.token.value;
    reveal();
  });
  let width = 0;
  onResize(scroller, abort, () => {
    if (toBeSeen !== null) reveal(); // it was hidden
    if (scroller.clientWidth === width) return;
    width = scroller.clientWidth;
    for (const side of [queries, keys]) side.cut();
  });

  return { figure: () => textFigure(scroller, legend()), subject: () => subjectOf(state) };
}
