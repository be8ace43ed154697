/** The tokens as the model got them, and the mask through which it read them. */

import { computed, signal } from "@preact/signals-core";
import { copyText } from "../../browser/clipboard";
import { button, h, onceAFrame, onResize } from "../../browser/dom";
import { tabs } from "../../controls/tabs";
import { ROW_HEIGHT } from "../../controls/virtual_rows";
import { drawLegend } from "../../draw/legend";
import { windowTitle } from "../../language/descriptions";
import { isolated } from "../../language/direction";
import { panel } from "../../panel/panel";
import { PANEL } from "../../panel/texts/panel";
import { type AppState, attentionKey, type Hover, watch } from "../../state/app_state";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { columnsOf, type Listed, tsvOf } from "./columns";
import { tokensFigure } from "./figure";
import { countsOf, sees } from "./mask_coverage";
import { LONGEST, type MaskData, maskLegend, maskPicture } from "./mask_picture";
import { MASK } from "./mask_texts";
import { layersSentence, sentenceOf } from "./mask_words";
import { tokenTable } from "./table";
import { TOKENS } from "./texts";

/** Table and mask stand beside each other (style.css); else the mask is smaller. */
const BESIDE = 900;
const STACKED = 232;

export function tokensView(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const { say } = state;
  const frame = panel(element, "tokens", TOKENS, state, abort, figure, () => ({
    of: "tokens",
    layer: state.layer.value,
    heads: masks.value.length > 1 ? [head()] : [],
    how: "each",
  }));
  const as = signal<Hover["as"]>("query");
  const tables = { query: tokenTable("query", state, abort), key: tokenTable("key", state, abort) };
  const lists = tabs(
    [
      ["query", tables.query.element],
      ["key", tables.key.element],
    ],
    as,
    abort,
  );
  const copied = h("span", { class: "aw-copied" });
  const copy = button(say(TOKENS.copy), {}, abort, () => void copyRows());
  frame.controls.append(lists.element, copy, copied);

  const picture = maskPicture(element, tellPair, state, abort);
  const title = h("h4", { class: "aw-mask-title" });
  const words = h("p", { class: "aw-mask-words" });
  const elsewhere = h("p", { class: "aw-mask-layers" });
  const tablesCell = h("div", { class: "aw-tables" }, tables.query.element, tables.key.element);
  const maskCell = h(
    "div",
    { class: "aw-mask" },
    h("div", { class: "aw-mask-says" }, title, words, elsewhere),
    picture.element,
  );
  const parts = h("div", { class: "aw-token-parts" }, tablesCell, maskCell);
  frame.body.classList.add("aw-token-body");
  frame.body.append(parts);

  const held = resource(state, source, abort, () =>
    state.layerMeta.value ? attentionKey(state, "mask") : null,
  );
  const masks = computed(() => state.layerMeta.value?.masks ?? []);
  const shown = computed(() => (state.sides.value.same ? "query" : as.value));
  const head = () => (masks.value.length > 1 ? (state.focusHead.value ?? 0) : 0);

  const mask = computed<MaskData | null>(() => {
    const { tensor, key } = held.value;
    if (!(tensor?.data instanceof Int32Array) || key !== attentionKey(state, "mask")) return null;
    const { queries, keys } = state.sides.value;
    return {
      runs: tensor.data,
      head: head(),
      queries: queries.tokens.length,
      keys: keys.tokens.length,
    };
  });
  const counts = computed(() => {
    const { value } = mask;
    return value && countsOf(value.runs, value.head, value.queries, value.keys);
  });

  const listed = (of: Hover["as"]): Listed => {
    const { queries, keys, same } = state.sides.value;
    const side = of === "key" ? keys : queries;
    const isDecoders =
      state.sides.value[of === "key" ? "keyText" : "queryText"].stack === "decoder";
    const roles = state.meta.value.target && isDecoders ? [] : state.meta.value.roles;
    return { ...side, roles, masks: masks.value, as: of, same, say, numbers: state.numbers };
  };
  const columns = computed(() => ({
    query: columnsOf(listed("query")),
    key: columnsOf(listed("key")),
  }));

  const labelOf = (side: "queries" | "keys", row: number) =>
    isolated(state.sides.value[side].tokens[row]?.label ?? "");

  function tellPair(query: number, key: number): string[] {
    const { value } = mask;
    if (!value) return [];
    const seen = sees(value.runs, value.head, query, key);
    const [yes, no] = maskLegend(state);
    return [`${labelOf("queries", query)} → ${labelOf("keys", key)}`, seen ? yes.label : no.label];
  }

  /** What the mask says of the pair that is selected. */
  function pairSentence(): string {
    const [query, key] = [state.selected.value, state.selectedKey.value];
    return query === null || key === null ? "" : `${tellPair(query, key).join(": ")}.`;
  }

  /** What the mask means for the token that is looked at. */
  function tokenSentence(): string {
    const { value } = counts;
    const row = state.query.value;
    if (!value || !masks.value.length) return "";
    const { queries, keys, same } = state.sides.value;
    if (row === null) {
      const over = state.hovered.value;
      const key = over?.as === "key" ? over.token : state.selectedKey.value;
      if (key === null) return "";
      const token = `“${labelOf("keys", key)}”`;
      return say(TOKENS.countsKey, { n: value.seen[key] ?? 0, of: queries.tokens.length, token });
    }
    const token = `“${labelOf("queries", row)}”`;
    const all = { n: value.sees[row] ?? 0, of: keys.tokens.length, token };
    if (!same) return say(TOKENS.countsQuery, all);
    const seen = { n: value.seen[row] ?? 0, of: queries.tokens.length };
    return `${say(TOKENS.counts, all)} ${say(TOKENS.countsSeen, seen)}`;
  }

  function maskTitle(): string {
    const layer = say(TOKENS.maskOf, { layer: String(state.layer.value) });
    return masks.value.length > 1
      ? `${layer}, ${say(TOKENS.ofHead, { head: String(head()) })}`
      : layer;
  }

  function maskSentence(): string {
    const one = masks.value[head()];
    if (!state.layerMeta.value) return "";
    if (!one) return say(MASK.unknown);
    const { queries, keys, same } = state.sides.value;
    const place = (side: typeof queries) => (row: number) => side.toText[row] ?? row;
    const said = sentenceOf(one, same, say, { key: place(keys), query: place(queries) });
    const differ = masks.value.length > 1 ? ` ${say(MASK.perHead)}` : "";
    return said.charAt(0).toLocaleUpperCase(state.language.value) + said.slice(1) + differ;
  }

  async function copyRows(): Promise<void> {
    const of = listed(shown.value);
    const text = tsvOf(columns.value[shown.value], of);
    try {
      await copyText(text, element);
      copied.textContent = say(TOKENS.copied, { n: of.tokens.length });
    } catch {
      copied.textContent = say(TOKENS.notCopied); // an iframe without permission
    }
  }

  function figure() {
    const of = shown.value;
    const { scroller } = tables[of];
    const { tokens } = listed(of);
    const first = Math.min(tokens.length, Math.floor(scroller.scrollTop / ROW_HEIGHT));
    const rows = Math.max(1, Math.floor(scroller.clientHeight / ROW_HEIGHT));
    return tokensFigure(
      {
        element,
        columns: columns.value[of],
        tokens,
        range: [first, Math.min(tokens.length, first + rows)],
        selected: of === "key" ? state.selectedKey.value : state.selected.value,
        mask: mask.value,
        picture,
        title: maskTitle(),
        words: maskSentence(),
      },
      state,
    );
  }

  const repaint = onceAFrame(parts, abort, () => {
    tables[shown.value].refresh();
    const beside = parts.clientWidth >= BESIDE;
    picture.draw(mask.value, Math.min(maskCell.clientWidth - 24, beside ? LONGEST : STACKED));
  });

  watch(abort, () => {
    const { same, queries, keys } = state.sides.value;
    lists.set(!same, {
      query: say(TOKENS.queries, { n: queries.tokens.length }),
      key: say(TOKENS.keys, { n: keys.tokens.length }),
    });
    for (const of of ["query", "key"] as const) {
      tables[of].element.hidden = shown.value !== of;
      tables[of].set(columns.value[of], listed(of).tokens);
    }
    copied.textContent = "";
    frame.where(windowTitle(state.meta.value, state.sides.value.window, state.say));
    repaint();
  });
  watch(abort, () => {
    drawLegend(frame.legend, maskLegend(state));
    title.textContent = maskTitle();
    words.textContent = maskSentence();
    elsewhere.textContent = layersSentence(state.layers.value, state.sides.value.same, say);
  });
  watch(abort, () => {
    void state.hovered.value;
    void state.pinned.value;
    void state.units.value;
    void state.selectedKey.value;
    void state.dark.value;
    void mask.value;
    const { pending, error } = held.value;
    const said = [tokenSentence(), pairSentence()].filter(Boolean).join(" ");
    frame.note(pending && !mask.value ? say(PANEL.waiting) : said);
    frame.status(pending, error);
    repaint();
  });
  for (const { scroller } of [tables.query, tables.key]) {
    scroller.addEventListener("scroll", repaint, { signal: abort });
  }
  onResize(parts, abort, repaint);
  onResize(tablesCell, abort, repaint);
}
