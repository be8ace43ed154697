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
import { readKeptAnswers } from "./kept_answers";
import { Malformed } from "./malformed";

const FORMAT = 1;

/** In the notebook they are a third more. */
export const MAX_KEPT_BYTES = 16 * 2 ** 20;
/** Of what was told of an atlas, besides. */
export const MAX_ANSWERS_BYTES = 4 * 2 ** 20;

export { Malformed };

interface Held {
  tensors(run: number): readonly (readonly [string, Tensor])[];
  /** Told of an atlas, by the name of the question. */
  answers?(): readonly (readonly [string, unknown])[];
}

/** Of each trait's object those who hold tensors: a widget may be shown in several places. */
const holders = new WeakMap<Kept, Set<Held>>();

/** From now on the notebook can keep what `held` gives, first come first served. */
export function keepInNotebook(host: Host, held: Held, abort: AbortSignal): void {
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
  const answers: Record<string, unknown> = {};
  let left = MAX_KEPT_BYTES;
  let leftForAnswers = MAX_ANSWERS_BYTES;
  for (const held of all) {
    for (const [name, answer] of held.answers?.() ?? []) {
      const size = JSON.stringify(answer).length;
      if (Object.hasOwn(answers, name) || size > leftForAnswers) continue;
      leftForAnswers -= size;
      answers[name] = answer;
    }
    for (const [key, { shape, data }] of held.tensors(run)) {
      if (Object.hasOwn(tensors, key) || data.byteLength > left) continue;
      left -= data.byteLength;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      tensors[key] = { dtype: dtypeOf(data), shape: [...shape], data: toBase64(bytes) };
    }
  }
  return { format: FORMAT, run, tensors, ...(Object.keys(answers).length && { answers }) };
}

export interface FromNotebook {
  tensors: Map<string, Tensor>;
  answers: Map<string, unknown>;
}

/** What was kept; nothing where nothing was. Throws a Malformed. */
export function readKept(kept: unknown, meta: Meta): FromNotebook {
  const found = new Map<string, Tensor>();
  const archive = isObject(kept) ? kept.archive : undefined;
  if (archive === undefined) return { tensors: found, answers: new Map() };
  if (!isObject(archive)) throw new Malformed("it is no archive");
  const { format, run, tensors, answers } = archive;
  if (format !== FORMAT) throw new Malformed(`format ${String(format)}; known: ${FORMAT}`);
  if (run !== meta.run) throw new Malformed(`it is of run ${String(run)}, not ${meta.run}`);
  if (!isObject(tensors)) throw new Malformed("it has no tensors");
  for (const [key, value] of Object.entries(tensors)) found.set(key, tensorOf(key, value, meta));
  return { tensors: found, answers: readKeptAnswers(answers) };
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
