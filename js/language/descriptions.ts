/** What a token tells of itself beyond its text: who spoke it, who chose it, where it lies. */

import { isAtlasAlone } from "../trace/alone";
import type { Meta, TokenMeta } from "../trace/contract";
import { isolated, shortened, unsteered } from "./direction";
import type { Numbers } from "./numbers";
import { quoted } from "./quoted";
import { fixed, type Say } from "./say";
import { DESCRIPTIONS } from "./texts/descriptions";
import { HEADS } from "./texts/heads";

/** How it is said, and how numbers are written. */
export interface Voice {
  readonly say: Say;
  readonly numbers: Numbers;
}

/** What the vocabulary has for a token, or for the pieces of a word; empty where that is plain. */
export const pieceInWords = ({ piece }: TokenMeta, say: Say): string[] =>
  piece === null ? [] : [say(DESCRIPTIONS.piece, { piece: isolated(piece) })];

/** The same of a token that is one of several. */
export const pieceOfNamed = ({ piece, label }: TokenMeta, say: Say): string[] =>
  piece === null
    ? []
    : [say(DESCRIPTIONS.pieceOfNamed, { label: quoted(say, label), piece: isolated(piece) })];

/** In words, one line each. */
export function tokenDetails(token: TokenMeta, { say, numbers }: Voice): string[] {
  const lines = pieceInWords(token, say);
  const { step, probability, time, box, padding } = token;
  if (padding) lines.push(say(DESCRIPTIONS.padding));
  if (step !== null) {
    lines.push(
      probability === null
        ? say(DESCRIPTIONS.step, { step })
        : say(DESCRIPTIONS.stepWithProbability, {
            step,
            probability: numbers.share(Number(probability), 0),
          }),
    );
  }
  if (time) lines.push(formatTime(time, say));
  if (box) {
    const [left = 0, top = 0, right = 0, bottom = 0] = box;
    lines.push(say(DESCRIPTIONS.place, { left, top, right, bottom }));
  }
  return lines;
}

export const formatTime = ([start = 0, end = 0]: readonly number[], say: Say): string =>
  say(DESCRIPTIONS.time, { start: fixed(start, 2), end: fixed(end, 2) });

/** Where the messages of a chat begin, and who speaks. */
export function segmentStarts(
  tokens: readonly TokenMeta[],
  roles: readonly string[],
): ReadonlyMap<number, string> {
  if (!roles.length) return NOBODY;
  const known = starts.get(tokens);
  if (known?.roles === roles) return known.found;
  const found = new Map<number, string>();
  let segment: number | null = null;
  tokens.forEach((token, index) => {
    if (token.segment === null || token.segment === segment) return;
    segment = token.segment;
    found.set(index, unsteered(roles[segment] ?? ""));
  });
  starts.set(tokens, { roles, found });
  return found;
}

const NOBODY: ReadonlyMap<number, string> = new Map();
const starts = new WeakMap<
  readonly TokenMeta[],
  { roles: readonly string[]; found: ReadonlyMap<number, string> }
>();

const LONGEST_NAME = 120;

/** The model's name, which may be of any length, in a line. */
export function modelName({ model_name: name }: Meta): string {
  const start = name.slice(0, 2 * LONGEST_NAME + 2); // counting the signs of more takes time
  return shortened(start, (shown) => Array.from(shown).length <= LONGEST_NAME);
}

/** What the header says of the whole trace. */
export const headline = (meta: Meta, say: Say): string =>
  [modelName(meta), countsOf(meta, say), ...paddingOf(meta, say)].join(" · ");

/** How many of its tokens are padding; empty where none is. */
export function paddingOf({ tokens }: Meta, say: Say): string[] {
  const n = tokens.filter(({ padding }) => padding).length;
  return n ? [say(DESCRIPTIONS.ofPadding, { n })] : [];
}

/** The same without the model's name. */
export function countsOf(meta: Meta, say: Say): string {
  if (isAtlasAlone(meta)) return say(HEADS.count, { n: headsOf(meta) });
  const { tokens, target, windows, attention } = meta;
  const stacks = attention.filter(({ kind }) => kind !== "cross");
  const [first, second] = (stacks.length ? stacks : attention).map(({ layers }) => layers.length);
  return [
    second === undefined
      ? say(DESCRIPTIONS.layers, { n: first ?? 0 })
      : say(DESCRIPTIONS.layersOfTwo, { encoder: first ?? 0, decoder: second }),
    target
      ? say(DESCRIPTIONS.twoTexts, { source: tokens.length, target: target.tokens.length })
      : say(DESCRIPTIONS.tokens, { n: tokens.length }),
    ...(windows.length ? [say(DESCRIPTIONS.windows, { n: windows.length })] : []),
    ...(target?.generated ? [say(DESCRIPTIONS.generated)] : []),
  ].join(" · ");
}

const headsOf = ({ attention }: Meta): number =>
  attention.flatMap(({ layers }) => layers).reduce((sum, layer) => sum + (layer?.n_heads ?? 0), 0);

/** Which tokens of a long text a window shows. */
export const windowTitle = (meta: Meta, window: number | null, say: Say): string =>
  window === null ? "" : say(DESCRIPTIONS.window, placeOf(meta, window));

/** The numbers that say where a window stands. */
export function placeOf(meta: Meta, window: number) {
  const places = (meta.windows[window]?.positions ?? []).filter((place) => place !== null);
  return {
    first: places[0] ?? 0,
    last: places[places.length - 1] ?? 0,
    count: meta.tokens.length,
    window: window + 1,
    windows: meta.windows.length,
  };
}

const PATCH_SIZE = 18;

/** A patch of the image, which is the custom property `--aw-image`, in a square. */
export function patchStyle(
  box: readonly number[] | null,
  image: readonly number[] | null,
): string | null {
  if (!box || !image) return null;
  const [left = 0, top = 0, right = 0, bottom = 0] = box;
  const [height = 0, width = 0] = image;
  const [across, down] = [PATCH_SIZE / (right - left), PATCH_SIZE / (bottom - top)];
  const px = (size: number) => `${Math.round(100 * size) / 100}px`;
  return (
    `background-size:${px(width * across)} ${px(height * down)};` +
    `background-position:${px(-left * across)} ${px(-top * down)}`
  );
}
