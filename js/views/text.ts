/** The text as running text, each word or token coloured by a score. */

import { batch, computed } from "@preact/signals-core";
import { attentionRow } from "../attention";
import type { MeasureName } from "../contract";
import { h, select } from "../dom";
import { cosinesTo, extent, norms, perUnit, previousCosines, unitVectors } from "../measures";
import { panel } from "../panel";
import { type Resource, resource } from "../resource";
import { formatExact, formatNumber, HEAT_CLASSES, heatClass } from "../scales";
import type { TensorSource } from "../source";
import { type AppState, watch } from "../state";
import { at, shapeAt } from "../tensor";
import { tooltip } from "../tooltip";

const MEASURE_TITLES = [
  ["norm", "L2 norm"],
  ["previous_cosine", "cosine to the one before"],
  ["pinned_cosine", "cosine to the pinned"],
  ["attention_from", "attention from the selected token"],
  ["attention_received", "attention received"],
] as const satisfies readonly (readonly [MeasureName, string])[];

/** Units in one block of a long text. */
const BLOCK_UNITS = 400;

const isAttention = (measure: MeasureName) => measure.startsWith("attention");

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
      "the sum of the attention its tokens receive and the mean of what they give.",
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

  const text = h("div", {
    class: "aw-text",
    dir: "auto",
    tabindex: 0,
    role: "group",
    "aria-label": "Text; arrow keys move from word to word, Enter pins a word",
  });
  frame.body.append(text);
  const tip = tooltip(element);

  // ---- scores --------------------------------------------------------------------------------

  const hiddenIndex = () => (state.space.value === "embeddings" ? 0 : state.layer.value + 1);
  const hidden = resource(state, source, abort, () => `hidden_states/${hiddenIndex()}`);
  const received = resource(state, source, abort, () =>
    state.measure.value === "attention_received" ? `attention_received/${state.layer.value}` : null,
  );
  const given = attentionRow(state, source, abort, queryTokens);

  function queryTokens(): number[] {
    const { value: query } = state.query;
    if (state.measure.value !== "attention_from" || query === null) return [];
    const unit = state.units.value[state.unitOfToken.value[query] ?? -1];
    return unit?.tokens ?? [query];
  }

  const vectors = computed(() => {
    const { tensor, key } = hidden.value;
    if (!tensor || key !== `hidden_states/${hiddenIndex()}`) return null;
    if (shapeAt(tensor, 0) !== state.meta.value.tokens.length) return null;
    return unitVectors(tensor, state.units.value);
  });

  const pinnedUnit = computed(() => {
    const { value: pinned } = state.pinned;
    return pinned === null ? null : (state.unitOfToken.value[pinned] ?? null);
  });

  const scores = computed<number[] | null>(() => {
    const units = state.units.value;
    const chosen = state.activeHeads.value;
    switch (state.measure.value) {
      case "norm":
        return vectors.value && norms(vectors.value);
      case "previous_cosine":
        return vectors.value && previousCosines(vectors.value, units);
      case "pinned_cosine":
        if (pinnedUnit.value === null) return null;
        return vectors.value && cosinesTo(vectors.value, pinnedUnit.value);
      case "attention_from": {
        const { heads } = given.value;
        return (
          heads &&
          perUnit(
            chosen.map((head) => heads[head] ?? []),
            units,
          )
        );
      }
      case "attention_received": {
        const { tensor, key } = received.value;
        if (!tensor || key !== `attention_received/${state.layer.value}`) return null;
        return perUnit(
          chosen.map((head) => at(tensor, head)),
          units,
        );
      }
    }
  });

  /** Of the text alone: special tokens would stretch it. */
  const range = computed(() =>
    extent((scores.value ?? []).filter((_, unit) => !state.units.value[unit]?.special)),
  );

  // ---- nodes ---------------------------------------------------------------------------------

  let nodes: HTMLElement[] = [];

  function build(): void {
    const units = state.units.value;
    nodes = units.map((unit, index) => {
      const node = h("span", { class: "aw-unit", "data-unit": index }, unit.text);
      if (unit.special) node.classList.add("aw-special");
      if (!unit.text) node.classList.add("aw-empty");
      return node;
    });
    const parts: (Node | string)[] = [];
    const blocks: HTMLElement[] = [];
    units.forEach((unit, index) => {
      const node = nodes[index];
      if (!node) return;
      parts.push(unit.lead, node, unit.trail);
      // Long texts are laid out block by block, and only what is in sight.
      const ends = /\n/.test(unit.trail) || /\n/.test(units[index + 1]?.lead ?? "");
      if (units.length > BLOCK_UNITS && ends && parts.length > 3 * BLOCK_UNITS) {
        blocks.push(h("div", { class: "aw-block" }, ...parts.splice(0)));
      }
    });
    text.replaceChildren(...blocks, ...parts);
  }

  function colour(): void {
    const limits = range.value;
    nodes.forEach((node, unit) => {
      const score = scores.value?.[unit] ?? Number.NaN;
      const special = state.units.value[unit]?.special ?? false;
      const heat = limits && !special ? heatClass(score, limits) : null;
      if (node.dataset.heat !== (heat ?? "")) {
        node.classList.remove(node.dataset.heat || "aw-no-heat");
        node.dataset.heat = heat ?? "";
        if (heat) node.classList.add(heat);
      }
      if (special) node.dataset.score = Number.isNaN(score) ? "" : formatNumber(score);
    });
    low.textContent = limits ? formatNumber(limits[0]) : "";
    high.textContent = limits ? formatNumber(limits[1]) : "";
    ramp.hidden = !limits;
  }

  let marked: HTMLElement[] = [];

  function mark(): void {
    for (const node of marked) node.classList.remove("aw-hovered", "aw-selected", "aw-pinned");
    const place = state.unitOfToken.value;
    const wanted = [
      ["aw-hovered", state.hovered.value?.token ?? null],
      ["aw-selected", state.token.value],
      ["aw-pinned", state.pinned.value],
    ] as const;
    marked = wanted.flatMap(([name, token]) => {
      const node = token === null ? undefined : nodes[place[token] ?? -1];
      node?.classList.add(name);
      return node ?? [];
    });
  }

  /** Scrolls the text alone; `scrollIntoView` would scroll the notebook too. */
  function reveal(token: number | null): void {
    const node = token === null ? undefined : nodes[state.unitOfToken.peek()[token] ?? -1];
    if (!node) return;
    const [seen, box] = [text.getBoundingClientRect(), node.getBoundingClientRect()];
    if (box.top < seen.top) text.scrollTop -= seen.top - box.top + 8;
    else if (box.bottom > seen.bottom) text.scrollTop += box.bottom - seen.bottom + 8;
  }

  function describe(): string {
    const units = state.units.value;
    const labelOf = (token: number | null) => {
      const unit = token === null ? undefined : units[state.unitOfToken.value[token] ?? -1];
      return unit ? `“${unit.text || state.meta.value.tokens[unit.tokens[0] ?? 0]?.label}”` : "";
    };
    const layer = state.layer.value;
    const from =
      state.space.value === "embeddings" ? "token embeddings" : `the output of layer ${layer}`;
    const heads = state.activeHeads.value;
    const by = heads.length === 1 ? `head ${heads[0]}` : `mean of ${heads.length} heads`;
    const place = `${units.some((unit) => unit.special) ? "; special tokens are not coloured" : ""}`;
    switch (state.measure.value) {
      case "norm":
        return `L2 norm in ${from}${place}. Click a word to pin it.`;
      case "previous_cosine":
        return `Cosine to the ${unitName()} before, in ${from}; the first has none${place}.`;
      case "pinned_cosine":
        return pinnedUnit.value === null
          ? "Click a word to pin it as the cosine target."
          : `Cosine to ${labelOf(state.pinned.value)} in ${from}${place}. Click it again to let go.`;
      case "attention_from":
        return state.query.value === null
          ? "Select a token in any view to see what it attends to."
          : `Attention from ${labelOf(state.query.value)}, layer ${layer}, ${by}${place}.`;
      case "attention_received":
        return `Attention received, mean over all query tokens, layer ${layer}, ${by}${place}.`;
    }
  }

  const unitName = () => (state.words.value ? "word" : "token");

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
      if (isAttention(state.measure.value) || state.measure.value === "pinned_cosine") return;
      before = state.measure.value;
      state.measure.value = "pinned_cosine";
    });
  }

  /** Where attention from a selected token is shown, the mouse asks how much a word gets. */
  const role = () =>
    state.measure.value === "attention_from" && state.token.value !== null ? "key" : "query";

  const unitAt = (event: Event): number | null => {
    const node = (event.target as Element).closest<HTMLElement>("[data-unit]");
    return node ? Number(node.dataset.unit) : null;
  };

  function point(unit: number, event: MouseEvent): void {
    const shown = state.units.value[unit];
    const score = scores.value?.[unit];
    const first = shown?.tokens[0];
    if (!shown || first === undefined) return;
    const last = shown.tokens[shown.tokens.length - 1] ?? first;
    const title = MEASURE_TITLES.find(([name]) => name === state.measure.value)?.[1] ?? "";
    const pieces = shown.tokens.map((token) => state.meta.value.tokens[token]?.label ?? "");
    tip.show(
      [
        pieces.join(" · "),
        first === last ? `token ${first}` : `tokens ${first}–${last}`,
        ...(score === undefined || Number.isNaN(score) ? [] : [`${title}: ${formatExact(score)}`]),
      ],
      event,
    );
  }

  text.addEventListener(
    "pointermove",
    (event) => {
      const unit = unitAt(event);
      const first = unit === null ? undefined : state.units.value[unit]?.tokens[0];
      if (unit === null || first === undefined) {
        state.hovered.value = null;
        tip.hide();
        return;
      }
      if (state.hovered.value?.token !== first) state.hovered.value = { token: first, as: role() };
      point(unit, event);
    },
    { signal: abort },
  );
  text.addEventListener(
    "pointerleave",
    () => {
      state.hovered.value = null;
      tip.hide();
    },
    { signal: abort },
  );
  text.addEventListener(
    "click",
    (event) => {
      const unit = unitAt(event);
      if (unit === null) return;
      pin(unit);
      point(unit, event);
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

  watch(abort, () => {
    build();
  });
  watch(abort, () => {
    void state.units.value;
    colour();
  });
  watch(abort, () => {
    void state.units.value;
    mark();
  });
  watch(abort, () => {
    const token = state.token.value;
    requestAnimationFrame(() => reveal(token));
  });
  watch(abort, () => frame.note(describe()));
  watch(abort, () => {
    measure.set(state.measure.value);
    space.set(state.space.value);
    words.set(state.words.value ? "words" : "tokens");
    space.element.toggleAttribute("data-off", isAttention(state.measure.value));
  });
  watch(abort, () => {
    const used: Pick<Resource, "pending" | "error">[] = isAttention(state.measure.value)
      ? [received.value, given.value]
      : [hidden.value];
    frame.status(
      used.some(({ pending }) => pending),
      used.find(({ error }) => error !== null)?.error ?? null,
    );
  });
}
