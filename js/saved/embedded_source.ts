/**
 * Tensors of a saved page: the same keys as the kernel answers. Some are kept as they are, the
 * others are derived from the kept attention. Nothing that a model computes is computed again.
 */

import { signal } from "@preact/signals-core";
import { edgeTensor } from "../measures/edge_tensor";
import type { Combine } from "../measures/edges";
import { groupedMaps } from "../measures/groups";
import { countNaNs, type Maps, meanRows, wholeOf } from "../measures/layer_maps";
import { marginsOf, type Together, thumbnailsOf, tileOf } from "../measures/pictures";
import { masked, scoreTensor } from "../measures/scores";
import { type TensorSource, tensorCache } from "../tensors/source";
import type { TensorKey } from "../trace/contract";
import type { Segments } from "../trace/options";
import { at, type Tensor } from "../trace/tensor";
import { type KeyParts, partsOf } from "../trace/tensor_key";
import { type Archive, type Entry, type MapsEntry, Unreadable } from "./archive";
import { type HeadMap, levelsMap, numbersMap } from "./level_codec";
import { decodeAxes, decodeNumbers, decodeRows } from "./number_codec";

const CACHE_BYTES = 192 * 2 ** 20;
const MAPS_BYTES = 192 * 2 ** 20;

/** As in protocol/catalogue.py: a larger map is read by rows and tiles. */
const MAX_BYTES = 256 * 2 ** 20;

/** Why there is no tensor, in the reader's words. */
export interface Reasons {
  notIncluded(key: TensorKey): string;
  unreadable(reason: Unreadable): string;
}

export function embeddedSource(archive: Archive, reasons: Reasons): TensorSource {
  const { entries, held, scores, state } = archive.manifest;
  const cache = tensorCache(CACHE_BYTES);
  const headMaps = new Map<string, Promise<HeadMap>>();
  const pending = new Map<TensorKey, Promise<Tensor>>();
  let mapsBytes = 0;

  function headMap(key: TensorKey, entry: MapsEntry, head: number): Promise<HeadMap> | null {
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
          ? levelsMap(bytes, queries, keys, entry)
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
  async function mapsOf(place: KeyParts, heads?: readonly number[]): Promise<Maps | null> {
    const key = `${place.window}attention/${place.kind}/${place.layer}`;
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (entry?.as !== "maps") return null;
    const [count = 0, queries = 0, keys = 0] = entry.shape;
    const wanted = heads ?? entry.maps.map((_, head) => head);
    const found: (HeadMap | null)[] = [];
    await Promise.all(
      wanted.map(async (head) => {
        found[head] = await headMap(key, entry, head);
      }),
    );
    const maps: Maps = {
      heads: count,
      queries,
      keys,
      read(head, query, into, start) {
        const map = found[head];
        if (map) map.read(query, into, start);
        else into.fill(Number.NaN, start, start + keys);
      },
      countNaN: (head) => found[head]?.countNaN() ?? 0,
    };
    const { words, special } = place.grouping;
    if (!words && special === "show") return maps;
    const { sides } = place;
    return groupedMaps(maps, sides.queries.groups, sides.keys.groups, special === "renormalise");
  }

  async function derive(key: TensorKey): Promise<Tensor | null> {
    const place = partsOf(key, state.meta);
    if (!place) return null;
    const { name, rest, sides } = place;
    const heldHeads = held[place.kind]?.[place.layer] ?? [];
    const from = async (make: (maps: Maps) => Tensor, heads?: readonly number[]) => {
      if (heads?.some((head) => !heldHeads.includes(head))) return null;
      const maps = await mapsOf(place, heads);
      return maps && make(maps);
    };
    const [first = "", second = ""] = rest;
    const map = (): Together => ({
      how: first === "mean" ? "mean" : "maximum",
      heads: numbers(second),
    });
    switch (name) {
      case "attention":
        return from((maps) => {
          if (4 * maps.heads * maps.queries * maps.keys > MAX_BYTES) {
            throw new RangeError(`${key} is too large to be shown at once`);
          }
          return wholeOf(maps);
        });
      case "attention_row":
        return from((maps) => meanRows(maps, numbers(first)));
      case "attention_received":
        return from((maps) =>
          meanRows(
            maps,
            Array.from({ length: maps.queries }, (_, query) => query),
          ),
        );
      case "count_nan":
        return from((maps) => countNaNs(maps, heldHeads));
      case "thumbnails":
        return from(thumbnailsOf);
      case "edges": {
        const [combine = "each", heads = "", topP = "1", threshold = "0", segments = "all"] = rest;
        const choice = {
          combine: combine as Combine,
          heads: numbers(heads),
          topP: Number(topP),
          threshold: Number(threshold),
          segments: segments as Segments,
        };
        return from((maps) => edgeTensor(maps, sides, choice), choice.heads);
      }
      case "map_tile": {
        const [scale = "weight", pooling = 1, row = 0, column = 0] = rest.slice(2);
        const tile = { row: Number(row), column: Number(column) };
        return from(
          (maps) => tileOf(maps, map(), String(scale), Number(pooling), tile),
          map().heads,
        );
      }
      case "map_margins":
        return from((maps) => marginsOf(maps, map()), map().heads);
      case "scores":
        return deriveScores(place);
      default:
        return null;
    }
  }

  async function deriveScores({ window, kind, layer, rest }: KeyParts): Promise<Tensor | null> {
    const [head = "", query = ""] = rest;
    const where = `${kind}/${layer}`;
    const made = scores[window + where];
    const [queries, keys] = await Promise.all([
      kept(`${window}query/${where}/${head}`),
      kept(`${window}key/${where}/${head}`),
    ]);
    if (!made || !queries || !keys) return null;
    const logits = await kept(`${window}logits/${where}/${head}`);
    const runs = await kept(`${window}mask/${where}`);
    return scoreTensor(at(queries, Number(query)), keys, Number(made.scale), (scores) => {
      if (made.logits === "kept" && logits) return at(logits, Number(query));
      if (!runs) throw new Unreadable("damaged");
      return masked(scores, runs, Number(head), Number(query));
    });
  }

  async function kept(key: TensorKey): Promise<Tensor | null> {
    const here = cache.get(key);
    if (here) return here;
    const entry: Entry | undefined = Object.hasOwn(entries, key) ? entries[key] : undefined;
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

  async function answer(key: TensorKey): Promise<Tensor> {
    try {
      const tensor = (await kept(key)) ?? (await derive(key));
      if (!tensor) throw new Error(reasons.notIncluded(key));
      cache.set(key, tensor);
      return tensor;
    } catch (error) {
      throw error instanceof Unreadable ? new Error(reasons.unreadable(error)) : error;
    } finally {
      pending.delete(key);
    }
  }

  return {
    stalled: signal(false),
    peek: (_, key) => cache.get(key),
    get(_, key, abort) {
      const gone = () => new DOMException("no longer wanted", "AbortError");
      if (abort.aborted) return Promise.reject(gone());
      const here = cache.get(key);
      if (here) return Promise.resolve(here);
      const promise = pending.get(key) ?? answer(key);
      pending.set(key, promise);
      return promise.then((tensor) => {
        if (abort.aborted) throw gone();
        return tensor;
      });
    },
  };
}

const numbers = (part: string): number[] => (part ? part.split(",").map(Number) : []);
