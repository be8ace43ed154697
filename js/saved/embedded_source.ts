/**
 * Tensors of a saved page: the same keys as the kernel answers. Some are kept as they are, the
 * others are derived from the kept attention. Nothing that a model computes is computed again.
 */

import { signal } from "@preact/signals-core";
import { derivedStep, isDerivedStep, lineOf, pooledMatrix } from "../measures/calculation";
import { derived, isDerived } from "../measures/derived";
import { grouped } from "../measures/grouped";
import { differenceMaps, type Maps, wholeOf } from "../measures/layer_maps";
import { masked, scoreTensor } from "../measures/scores";
import { type TensorSource, tensorCache } from "../tensors/source";
import type { StepName } from "../trace/calculation";
import { lacksTokens } from "../trace/comparison";
import { isUnbounded } from "../trace/measures";
import { ownOf, PLAIN, type Sides } from "../trace/sides";
import { at, type Tensor } from "../trace/tensor";
import {
  type AttentionKey,
  layerKeys,
  passesOf,
  readKey,
  sidesOfKey,
  type TensorKey,
  writeKey,
} from "../trace/tensor_key";
import { type Archive, type Entry, entryName, type MapsEntry, Unreadable } from "./archive";
import { decodeLevels, type HeadMap, numbersMap } from "./level_codec";
import { decodeAxes, decodeNumbers, decodeRows } from "./number_codec";

type CalculationKey = Extract<TensorKey, { step: StepName }>;

const CACHE_BYTES = 192 * 2 ** 20;
const MAPS_BYTES = 192 * 2 ** 20;

/** As in protocol/catalogue.py: a larger map is read by rows and tiles. */
const MAX_BYTES = 256 * 2 ** 20;

/** Why there is no tensor, in the reader's words. */
export interface Reasons {
  notIncluded(key: string): string;
  unreadable(reason: Unreadable): string;
}

/** @param side of a comparison, between its own tokens. */
export function embeddedSource(
  archive: Archive,
  reasons: Reasons,
  side: number | null = null,
): TensorSource {
  const { calculations, entries, held, scores, state } = archive.manifest;
  const meta = (side !== null && state.meta.comparison?.sides[side]) || state.meta;
  const nameOf = (key: string) => {
    const name = entryName(archive.manifest, key);
    return side === null || name === null || name.startsWith("divergence/")
      ? name
      : `side/${side}/${name}`;
  };
  const entryOf = (key: string): Entry | undefined => {
    const name = nameOf(key);
    return name !== null && Object.hasOwn(entries, name) ? entries[name] : undefined;
  };
  const cache = tensorCache(CACHE_BYTES);
  const headMaps = new Map<string, Promise<HeadMap>>();
  const pending = new Map<string, Promise<Tensor>>();
  let mapsBytes = 0;
  let idle: Promise<unknown> = Promise.resolve();

  function headMap(key: string, entry: MapsEntry, head: number): Promise<HeadMap> | null {
    const kept = entry.maps[head];
    if (!kept) return null;
    const name = `${key}/${head}`;
    const known = headMaps.get(name);
    if (known) return known;
    const [form, block] = kept;
    const [, queries = 0, keys = 0] = entry.shape;
    const made = archive
      .bytes(block)
      .then((bytes) =>
        form === "levels"
          ? decodeLevels(bytes, queries, keys, entry)
          : numbersMap(bytes, queries, keys),
      );
    headMaps.set(name, made);
    made.then(
      ({ byteLength }) => {
        mapsBytes += byteLength;
        if (mapsBytes <= MAPS_BYTES) return;
        headMaps.clear(); // rare: a text of thousands of tokens
        mapsBytes = 0;
      },
      () => headMaps.delete(name),
    );
    return made;
  }

  /** The attention of a layer, with these heads at hand; all that are kept where none is named. */
  async function mapsOf(
    key: AttentionKey,
    sides: Sides,
    heads?: readonly number[],
  ): Promise<Maps | null> {
    const found = await Promise.all(passesOf(key).map((one) => mapsOfPass(one, sides, heads)));
    const [first = null, second = null] = found;
    return key.difference ? first && second && differenceMaps(first, second) : first;
  }

  async function mapsOfPass(
    key: AttentionKey,
    { queries, keys }: Sides,
    heads?: readonly number[],
  ): Promise<Maps | null> {
    const { units, special } = key.grouping;
    const [plain = ""] = layerKeys({ ...key, grouping: PLAIN });
    const entry = entryOf(plain);
    if (entry?.as !== "maps") return null;
    const [count = 0, nQueries = 0, nKeys = 0] = entry.shape;
    const wanted = heads ?? entry.maps.map((_, head) => head);
    const found: (HeadMap | null)[] = [];
    await Promise.all(
      wanted.map(async (head) => {
        found[head] = await headMap(plain, entry, head);
      }),
    );
    const unknown = new Float32Array(nKeys).fill(Number.NaN);
    const maps: Maps = {
      heads: count,
      queries: nQueries,
      keys: nKeys,
      row: (head, query) => found[head]?.row(query) ?? unknown,
      countNaN: (head) => found[head]?.countNaN() ?? 0,
      isUnbounded: isUnbounded(key.measured),
      lacksTokens: lacksTokens(meta),
    };
    const own = ownOf({ queries, keys });
    if (units === "tokens" && special === "show") return { ...maps, own };
    return { ...grouped(maps, queries.groups, keys.groups, special === "renormalise"), own };
  }

  async function derive(key: TensorKey | null): Promise<Tensor | null> {
    if (key?.name === "scores") return scoresOf(key);
    if (key?.name.startsWith("calculation")) return stepOf(key as CalculationKey);
    if (key?.name === "summaries" && key.difference) return subtracted(key);
    if (key?.name !== "attention" && !isDerived(key)) return null;
    const heads = "heads" in key ? key.heads : undefined;
    const heldHeads = held[key.kind]?.[key.layer] ?? [];
    if (heads?.some((head) => !heldHeads.includes(head))) return null;
    const sides = sidesOfKey(key, meta);
    const maps = await mapsOf(key, sides, heads);
    if (!maps) return null;
    if (key.name !== "attention") return derived(key, maps, sides);
    if (4 * maps.heads * maps.queries * maps.keys > MAX_BYTES) {
      throw new RangeError(`${writeKey(key)} is too large to be shown at once`);
    }
    return wholeOf(maps);
  }

  /** After minus before, of what is kept of both passes. */
  async function subtracted(key: AttentionKey): Promise<Tensor | null> {
    const [before, after] = await Promise.all(passesOf(key).map((one) => kept(writeKey(one))));
    if (!before || !after) return null;
    const data = Float32Array.from(after.data, (value, place) => value - (before.data[place] ?? 0));
    return { ...after, data };
  }

  async function scoresOf(key: TensorKey & { name: "scores" }): Promise<Tensor | null> {
    const { kind, layer, head, token } = key;
    const of = key.pass ? `after/${key.pass}/` : "";
    const before = `${of}${key.window === null ? "" : `window/${key.window}/`}`;
    const made = scores[nameOf(`${before}${kind}/${layer}`) ?? ""];
    const [queries, keys] = await Promise.all([
      kept(writeKey({ ...key, name: "query" })),
      kept(writeKey({ ...key, name: "key" })),
    ]);
    if (!made || !queries || !keys) return null;
    const logits = await kept(`${before}logits/${kind}/${layer}/${head}`);
    const runs = await kept(writeKey({ ...key, name: "mask" }));
    return scoreTensor(at(queries, token), keys, Number(made.scale), (scores) => {
      if (made.logits === "kept" && logits) return at(logits, token);
      if (!runs) throw new Unreadable("damaged");
      return masked(scores, runs, head, token);
    });
  }

  /** The last one is kept, however large: its lines are asked for one by one. */
  let lastStep: { name: string; made: Tensor | null } | null = null;

  async function wholeStep(key: CalculationKey): Promise<Tensor | null> {
    const name = writeKey(key);
    if (lastStep?.name !== name) lastStep = { name, made: await stepOf(key) };
    return lastStep.made;
  }

  /** A step of a calculation, or a part of it. */
  async function stepOf(key: CalculationKey): Promise<Tensor | null> {
    const { kind, layer, head, step, window } = key;
    const keyOf = (name: StepName) =>
      writeKey({ ...key, name: "calculation", step: name } as CalculationKey);
    if (key.name !== "calculation") {
      const whole = (await kept(keyOf(step))) ?? (await wholeStep({ ...key, name: "calculation" }));
      if (!whole) return null;
      return key.name === "calculation_map"
        ? pooledMatrix(whole, key.down, key.across)
        : lineOf(whole, key.axis, key.index);
    }
    const of = key.pass ? `after/${key.pass}/` : "";
    const before = `${of}${window === null ? "" : `window/${window}/`}`;
    const made = calculations[nameOf(`${before}${kind}/${layer}`) ?? ""];
    if (!made || !isDerivedStep(step)) return null;
    const mask = { kind, layer, window, grouping: PLAIN, ...(key.pass && { pass: key.pass }) };
    const [queries, keys, bias, sink, runs] = await Promise.all([
      kept(keyOf(made.q)),
      kept(keyOf(made.k)),
      kept(keyOf("bias")),
      kept(keyOf("sink")),
      kept(writeKey({ ...mask, name: "mask" })),
    ]);
    if (!queries || !keys) return null;
    if (!runs) throw new Unreadable("damaged");
    const { softcap } = made;
    const scale = Number(made.scale);
    return derivedStep(step, { queries, keys, scale, softcap, bias, sink, runs, head });
  }

  async function kept(key: string): Promise<Tensor | null> {
    const here = cache.get(key);
    if (here) return here;
    const entry = entryOf(key);
    if (!entry || entry.as === "maps") return null;
    const bytes = await archive.bytes(entry.block);
    const tensor =
      entry.as === "plain"
        ? decodeNumbers(bytes, entry.dtype, entry.shape)
        : entry.as === "rows"
          ? decodeRows(bytes, entry.shape)
          : decodeAxes(bytes, entry.shape, entry.step);
    cache.set(key, tensor);
    return tensor;
  }

  async function answer(key: string): Promise<Tensor> {
    try {
      const tensor = (await kept(key)) ?? (await derive(readKey(key)));
      if (!tensor) throw new Error(reasons.notIncluded(key));
      cache.set(key, tensor);
      return tensor;
    } catch (error) {
      throw error instanceof Unreadable ? new Error(reasons.unreadable(error)) : error;
    } finally {
      pending.delete(key);
    }
  }

  const gone = () => new DOMException("no longer wanted", "AbortError");

  function once(key: string): Promise<Tensor> {
    const here = cache.get(key);
    if (here) return Promise.resolve(here);
    const promise = pending.get(key) ?? answer(key);
    pending.set(key, promise);
    return promise;
  }

  /** One after another: unpacking many layers would keep the one that is looked at waiting. */
  function inIdleness(key: string, abort: AbortSignal): Promise<Tensor> {
    const made = idle.then(() => (abort.aborted ? Promise.reject(gone()) : once(key)));
    idle = made.catch(() => undefined);
    return made;
  }

  return {
    stalled: signal(false),
    bytes: () => cache.bytes() + mapsBytes,
    peek: (_, key) => cache.get(key),
    get(_, key, abort, urgency) {
      if (abort.aborted) return Promise.reject(gone());
      const here = cache.get(key);
      if (here) return Promise.resolve(here);
      const promise = urgency === "idle" ? inIdleness(key, abort) : once(key);
      return promise.then((tensor) => {
        if (abort.aborted) throw gone();
        return tensor;
      });
    },
  };
}
