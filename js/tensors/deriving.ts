/** A source that derives: what follows from a layer that is here is not asked for. */

import { MEASURE, MEASURE_TEXTS } from "../language/texts/measures";
import { type DerivedKey, derived, isDerived } from "../measures/derived";
import { differenceMaps, mapsOf, wholeOf } from "../measures/layer_maps";
import type { AppState } from "../state/app_state";
import { lacksTokens } from "../trace/comparison";
import { isUnbounded, MEASURE_FACTS, measureInKey } from "../trace/measures";
import { layersOf, ownOf, type Sides } from "../trace/sides";
import type { Tensor } from "../trace/tensor";
import {
  type AttentionKey,
  layerKeys,
  readKey,
  sidesOfKey,
  type TensorKey,
} from "../trace/tensor_key";
import { type TensorSource, tensorCache } from "./source";

/** A layer up to this size comes whole, so that hovering needs no kernel. */
const WHOLE_LAYER_BYTES = 4 * 2 ** 20;
const CACHE_BYTES = 64 * 2 ** 20;

/** For these a layer that comes whole is asked for; the others are made of one that is here. */
const FROM_LAYER: readonly string[] = [
  "attention",
  "attention_row",
  "edges",
  "map_tile",
  "map_margins",
  "layer_largest",
];

/** A difference follows from two layers, also as a whole. */
const followsFromLayer = (
  key: TensorKey | null,
): key is DerivedKey | (AttentionKey & { name: "attention"; difference: true }) =>
  isDerived(key) || (key?.name === "attention" && key.difference === true);

export const comesWhole = (heads: number, queries: number, keys: number): boolean =>
  4 * heads * queries * keys <= WHOLE_LAYER_BYTES;

/** Of the layer that is looked at, or of another. */
export function layerComesWhole(state: AppState, layer = state.layer.value): boolean {
  const { queries, keys } = state.sides.value;
  const heads = state.layers.value[layer]?.n_heads ?? 0;
  return comesWhole(heads, queries.tokens.length, keys.tokens.length);
}

export function deriving(source: TensorSource, state: AppState): TensorSource {
  const cache = tensorCache(CACHE_BYTES);
  let known: { meta: unknown; sides: Map<string, Sides> } = { meta: null, sides: new Map() };

  /** Making them takes as long as the text is. */
  function sidesOf(key: AttentionKey): Sides {
    const meta = state.meta.peek();
    if (known.meta !== meta) known = { meta, sides: new Map() };
    const { units, special } = key.grouping;
    const name = `${key.kind} ${key.window} ${units} ${special}`;
    const sides = known.sides.get(name) ?? sidesOfKey(key, meta);
    known.sides.set(name, sides);
    return sides;
  }

  function fromLayer(run: number, text: string): Tensor | undefined {
    const key = readKey(text);
    if (!followsFromLayer(key) || state.meta.peek().run !== run) return undefined;
    const layers = layerKeys(key).flatMap((layer) => source.peek(run, layer) ?? []);
    const sides = layers.length ? sidesOf(key) : null;
    const own = sides ? ownOf(sides) : undefined;
    const [first, second] = layers.map((layer) => ({
      ...mapsOf(layer, isUnbounded(key.measured)),
      own,
      lacksTokens: lacksTokens(state.meta.peek()),
    }));
    if (!sides || !first || (key.difference && !second)) return undefined;
    const name = `${run}:${text}`;
    const here = cache.get(name);
    if (here) return here;
    const maps = second ? differenceMaps(first, second) : first;
    const isOfThese =
      maps.queries === sides.queries.tokens.length && maps.keys === sides.keys.tokens.length;
    const make = () => (key.name === "attention" ? wholeOf(maps) : derived(key, maps, sides));
    const made = isOfThese ? make() : null;
    if (made) cache.set(name, made);
    return made ?? undefined;
  }

  const peek = (run: number, key: string) => source.peek(run, key) ?? fromLayer(run, key);

  const isLookedAt = ({ kind, layer }: AttentionKey) =>
    kind === state.attention_kind.peek() && layer === state.layer.peek();

  /** Keys of the layer that comes whole for this tensor's sake, in one pass or two; none where it
   * does not. Of other layers a row is enough. */
  function wholeFor(text: string): readonly string[] {
    const key = readKey(text);
    if (!followsFromLayer(key) || !FROM_LAYER.includes(key.name)) return [];
    if (key.name === "attention_row" && !isLookedAt(key)) return [];
    const layer = layersOf(state.meta.peek(), key.kind)[key.layer];
    const { queries, keys } = sidesOf(key);
    const isSmall = comesWhole(layer?.n_heads ?? 0, queries.tokens.length, keys.tokens.length);
    return layer && isSmall ? layerKeys(key) : [];
  }

  /** What asks the model is not of a pass with edits; a comparison asks the models of its sides. */
  function refuseEdited(text: string): void {
    const key = readKey(text);
    const measure = key?.pass && key.measured ? measureInKey(key.measured) : null;
    if (!measure || MEASURE_FACTS[measure].takes === "trace" || state.comparison.peek()) return;
    const name = state.say(MEASURE_TEXTS[measure].name);
    throw new Error(state.say(MEASURE.unknownAfterEdits, { name }));
  }

  return {
    stalled: source.stalled,
    bytes: () => (source.bytes?.() ?? 0) + cache.bytes(),
    peek,
    async get(run, key, signal, urgency) {
      const here = signal.aborted ? undefined : peek(run, key);
      if (here) return here;
      refuseEdited(key);
      const layers = wholeFor(key);
      const missing = layers.filter((layer) => source.peek(run, layer) === undefined);
      if (!missing.length) return source.get(run, key, signal, urgency); // what is here lacks it
      await Promise.all(missing.map((layer) => source.get(run, layer, signal, urgency)));
      return fromLayer(run, key) ?? source.get(run, key, signal, urgency);
    },
  };
}
