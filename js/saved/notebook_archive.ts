/**
 * What a notebook keeps of the widget when it saves the state of its widgets: the tensors that
 * have come, to draw from where no kernel is.
 *
 * The trait `kept` is empty in Python. Here its object gets a getter, read by the notebook when it
 * copies the state to save it, and by nobody else: nothing is packed before, and nothing is sent.
 */

import { fromBase64, toBase64 } from "../browser/base64";
import { onAbort } from "../browser/dom";
import { matchesKey } from "../trace/check";
import type { Kept, KeptTensor, KeptTensors, Meta } from "../trace/contract";
import { decode, dtypeOf, type Tensor } from "../trace/tensor";
import { type Host, listen } from "../transport/host";

const FORMAT = 1;

/** In the notebook they are a third more. */
export const MAX_KEPT_BYTES = 16 * 2 ** 20;

/** What stands in the notebook is not what a widget left there. */
export class Malformed extends Error {}

type Held = (run: number) => readonly (readonly [string, Tensor])[];

/** Of each trait's object those who hold tensors: a widget may be shown in several places. */
const holders = new WeakMap<Kept, Set<Held>>();

/** From now on the notebook can keep what `held` gives, first come first served. */
export function keepTensors(host: Host, held: Held, abort: AbortSignal): void {
  let kept: Kept | undefined;
  const leave = () => kept && holders.get(kept)?.delete(held);
  const install = () => {
    leave();
    kept = host.get("kept");
    if (!kept || !Object.isExtensible(kept)) return; // a notebook that hands out copies
    const all = holders.get(kept) ?? new Set();
    holders.set(kept, all.add(held));
    Object.defineProperty(kept, "archive", {
      configurable: true,
      enumerable: true,
      get: () => packed(host.get("meta").run, all),
    });
  };
  listen(host, "change:kept", install, abort); // the state was loaded anew, with its object
  install();
  onAbort(abort, leave);
}

function packed(run: number, all: Iterable<Held>): KeptTensors {
  const tensors: Record<string, KeptTensor> = {};
  let left = MAX_KEPT_BYTES;
  for (const held of all) {
    for (const [key, { shape, data }] of held(run)) {
      if (Object.hasOwn(tensors, key) || data.byteLength > left) continue;
      left -= data.byteLength;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      tensors[key] = { dtype: dtypeOf(data), shape: [...shape], data: toBase64(bytes) };
    }
  }
  return { format: FORMAT, run, tensors };
}

/** What was kept; nothing where nothing was. Throws a Malformed. */
export function readKeptTensors(kept: unknown, meta: Meta): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  const archive = isObject(kept) ? kept.archive : undefined;
  if (archive === undefined) return found;
  if (!isObject(archive)) throw new Malformed("it is no archive");
  const { format, run, tensors } = archive;
  if (format !== FORMAT) throw new Malformed(`format ${String(format)}; known: ${FORMAT}`);
  if (run !== meta.run) throw new Malformed(`it is of run ${String(run)}, not ${meta.run}`);
  if (!isObject(tensors)) throw new Malformed("it has no tensors");
  for (const [key, value] of Object.entries(tensors)) found.set(key, tensorOf(key, value, meta));
  return found;
}

function tensorOf(key: string, value: unknown, meta: Meta): Tensor {
  try {
    const { dtype, shape, data } = value as KeptTensor;
    if (!shape.every((axis) => Number.isInteger(axis) && axis >= 0)) throw new Malformed("shape");
    const tensor = decode({ id: 0, dtype, shape }, new DataView(fromBase64(data).buffer));
    if (matchesKey(key, tensor, meta)) return tensor;
  } catch {
    // what exactly is wrong with it helps nobody
  }
  throw new Malformed(`${key.slice(0, 80)} is damaged`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
