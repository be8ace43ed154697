/** Why a head attends there: the score of a query and a key, split on both sides. */

import { h, showWords } from "../../browser/dom";
import { quoted } from "../../language/quoted";
import { type AppState, watch } from "../../state/app_state";
import type { Explained, Others, Term } from "../../trace/explained";
import { drawBar, type Reach, reachOf, signedBar } from "./bars";
import type { AttributionData } from "./data";
import { SCORE } from "./texts";
import { hasKinds, othersName, scoreSentences, shortName, signed, termName } from "./words";

/** One of a list: what it is called, and how much it adds. */
export interface Part {
  name: string;
  value: number;
  /** All that are not named: a number without a bar. */
  isRest: boolean;
}

export interface PartList {
  title: string;
  parts: readonly Part[];
  reach: Reach;
}

export interface ScoreWords {
  title: string;
  /** What sums to what; else what to select. */
  words: string;
  lists: readonly PartList[];
}

/** What is shown of the score. */
export function scoreWords(state: AppState, { score }: AttributionData): ScoreWords {
  const { say } = state;
  const { answer, question } = score.value;
  if (!answer || !question) {
    return { title: say(SCORE.whyThere), words: score.value.error ?? say(SCORE.select), lists: [] };
  }
  const { queryText, keyText } = state.sides.value;
  const query = quoted(say, queryText.tokens[question.query]?.label ?? "");
  const key = quoted(say, keyText.tokens[question.key]?.label ?? "");
  return {
    title: say(SCORE.why, { head: shortName(question), query, key }),
    words: scoreSentences(state, answer),
    lists: listsOf(state, answer, query, key),
  };
}

function listsOf(state: AppState, answer: Explained, query: string, key: string): PartList[] {
  const { say } = state;
  const { query_side, key_side, pairs } = answer;
  const several = hasKinds([...query_side.terms, ...key_side.terms]);
  const name = (term: Term) => termName(say, term, several);
  const part = (term: Term): Part => ({
    name: name(term),
    value: Number(term.value),
    isRest: false,
  });
  const rest = (others: Others): Part[] =>
    others.count
      ? [{ name: othersName(say, others), value: Number(others.value), isRest: true }]
      : [];
  const sides = [query_side, key_side].map(({ terms, others }) => [
    ...terms.map(part),
    ...rest(others),
  ]);
  const ofPairs = [
    ...pairs.pairs.map((pair) => ({
      name: say(SCORE.pair, { query: name(pair.query), key: name(pair.key) }),
      value: Number(pair.query.value),
      isRest: false,
    })),
    ...rest(pairs.others),
  ];
  const reachOfParts = (parts: readonly Part[]) =>
    reachOf(parts.flatMap(({ value, isRest }) => (isRest ? [] : value)));
  const reach = reachOfParts(sides.flat()); // both sides compare
  const [ofQuery = [], ofKey = []] = sides;
  return [
    { title: say(SCORE.querySide, { token: query }), parts: ofQuery, reach },
    { title: say(SCORE.keySide, { token: key }), parts: ofKey, reach },
    {
      title: say(SCORE.pairs),
      parts: ofPairs,
      reach: reachOfParts(ofPairs),
    },
  ];
}

export function scoreSection(
  state: AppState,
  data: AttributionData,
  abort: AbortSignal,
): HTMLElement {
  const title = h("h4", { class: "aw-part-title" });
  const lists = h("div", { class: "aw-part-lists" });
  const words = h("p", { class: "aw-part-words" });
  const element = h("section", { class: "aw-score" }, title, lists, words);
  watch(abort, () => {
    const { error, isCalm, pending } = data.score.value;
    const said = scoreWords(state, data);
    title.textContent = said.title;
    lists.replaceChildren(...said.lists.map((list) => partList(state, list)));
    lists.hidden = !said.lists.length;
    lists.toggleAttribute("data-pending", pending);
    showWords(words, pending && !said.lists.length ? "…" : said.words);
    words.classList.toggle("aw-error", error !== null && !isCalm);
  });
  return element;
}

function partList(state: AppState, { title, parts, reach }: PartList): HTMLElement {
  const rows = parts.map(({ name, value, isRest }) => {
    const bar = signedBar();
    drawBar(bar, isRest ? null : value, reach, state.dark.value);
    return h(
      "li",
      { class: isRest ? "aw-rest" : "" },
      h("span", { class: "aw-part-name", title: name }, name),
      bar,
      h("span", { class: "aw-part-value" }, signed(state.numbers, value)),
    );
  });
  return h("div", { class: "aw-part-list" }, h("h5", {}, title), h("ul", {}, ...rows));
}
