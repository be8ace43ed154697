/**
 * The one live region: what a screen reader is told of the selection and of the model. Views say
 * the same in pictures; were each of them live, one arrow key would be read out five times.
 */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { h, onAbort } from "../browser/dom";
import { weightInWords } from "../draw/change_words";
import { measureTitle, shownHeadsInWords } from "../draw/measure_words";
import { headline } from "../language/descriptions";
import { isolated } from "../language/direction";
import { COMPARISON } from "../language/texts/comparison";
import { DESCRIPTIONS } from "../language/texts/descriptions";
import { DIFFERENCE } from "../language/texts/difference";
import { HEADS, RECEIVES } from "../language/texts/heads";
import { combined, meanSink } from "../measures/attention_rows";
import { readMargins, sumOf as sumOfRow } from "../measures/margins";
import { type AppState, watch } from "../state/app_state";
import { hasNobody } from "../state/nobody";
import { attentionKey } from "../state/shown_keys";
import { attentionRow } from "../tensors/attention_row";
import { bothRows, combinedChange, sinkChange } from "../tensors/both_rows";
import { resource } from "../tensors/resource";
import type { TensorSource } from "../tensors/source";
import { at } from "../trace/tensor";
import { ANNOUNCER } from "./texts/announcer";

/** Said when the selection rests for this long, so that walking with arrows tells its end alone. */
const REST_MS = 350;

/** Keys that a query is said to attend to. */
const STRONGEST = 3;

/** What is told besides the selection, if anything is. */
export interface News {
  /** What is waited for: told instead. */
  waiting: ReadonlySignal<string>;
  /** That the kernel is gone: told first, once. */
  notice: ReadonlySignal<string>;
  /** What came of edits: told once, and alone where nothing else is new. */
  effect: ReadonlySignal<string>;
}

export function announcer(
  state: AppState,
  source: TensorSource,
  { waiting, notice, effect }: News,
  abort: AbortSignal,
): HTMLElement {
  const { say } = state;
  const element = h("p", { class: "aw-live", role: "status", "aria-live": "polite" });
  const selectedRow = () => (state.selected.value === null ? [] : [state.selected.value]);
  const row = attentionRow(
    state,
    source,
    abort,
    () => (state.isDifference.value ? [] : selectedRow()),
    false,
  );
  const both = bothRows(state, source, abort, selectedRow, () => [state.layer.value]);

  /** What the selected key receives, where it is selected alone: its sum over the queries. */
  const receivedKey = () => {
    const heads = state.activeHeads.value;
    if (state.selectedKey.value === null || state.selected.value !== null || !heads.length) {
      return null;
    }
    return fromMargins()
      ? attentionKey(state, "map_margins", { together: how(), heads })
      : attentionKey(state, "attention_received");
  };
  const isMaximum = () => state.combine.value === "maximum" && state.activeHeads.value.length > 1;
  /** Where some tokens have no partner, the queries that have one are counted there. */
  const fromMargins = () => isMaximum() || hasNobody(state);
  const received = resource(state, source, abort, receivedKey);

  /** From how many queries, and how much; null while it is on its way. */
  function sumOf(key: number): { n: number; sum: number } | null {
    const { tensor, key: of } = received.value;
    if (!tensor || of !== receivedKey()) return null;
    const { tokens } = state.sides.value.queries;
    const isPadding = (query: number) => tokens[query]?.padding ?? false;
    const n = tokens.filter(({ padding }) => !padding).length;
    if (fromMargins()) {
      const margins = readMargins(tensor.data, tokens.length, isPadding);
      const isCounted = hasNobody(state);
      return { n: isCounted ? margins.numbered : n, sum: sumOfRow(margins, tokens.length + key) };
    }
    const heads = state.activeHeads.value.map((head) => at(tensor, head)[key] ?? Number.NaN);
    return { n, sum: (n * heads.reduce((sum, mean) => sum + mean, 0)) / heads.length };
  }

  const labelOf = (side: "queries" | "keys", index: number) =>
    isolated(state.sides.value[side].tokens[index]?.label ?? "");

  function where(): string {
    const heads = shownHeadsInWords(
      state,
      state.activeHeads.value,
      isMaximum() ? "maximum" : "mean",
    );
    const where = say(HEADS.ofLayer, { layer: state.layer.value, heads });
    const n = state.pairs.value.length;
    return n > 1 ? say(HEADS.oneOf, { where, n }) : where;
  }

  /** Of a difference what a token without a partner has. */
  const isLeftAlone = (value: number) => Number.isNaN(value) && hasNobody(state);
  const nobody = (name: string) => `${name}: ${say(COMPARISON.nobody)} (${where()})`;

  const isMeasured = () => state.measure_shown.value !== null;

  const how = () => (isMaximum() ? "maximum" : "mean");

  function rowOf(chosen: readonly number[]) {
    const { heads } = row.value;
    const rows = heads && chosen.flatMap((head) => heads[head] ?? []);
    const sink = rows && !isMaximum() ? meanSink(rows, state.layerMeta.value) : null;
    return rows && { weights: combined(rows, how()), sink };
  }

  function changes(chosen: readonly number[]) {
    const { value: layer } = state.layer;
    const rows = chosen.flatMap((head) => both.value.of({ layer, head }) ?? []);
    if (rows.length < chosen.length) return null;
    const sinks = rows.flatMap((each) => sinkChange(each, state.layerMeta.value) ?? []);
    const sum = sinks.reduce((all, each) => all + each, 0);
    const sink = sinks.length && !isMaximum() ? sum / rows.length : null;
    return { weights: combinedChange(rows, how()), sink };
  }

  /** Null while the weights are on their way. */
  function selection(): string | null {
    const { value: selected } = state.selected;
    const { value: selectedKey } = state.selectedKey;
    if (selected === null) {
      if (selectedKey === null) return headline(state.meta.value, say);
      const key = labelOf("keys", selectedKey);
      if (!state.activeHeads.value.length) return say(ANNOUNCER.noHead, { query: key });
      const found = sumOf(selectedKey);
      if (found === null) return null;
      if (isLeftAlone(found.sum)) return nobody(key);
      const { sum, n } = found;
      return say(RECEIVES, { key, sum: weightInWords(state, sum), n, of: where() });
    }
    const query = labelOf("queries", selected);
    const chosen = state.activeHeads.value;
    if (!chosen.length) return say(ANNOUNCER.noHead, { query });
    const found = state.isDifference.value ? changes(chosen) : rowOf(chosen);
    if (!found) return null;
    const { weights, sink } = found;
    if (hasNobody(state) && weights.every(Number.isNaN)) return nobody(query);
    if (selectedKey !== null) {
      const key = labelOf("keys", selectedKey);
      const value = weights[selectedKey] ?? Number.NaN;
      if (isLeftAlone(value)) return nobody(key);
      const weight = weightInWords(state, value);
      return say(isMeasured() ? ANNOUNCER.measuredOne : ANNOUNCER.one, {
        query,
        weight,
        key,
        where: where(),
      });
    }
    const named = [...weights].map((weight, key) => [labelOf("keys", key), weight] as const);
    if (sink !== null) named.push([say(DESCRIPTIONS.sink), sink]);
    const list = named
      .filter(([, value]) => !isLeftAlone(value))
      .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
      .slice(0, STRONGEST)
      .map(([key, weight]) => `${key} ${weightInWords(state, weight)}`);
    return say(isMeasured() ? ANNOUNCER.measuredMost : ANNOUNCER.most, {
      query,
      list: list.join(", "),
      where: where(),
    });
  }

  const said = computed(() => {
    const now = waiting.value || selection();
    const isOfDifference = state.isDifference.value && !waiting.value && now !== null;
    const name = now === null || waiting.value ? "" : measureTitle(state);
    const said = name ? `${name}: ${now}` : now;
    return isOfDifference ? say(DIFFERENCE.said, { said: said ?? "" }) : said;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told = ["", "", ""];
  watch(abort, () => {
    const [{ value: now }, { value: news }, { value: came }] = [said, notice, effect];
    clearTimeout(timer);
    const hasCome = came && came !== told[1];
    if (now === null && !hasCome) return;
    timer = setTimeout(() => {
      const rest = now === null || (hasCome && now === told[2]) ? "" : now;
      const words = [news !== told[0] && news, rest, hasCome && came].filter(Boolean).join(" ");
      told = [news, came, now ?? told[2] ?? ""];
      if (words && element.textContent !== words) element.textContent = words;
    }, REST_MS);
  });
  onAbort(abort, () => clearTimeout(timer));
  return element;
}
