/** A pass without the selected heads or edge: a button for it, what came of it, and the way back. */

import { batch, computed, signal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { editsInWords } from "../language/edits";
import { quoted } from "../language/quoted";
import { type AppState, watch } from "../state/app_state";
import { answerOf, type Model } from "../tensors/answer";
import type { Edit } from "../trace/edits";
import { SHOWN_PASS } from "../trace/options";
import { comparedOf, PREDICTIONS } from "../trace/questions";
import { EDIT_LINE } from "./texts/edit_line";

interface Proposed {
  words: string;
  edits: Edit[];
}

export function editLine(state: AppState, model: Model, abort: AbortSignal): HTMLElement {
  const { say, numbers } = state;
  const running = signal(false);
  const failure = signal("");

  /** What the selection offers to leave out; null where it is nothing, or is left out already. */
  const proposed = computed((): Proposed | null => {
    if (!model.asks.value) return null;
    const kind = state.attention_kind.value;
    const { queries, keys } = state.sides.value;
    const heads = state.activeHeads.value;
    const layer = state.layer.value;
    const [row, column] = [state.selected.value, state.selectedKey.value];
    const off = (layer: number, heads: number[]): Edit => ({
      edit: "head_off",
      kind,
      layer,
      heads,
      tokens: null,
      value: "zero",
    });
    const pairs = state.pairs.value;
    if (pairs.length) {
      return {
        words: say(EDIT_LINE.heads),
        edits: pairs.map(({ layer, head }) => off(layer, [head])),
      };
    }
    const [head] = heads;
    if (head === undefined) return null;
    if (row !== null && column !== null) {
      const query = [...(queries.groups[row] ?? [])];
      const key = [...(keys.groups[column] ?? [])];
      const edge: Edit = { edit: "edge_off", kind, layer, heads, query, key };
      return { words: say(EDIT_LINE.edge), edits: [edge] };
    }
    const words = heads.length === 1 ? say(EDIT_LINE.head, { layer, head }) : say(EDIT_LINE.heads);
    return { words, edits: [off(layer, heads)] };
  });
  const known = (edit: Edit) =>
    state.edits.value.some((one) => JSON.stringify(one) === JSON.stringify(edit));
  const added = computed(() => {
    const all = proposed.value?.edits.filter((edit) => !known(edit)) ?? [];
    return all.length ? all : null;
  });

  async function leaveOut(edits: Edit[]): Promise<void> {
    if (running.peek()) return;
    running.value = true;
    failure.value = "";
    try {
      const question = { name: "edited", edits: [...state.edits.peek(), ...edits] } as const;
      const { edits: made } = await model.ask(question, { signal: abort });
      batch(() => {
        state.edits.value = made;
        state.shown_pass.value = "after";
      });
    } catch (error) {
      failure.value = (error as Error).message;
    } finally {
      running.value = false;
    }
  }

  const plain = answerOf(state, model, abort, () =>
    state.edits.value.length ? PREDICTIONS : null,
  );
  const edited = answerOf(state, model, abort, () =>
    state.edits.value.length ? comparedOf(state.edits.value) : null,
  );

  /** The most likely prediction at the selected token, else at the last: before and after. */
  const effect = computed(() => {
    const { answer: before } = plain.value;
    const { answer: after, question } = edited.value;
    if (!before || !after || question?.edits !== state.edits.value) return null;
    const { value: token } = state.token;
    const isOfText =
      state.sides.value.queryText.tokens ===
      (state.meta.value.target?.tokens ?? state.meta.value.tokens);
    const place = isOfText ? before.positions.indexOf(token ?? -1) : -1;
    const at = place >= 0 ? place : before.ids.length - 1;
    const tokens = state.meta.value.target?.tokens ?? state.meta.value.tokens;
    return {
      token: quoted(say, before.labels[at]?.[0] ?? ""),
      before: numbers.share(Number(before.probabilities[at]?.[0]), 0),
      after: numbers.share(Number(after.kept[at]?.[0]), 0),
      place: quoted(say, tokens[before.positions[at] ?? -1]?.label ?? ""),
    };
  });

  const words = h("span", { class: "aw-edit-words" });
  const passes = SHOWN_PASS.map((pass) =>
    button(
      say(EDIT_LINE[pass]),
      { class: "aw-edit-act", title: say(EDIT_LINE.shown) },
      abort,
      () => {
        state.shown_pass.value = pass;
      },
    ),
  );
  const back = button(
    say(EDIT_LINE.back),
    { class: "aw-edit-act aw-put-back", title: say(EDIT_LINE.backTitle) },
    abort,
    () => {
      failure.value = "";
      batch(() => {
        state.edits.value = [];
        state.shown_pass.value = "before";
      });
    },
  );
  const offer = button(
    "",
    { class: "aw-edit-act aw-leave-out", title: say(EDIT_LINE.title) },
    abort,
    () => {
      if (added.value) void leaveOut(added.value);
    },
  );
  const error = h("span", { class: "aw-edit-error", role: "alert" });
  const element = h("span", { class: "aw-edit-line" }, words, ...passes, back, offer, error);

  watch(abort, () => {
    const { value: edits } = state.edits;
    const { value: numbers } = effect;
    const said = edits.length ? editsInWords(say, edits, state.sides.value) : "";
    const text = numbers ? say(EDIT_LINE.effect, { edits: said, ...numbers }) : said;
    if (words.textContent !== text) words.textContent = text;
    words.title = numbers ? say(EDIT_LINE.effectTitle, { place: numbers.place }) : "";
    words.hidden = !said;
    const canAsk = model.asks.value;
    for (const [place, each] of passes.entries()) {
      each.hidden = !said || !canAsk;
      const isShown = state.shown_pass.value === SHOWN_PASS[place];
      each.setAttribute("aria-pressed", String(isShown));
    }
    back.hidden = !said || !canAsk;
    offer.hidden = !added.value;
    offer.disabled = running.value || state.busy.value;
    offer.textContent = running.value ? say(EDIT_LINE.running) : (proposed.value?.words ?? "");
    error.textContent = failure.value;
    error.hidden = !failure.value;
    element.hidden = !said && !added.value && !failure.value;
  });
  return element;
}
