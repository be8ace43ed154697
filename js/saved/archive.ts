/** What a saved page carries: blocks of compressed bytes, read when they are wanted. */

import { fromBase64 } from "../browser/base64";
import type { StepName } from "../trace/calculation";
import { OTHER_SIDE } from "../trace/comparison";
import type { NotFinite, Reason, State } from "../trace/contract";
import { jsonOf } from "../trace/edits";
import type { Exactness } from "../trace/exactness";
import type { AttentionKind } from "../trace/options";
import type { AnswerTo, Question } from "../trace/questions";

/** As in export/archive.py. */
export const FORMAT = 4;

/** Before the one of now: it had no atlas, and no options of it. */
const BEFORE_ATLAS = 3;
const NO_ATLAS = {
  atlas_summary: null,
  atlas_sort: false,
  atlas_label: "all",
  atlas_across: null,
  atlas_up: null,
} as const satisfies Partial<State>;

export type Entry =
  | { as: "plain"; dtype: "float32" | "int32" | "uint8"; shape: number[]; block: number }
  | { as: "rows"; shape: number[]; block: number }
  | { as: "axes"; shape: number[]; step: number; block: number }
  | MapsEntry;

export interface MapsEntry {
  as: "maps";
  /** head, query, key */
  shape: number[];
  /** Of each head in which form and which block; null for one that is not held. */
  maps: (["levels" | "plain", number] | null)[];
  special: number[];
  fine: number[];
}

/** What makes the logits of queries and keys: all that is visible, or they are kept themselves. */
export interface ScoresEntry {
  scale: number | NotFinite;
  logits: "scores" | "kept";
}

/** What makes the steps of a calculation: the numbers, and which vectors enter the product. */
export interface CalculationEntry {
  scale: number | NotFinite;
  softcap: number | null;
  q: StepName;
  k: StepName;
}

/** In which blocks an atlas is. */
export interface AtlasEntry {
  overview: number;
  /** The tokens of all texts, each text once. */
  texts: number;
  /** By kind and layer; a layer whose examples had no room is missing. */
  layers: Readonly<Record<string, number>>;
}

/** Heads held of each layer of each kind of attention. */
export type Held = { readonly [K in AttentionKind]?: { readonly [layer: string]: number[] } };

export interface Manifest {
  state: State;
  held: Held;
  entries: Readonly<Record<string, Entry>>;
  scores: Readonly<Record<string, ScoresEntry>>;
  calculations: Readonly<Record<string, CalculationEntry>>;
  /** How far numbers may be from the trace's; those that are not named are as they are there. */
  error: Partial<Exactness>;
  /** What the model was asked. */
  answers: readonly (readonly [Question, KeptAnswer, side?: number])[];
  /** In which blocks the atlas is; null where there is none. */
  atlas: AtlasEntry | null;
  blocks: number;
}

/** Before the names of what is of the pass with the edits of the state. */
const AFTER = "after//";

/**
 * The name of an entry of that pass, of the difference it makes, or of the pass without edits; null
 * of one that is not here.
 */
export function entryName({ state }: Manifest, key: string): string | null {
  const edits = state.meta.comparison ? OTHER_SIDE : state.edits;
  const [, shown] = /^(after|difference)\//.exec(key) ?? [];
  if (!shown) return key;
  const whole = `${shown}/${jsonOf(edits)}/`;
  return key.startsWith(whole) ? `${shown}//${key.slice(whole.length)}` : null;
}

/** Whether the pass with edits is here too. */
export const hasAfter = ({ entries }: Manifest): boolean =>
  Object.keys(entries).some((key) => key.startsWith(AFTER));

/** Whether the attention of a window is here. */
export const hasWindow = ({ entries }: Manifest, window: number): boolean =>
  Object.keys(entries).some((name) => name.startsWith(`window/${window}/attention/`));

/** Whether the attention of a layer is here, of any pass. */
export const hasLayer = ({ entries }: Manifest, kind: string, layer: number): boolean => {
  const wanted = `attention/${kind}/${layer}`;
  return Object.keys(entries).some((name) => name === wanted || name.endsWith(`/${wanted}`));
};

export type KeptAnswer =
  | { answer: AnswerTo<Question> }
  | { error: string; refused?: true; reason?: Reason };

export interface Archive {
  readonly manifest: Manifest;
  /** Rejects when it is damaged. */
  bytes(block: number): Promise<Uint8Array>;
}

/** A page that cannot be read, and why. */
export class Unreadable extends Error {
  constructor(
    readonly why: "incomplete" | "damaged" | "version",
    readonly found: string = "",
  ) {
    super(why);
  }
}

export async function openArchive(document: Document): Promise<Archive> {
  const textOf = (id: string) => document.getElementById(id)?.textContent ?? null;
  const described = textOf("aw-export");
  if (described === null) throw new Unreadable("incomplete");
  const { format, blocks } = parsed(described) as { format?: unknown; blocks?: unknown };
  if (format !== FORMAT && format !== BEFORE_ATLAS) throw new Unreadable("version", String(format));
  if (textOf("aw-end") === null) throw new Unreadable("incomplete");

  async function bytes(number: number): Promise<Uint8Array> {
    const text = textOf(`aw-block-${number}`);
    if (text === null) throw new Unreadable("incomplete");
    try {
      return await inflate(fromBase64(text));
    } catch {
      throw new Unreadable("damaged"); // why a stream is malformed tells a person nothing
    }
  }
  const read = parsed(new TextDecoder().decode(await bytes(0))) as Manifest;
  if (read.blocks !== blocks) throw new Unreadable("damaged");
  const manifest =
    format === BEFORE_ATLAS
      ? { ...read, state: { ...NO_ATLAS, ...read.state }, atlas: null }
      : read;
  return { manifest, bytes: (block) => bytes(block + 1) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable("damaged");
  }
}

/** Of a zlib stream; its check sum is checked. */
export async function inflate(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
