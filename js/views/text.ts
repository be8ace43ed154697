/** The text as running text, each word or token coloured by a score. */

import { batch, computed } from "@preact/signals-core";
import type { MeasureName } from "../contract";
import { h, select } from "../dom";
import { extent } from "../measures";
import { panel } from "../panel";
import { type Mark, type Passage, passage } from "../passage";
import { formatExact, formatNumber, formatWeight, HEAT_CLASSES } from "../scales";
import { isAttention, textScores } from "../scores";
import type { TensorSource } from "../source";
import { type AppState, watch } from "../state";
import { storyOf, windowTitle } from "../story";
import { tooltip } from "../tooltip";
import { type Unit, unitOfToken, unitsOf } from "../units";

const MEASURE_TITLES = [
  ["norm", "L2 norm"],
  ["previous_cosine", "cosine to the one before"],
  ["pinned_cosine", "cosine to the pinned"],
  ["attention_from", "attention from the selected token"],
  ["attention_received", "attention received"],
] as const satisfies readonly (readonly [MeasureName, string])[];

const OF_VECTORS = MEASURE_TITLES.flatMap(([name]) => (isAttention(name) ? [] : [name]));

export function textView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const frame = panel(
    element,
    "text",
    "Text",
    "The text, coloured by a score. Click a word to pin it: every other word is then coloured by " +
      "its cosine to it; click it again to let go. Vectors are the token embeddings or the output " +
      "of the selected layer; a word of several tokens counts with the mean of its vectors, with " +
      "the sum of the attention its tokens receive and the mean of what they give. Words that the " +
      "model wrote itself have a dotted line below.",
  );
  const measure = select("Colour", MEASURE_TITLES, abort, (value) => {
    state.measure.value = value;
  });
  const space = select(
    "Vectors",
    [
      ["embeddings", "token embeddings"],
      ["hidden_states", "layer output"],
    ],
    abort,
    (value) => {
      state.space.value = value;
    },
  );
  const words = select(
    "Units",
    [
      ["words", "words"],
      ["tokens", "tokens"],
    ],
    abort,
    (value) => {
      state.words.value = value === "words";
    },
  );
  frame.controls.append(measure.element, space.element, words.element);

  const low = h("span", { class: "aw-legend-low" });
  const high = h("span", { class: "aw-legend-high" });
  const ramp = h(
    "span",
    { class: "aw-ramp aw-ramp-heat", "aria-hidden": "true" },
    ...Array.from({ length: HEAT_CLASSES }, (_, step) => h("i", { class: `aw-heat-${step}` })),
  );
  frame.legend.append(low, ramp, high);

  /** The text that the queries are of; and that of the keys, where it is another. */
  const queries = passage("query");
  const keys = passage("key");
  const text = h(
    "div",
    {
      class: "aw-text",
      tabindex: 0,
      role: "group",
      "aria-label": "Text; arrow keys move from word to word, Enter pins a word",
    },
    keys.element,
    queries.element,
  );
  frame.body.append(text);
  const tip = tooltip(element);

  // ---- scores --------------------------------------------------------------------------------

  const otherTokens = computed(() => {
    const { same, keyText } = state.sides.value;
    return same ? null : keyText.tokens;
  });
  const keyUnits = computed(() => {
    const { value: tokens } = otherTokens;
    return tokens ? unitsOf(tokens, state.words.value) : state.units.value;
  });
  const unitOfKey = computed(() => unitOfToken(keyUnits.value));
  const { scores, sink, pinnedUnit, lacking, status } = textScores(state, keyUnits, source, abort);

  /** Attention is that which the keys get, everything else is of the text of the queries. */
  const colours = (side: Passage): boolean =>
    state.sides.value.same || (side === keys) === isAttention(state.measure.value);
  const colouredUnits = () => (colours(queries) ? state.units.value : keyUnits.value);

  /** Of the text alone: special tokens would stretch it. */
  const range = computed(() =>
    extent((scores.value ?? []).filter((_, unit) => !colouredUnits()[unit]?.special)),
  );

  function colour(): void {
    const limits = range.value;
    for (const side of [queries, keys]) {
      const isColoured = colours(side);
      side.colour(isColoured ? scores.value : null, isColoured ? limits : null);
    }
    low.textContent = limits ? formatNumber(limits[0]) : "";
    high.textContent = limits ? formatNumber(limits[1]) : "";
    ramp.hidden = !limits;
  }

  // ---- nodes ---------------------------------------------------------------------------------

  function build(): void {
    const { same, queryText, keyText } = state.sides.value;
    const { roles, image, target } = state.meta.value;
    queries.build(queryText, state.units.value, roles, image);
    keys.element.hidden = same;
    if (!same) keys.build(keyText, keyUnits.value, roles, image);
    else keys.build({ ...keyText, tokens: [] }, [], [], null);
    const by = target?.generated ? ", generated by the model" : "";
    queries.title(target ? (queryText.stack === "decoder" ? `decoder${by}` : "encoder") : "");
    keys.title(same ? "" : "encoder");
  }

  /** A unit that the mouse is over, though no other view shows it: it lies in another window. */
  let elsewhere: number | null = null;

  function mark(): void {
    const { same, queries: rows, keys: keyRows } = state.sides.value;
    const { value: over } = state.hovered;
    const unitOf = (token: number | null | undefined, units: number[]) =>
      typeof token === "number" ? (units[token] ?? null) : null;
    const isQuery = over && (same || over.as === "query");
    const hovered = isQuery ? unitOf(rows.toText[over.token], state.unitOfToken.value) : elsewhere;
    const marks: [Mark, number | null][] = [
      ["aw-hovered", hovered],
      ["aw-selected", unitOf(state.token.value, state.unitOfToken.value)],
      ["aw-pinned", pinnedUnit.value],
    ];
    queries.mark(marks);
    const isKey = over && !same && over.as === "key";
    const hoveredKey = isKey ? unitOf(keyRows.toText[over.token], unitOfKey.value) : null;
    keys.mark([["aw-hovered", hoveredKey]]);
  }

  /**
   * Scrolls the text alone; `scrollIntoView` would scroll the notebook too. Blocks of a long text
   * get their true height when they come into sight, so it looks again.
   */
  function reveal(token: number | null, looks = 8): void {
    if (token !== state.token.peek() || abort.aborted) return;
    const unit = token === null ? undefined : state.unitOfToken.peek()[token];
    const node = unit === undefined ? undefined : queries.nodeOf(unit);
    if (!node) return;
    const [seen, box] = [text.getBoundingClientRect(), node.getBoundingClientRect()];
    if (box.top < seen.top) text.scrollTop -= seen.top - box.top + 8;
    else if (box.bottom > seen.bottom) text.scrollTop += box.bottom - seen.bottom + 8;
    else return;
    if (looks > 1) requestAnimationFrame(() => reveal(token, looks - 1));
  }

  function describe(): string {
    const { queryText, queries: rows, same, window } = state.sides.value;
    const nameOf = (unit: Unit | undefined) =>
      unit ? `“${unit.text || queryText.tokens[unit.tokens[0] ?? 0]?.label}”` : "";
    const layer = state.layer.value;
    const whose = same ? "" : " of the decoder";
    const from =
      state.space.value === "embeddings"
        ? `token embeddings${whose}`
        : `the output of layer ${layer}${whose}`;
    const heads = state.activeHeads.value;
    const by = heads.length === 1 ? `head ${heads[0]}` : `mean of ${heads.length} heads`;
    const special = colouredUnits().some((unit) => unit.special);
    const place = special ? "; special tokens are not coloured" : "";
    const within = window === null ? "" : `, within ${windowTitle(state.meta.value, window)}`;
    switch (state.measure.value) {
      case "norm":
        return `L2 norm in ${from}${place}. Click a ${unitName()} to pin it.`;
      case "previous_cosine":
        return `Cosine to the ${unitName()} before, in ${from}; the first has none${place}.`;
      case "pinned_cosine": {
        const pinned = pinnedUnit.value;
        return pinned === null
          ? `Click a ${unitName()} to pin it as the cosine target.`
          : `Cosine to ${nameOf(state.units.value[pinned])} in ${from}${place}. Click it again to let go.`;
      }
      case "attention_from": {
        const row = state.query.value;
        if (row === null) return "Select a token in any view to see what it attends to.";
        const token = rows.toText[row];
        const unit =
          typeof token === "number"
            ? nameOf(state.units.value[state.unitOfToken.value[token] ?? -1])
            : `“${rows.tokens[row]?.label}”`;
        const rest = sink.value === null ? "" : `; sink ${formatWeight(sink.value)}`;
        return `Attention from ${unit}, layer ${layer}, ${by}${rest}${lost()}${within}${place}.`;
      }
      case "attention_received":
        return `Attention received, mean over all query tokens, layer ${layer}, ${by}${lost()}${within}${place}.`;
    }
  }

  const unitName = () => (state.meta.value.image ? "patch" : state.words.value ? "word" : "token");

  /** Attention that is NaN has no colour; it is counted. */
  function lost(): string {
    const { toRow } = state.sides.value.keys;
    const units = keyUnits.value;
    const count = (scores.value ?? []).filter(
      (score, unit) => Number.isNaN(score) && units[unit]?.tokens.some((token) => toRow.has(token)),
    ).length;
    return count && state.activeHeads.value.length
      ? `; NaN at ${count} ${unitName()}${count === 1 ? "" : state.meta.value.image ? "es" : "s"}`
      : "";
  }

  // ---- what a person does --------------------------------------------------------------------

  /** What to show again once nothing is pinned. */
  let before: MeasureName = "norm";

  function pin(unit: number): void {
    const first = state.units.value[unit]?.tokens[0];
    if (first === undefined) return;
    batch(() => {
      if (pinnedUnit.value === unit) {
        state.pinned.value = null;
        if (state.unitOfToken.value[state.token.value ?? -1] === unit) state.token.value = null;
        if (state.measure.value === "pinned_cosine") state.measure.value = before;
        return;
      }
      state.pinned.value = first;
      state.token.value = first;
      if (isAttention(state.measure.value)) return;
      if (lacking.value) {
        state.measure.value = "attention_from";
        return;
      }
      if (state.measure.value === "pinned_cosine") return;
      before = state.measure.value;
      state.measure.value = "pinned_cosine";
    });
  }

  /** Where attention from a selected token is shown, the mouse asks how much a word gets. */
  const role = () =>
    state.sides.value.same && state.measure.value === "attention_from" && state.token.value !== null
      ? "key"
      : "query";

  interface Place {
    side: Passage;
    unit: Unit;
    index: number;
  }

  function placeOf(event: Event): Place | null {
    const node = (event.target as Element).closest<HTMLElement>("[data-unit]");
    if (!node) return null;
    const side = keys.element.contains(node) ? keys : queries;
    const index = Number(node.dataset.unit);
    const unit = (side === keys ? keyUnits.value : state.units.value)[index];
    return unit ? { side, unit, index } : null;
  }

  function point({ side, unit, index }: Place, event: MouseEvent): void {
    const [first = 0] = unit.tokens;
    const last = unit.tokens[unit.tokens.length - 1] ?? first;
    const { keyText, queryText, keys: rows } = state.sides.value;
    const { tokens } = side === keys ? keyText : queryText;
    const score = colours(side) ? scores.value?.[index] : undefined;
    const known =
      isAttention(state.measure.value) && rows.toRow.has(first) && state.activeHeads.value.length;
    const isScore = score !== undefined && (known || !Number.isNaN(score));
    const title = MEASURE_TITLES.find(([name]) => name === state.measure.value)?.[1] ?? "";
    const pieces = unit.tokens.map((token) => tokens[token]?.label ?? "");
    const story = unit.tokens.flatMap((token) => {
      const told = tokens[token];
      return told ? storyOf(told) : [];
    });
    tip.show(
      [
        pieces.join(" · "),
        first === last ? `token ${first}` : `tokens ${first}–${last}`,
        ...(isScore ? [`${title}: ${formatExact(score)}`] : []),
        ...story.slice(0, 4),
      ],
      event,
    );
  }

  function hover(place: Place | null): void {
    const sides = state.sides.value;
    const [first] = place?.unit.tokens ?? [];
    const isKey = place?.side === keys;
    const row =
      first === undefined ? undefined : (isKey ? sides.keys : sides.queries).toRow.get(first);
    const as = isKey ? "key" : role();
    elsewhere = place && !isKey && row === undefined ? place.index : null;
    const now = state.hovered.value;
    if (row === undefined) state.hovered.value = null;
    else if (now?.token !== row || now.as !== as) state.hovered.value = { token: row, as };
    if (elsewhere !== null || now === null) mark();
  }

  text.addEventListener(
    "pointermove",
    (event) => {
      const place = placeOf(event);
      hover(place);
      if (place) point(place, event);
      else tip.hide();
    },
    { signal: abort },
  );
  text.addEventListener(
    "pointerleave",
    () => {
      hover(null);
      tip.hide();
    },
    { signal: abort },
  );
  text.addEventListener(
    "click",
    (event) => {
      const place = placeOf(event);
      if (place?.side !== queries) return;
      pin(place.index);
      point(place, event);
    },
    { signal: abort },
  );
  text.addEventListener(
    "keydown",
    (event) => {
      const { value: units } = state.units;
      const now = state.unitOfToken.value[state.token.value ?? -1];
      const goTo = (unit: number) => {
        event.preventDefault();
        state.token.value = units[unit]?.tokens[0] ?? null;
      };
      if (event.key === "ArrowRight" || event.key === "ArrowDown") {
        goTo(now === undefined ? 0 : Math.min(units.length - 1, now + 1));
      } else if (event.key === "ArrowLeft" || event.key === "ArrowUp") {
        goTo(now === undefined ? units.length - 1 : Math.max(0, now - 1));
      } else if ((event.key === "Enter" || event.key === " ") && now !== undefined) {
        event.preventDefault();
        pin(now);
      } else if (event.key === "Escape") {
        batch(() => {
          if (pinnedUnit.value !== null) pin(pinnedUnit.value);
          state.token.value = null;
        });
      }
    },
    { signal: abort },
  );

  const built = computed(() => {
    const { queryText, keyText } = state.sides.value;
    return [queryText.tokens, keyText.tokens, state.units.value, state.meta.value] as const;
  });
  let last: readonly unknown[] = [];
  watch(abort, () => {
    // A window more or less changes no text.
    const now = built.value;
    if (now.some((each, index) => each !== last[index])) build();
    last = now;
  });
  watch(abort, () => {
    void built.value;
    colour();
  });
  watch(abort, () => {
    void built.value;
    mark();
  });
  watch(abort, () => {
    const token = state.token.value;
    requestAnimationFrame(() => reveal(token));
  });
  watch(abort, () => {
    frame.note(lacking.value ? "" : describe());
    frame.warn(lacking.value);
  });
  watch(abort, () => {
    const known = state.sides.value.queryText.has_hidden_states;
    measure.set(state.measure.value);
    measure.off(known ? [] : OF_VECTORS);
    space.set(state.space.value);
    words.set(state.words.value ? "words" : "tokens");
    space.element.toggleAttribute("data-off", isAttention(state.measure.value));
    space.element.hidden = !known;
  });
  watch(abort, () => frame.status(status.value.pending, status.value.error));
}
