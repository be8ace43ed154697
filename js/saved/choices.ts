/** What follows from a choice where no Python answers: the rules of widget/address.py. */

import { ofOtherTexts } from "../state/choose_head";
import type { State } from "../trace/contract";
import type { AttentionKind } from "../trace/options";
import { layersOf } from "../trace/sides";
import type { Held } from "./archive";

/** What was asked for and is not held. */
export type Missing =
  | { what: "layer"; layer: number }
  | { what: "heads"; layer: number; heads: number[] };

/** The state that a choice leads to; `before` is what the state was. */
export function applyChoice(
  before: State,
  wanted: State,
  held: Held,
): { state: State; missing: Missing | null } {
  const state = { ...wanted };
  let missing: Missing | null = null;
  const { meta, attention_kind: kind } = state;
  if (!held[kind]) return { state: before, missing: { what: "layer", layer: state.layer } };
  if (!layersOf(meta, kind)[state.layer]) state.layer = firstHeld(held, kind);
  if (!held[kind][state.layer]) {
    missing = { what: "layer", layer: state.layer };
    const kept = before.attention_kind === kind ? before.layer : state.layer;
    state.layer = held[kind][kept] ? kept : nearest(held, kind, state.layer);
  }
  const there = held[kind][state.layer] ?? [];
  const moved = before.attention_kind !== kind || before.layer !== state.layer;
  if (moved && same(before.heads, wanted.heads)) {
    const had = held[before.attention_kind]?.[before.layer] ?? [];
    const left = wanted.heads.filter((head) => there.includes(head));
    const whole = wanted.heads.length === had.length;
    state.heads = wanted.heads.length && (whole || !left.length) ? [...there] : left;
  } else {
    const absent = wanted.heads.filter((head) => !there.includes(head));
    const left = wanted.heads.filter((head) => there.includes(head));
    if (absent.length) {
      const all = wanted.heads.length === layersOf(meta, kind)[state.layer]?.n_heads;
      if (!all) missing = { what: "heads", layer: state.layer, heads: absent };
      state.heads = left.length || moved ? left : before.heads;
    }
  }
  const isHeld = ([layer, head]: HeadPair) => held[kind]?.[layer]?.includes(head) ?? false;
  const pairs = wanted.head_pairs.filter(isHeld);
  if (pairs.length < wanted.head_pairs.length) state.head_pairs = pairs;
  const lost = wanted.head_pairs.find((pair) => !isHeld(pair) && isOfModel(meta, kind, pair));
  if (lost) {
    // One head that is left is no list, and the focus stays where it was.
    if (pairs.length < 2) state.head_pairs = [];
    Object.assign(state, { layer: before.layer, heads: before.heads });
    missing = missingPair(lost, held[kind]);
  }
  return { state: { ...state, ...ofOtherTexts(meta, kind, before.attention_kind) }, missing };
}

type HeadPair = State["head_pairs"][number];

/** What a page does not carry is said; what another kind of attention does not have is not. */
const isOfModel = (meta: State["meta"], kind: AttentionKind, [layer, head]: HeadPair): boolean =>
  head < (layersOf(meta, kind)[layer]?.n_heads ?? 0);

const missingPair = ([layer, head]: HeadPair, held: Held[AttentionKind]): Missing =>
  held?.[layer] ? { what: "heads", layer, heads: [head] } : { what: "layer", layer };

const firstHeld = (held: Held, kind: AttentionKind): number =>
  Math.min(...Object.keys(held[kind] ?? {}).map(Number));

const nearest = (held: Held, kind: AttentionKind, layer: number): number =>
  Object.keys(held[kind] ?? {})
    .map(Number)
    .reduce((best, one) => (Math.abs(one - layer) < Math.abs(best - layer) ? one : best));

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
