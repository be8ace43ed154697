/** What the model answered: what wrote its logit, and what wrote the score that is selected. */

import { computed } from "@preact/signals-core";
import { quoted } from "../../language/quoted";
import type { AppState } from "../../state/app_state";
import { answerOf, type Model, REST_MS } from "../../tensors/answer";
import type {
  Attributed,
  AttributedQuestion,
  Effect,
  ExplainedQuestion,
  Term,
} from "../../trace/explained";
import { reachOf } from "./bars";
import { ATTRIBUTION } from "./texts";
import { isOf, partOf, shortName, signed, subjectOf } from "./words";

export type AttributionData = ReturnType<typeof attributionData>;

export function attributionData(state: AppState, model: Model, abort: AbortSignal) {
  const attributed = (): AttributedQuestion => {
    const { value: kind } = state.attention_kind;
    const question = { name: "attributed", token: state.token.value, kind } as const;
    const { value: other } = state.compared_with;
    return other === null ? question : { ...question, other };
  };
  const asked = answerOf(state, model, abort, attributed, REST_MS);
  /** The terms are here before all heads have been switched off. */
  const written = computed((): Attributed | null => {
    const { progress, answer } = asked.value;
    return (progress?.partial as Attributed | undefined) ?? answer;
  });
  const explained = (): ExplainedQuestion | null => {
    const { layer, attention_kind: kind, token, key_token: key, focusHead: head } = state;
    if (token.value === null || key.value === null || head.value === null) return null;
    return {
      name: "explained",
      layer: layer.value,
      head: head.value,
      query: token.value,
      key: key.value,
      kind: kind.value,
    };
  };
  const score = answerOf(state, model, abort, explained, REST_MS);
  const effectOf = (term: Term): Effect | null => {
    const { kind, layer, head } = term;
    if (kind === null || layer === null || head === null) return null;
    return written.value?.effects.find((one) => isOf(one, { kind, layer, head })) ?? null;
  };
  return {
    asked,
    written,
    score,
    effectOf,
    /** Whether its head is being switched off. */
    isAwaited: ({ kind, layer, head }: Term): boolean =>
      kind !== null &&
      layer !== null &&
      head !== null &&
      asked.value.pending &&
      (written.value?.tried.some((one) => isOf(one, { kind, layer, head })) ?? false),
    terms: computed(() => written.value?.terms ?? []),
    /** The scale of both columns, so that they compare. */
    reach: computed(() => {
      const { terms = [], effects = [] } = written.value ?? {};
      return reachOf([
        ...terms.map(({ value }) => Number(value)),
        ...effects.map(({ effect }) => Number(effect)),
      ]);
    }),
    heading: computed(() => {
      const { value: found } = written;
      if (!found) return "";
      const { say, meta } = state;
      const tokens = meta.value.target?.tokens ?? meta.value.tokens;
      const label = (id: number) => quoted(say, found.labels[found.ids.indexOf(id)] ?? "");
      const [best = -1] = found.ids;
      const values = {
        best: label(best),
        token: quoted(say, tokens[found.position]?.label ?? ""),
      };
      const { logitAfter, logitAt, differenceAfter, differenceAt } = ATTRIBUTION;
      const isNext = found.predicts === "next token";
      if (found.other === null) return say(isNext ? logitAfter : logitAt, values);
      const other = quoted(say, found.other_label);
      return say(isNext ? differenceAfter : differenceAt, { ...values, other });
    }),
  };
}

/** What the picture shows, in words. */
export function noteOf(state: AppState, { written, terms, effectOf }: AttributionData): string {
  const { value: found } = written;
  const first = terms.value.find(({ what }) => what === "head");
  if (!found || !first || first.layer === null || first.head === null || !first.kind) return "";
  const { say, numbers } = state;
  const head = { kind: first.kind, layer: first.layer, head: first.head };
  const values = {
    head: shortName(head),
    what: subjectOf(say, found),
    part: signed(numbers, partOf(found, head)),
  };
  const effect = effectOf(first);
  const said = effect
    ? say(ATTRIBUTION.noteWithout, { ...values, effect: signed(numbers, Number(effect.effect)) })
    : say(ATTRIBUTION.note, values);
  return state.pass.value === null ? said : `${said} ${say(ATTRIBUTION.notEdited)}`;
}
