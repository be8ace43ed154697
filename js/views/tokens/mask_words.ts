/** A mask in words, from what Python found in it. */

import { fixed, type Say } from "../../language/say";
import type { LayerMeta, MaskMeta } from "../../trace/contract";
import { MASK } from "./mask_texts";

/** Its pattern alone, and what that means where it is not plain. */
function wordsOf(mask: MaskMeta, same: boolean, say: Say): [name: string, means?: string] {
  const { before, after } = mask;
  const n = mask.size ?? 0;
  switch (mask.name) {
    case "full":
      return [say(same ? MASK.fullSelf : MASK.full)];
    case "causal":
      return [say(MASK.causal), say(MASK.causalMeans)];
    case "prefix":
      return [say(MASK.prefix, { n }), say(MASK.prefixMeans, { n })];
    case "chunk":
      return after === 0
        ? [say(MASK.chunkCausal, { n })]
        : [say(MASK.chunk, { n }), say(MASK.chunkMeans)];
    case "none":
      return [say(MASK.none)];
    case "other": {
      const share = fixed(100 * mask.share, 1);
      return [say(mask.causal ? MASK.otherCausal : MASK.other, { share })];
    }
    case "window":
      if (after === 0 && before !== null) {
        return [say(MASK.sliding, { n: before + 1 }), say(MASK.slidingMeans, { n: before })];
      }
      if (before !== null && before === after) {
        return [say(MASK.both, { n: before }), say(MASK.bothMeans, { n: before })];
      }
      return [
        say(MASK.window, {
          low: before === null ? say(MASK.first) : signed(-before),
          high: after === null ? say(MASK.last) : signed(after),
        }),
      ];
  }
}

/** What a mask is, and what it hides besides; `same` where queries and keys are the same tokens.
 * `places` give the index in the text of a row. */
export function sentenceOf(
  mask: MaskMeta,
  same: boolean,
  say: Say,
  places: { key: (row: number) => number; query: (row: number) => number },
): string {
  const tokens = rangesOf(mask.hidden, places.key);
  const isFullBut = mask.name === "full" && mask.hidden.length > 0;
  const parts = [
    isFullBut
      ? say(same ? MASK.fullSelfBut : MASK.fullBut, { tokens })
      : wordsOf(mask, same, say).join(": "),
  ];
  if (mask.name !== "none" && mask.name !== "other") {
    if (mask.hidden.length && !isFullBut) parts.push(say(MASK.hidden, { tokens }));
    if (mask.blind.length) {
      parts.push(say(MASK.blind, { tokens: rangesOf(mask.blind, places.query) }));
    }
  }
  return `${parts.join("; ")}.`;
}

/** Which layers have which mask. */
export function layersSentence(
  layers: readonly (LayerMeta | null)[],
  same: boolean,
  say: Say,
): string {
  const groups = new Map<string, number[]>();
  layers.forEach((layer, index) => {
    if (!layer) return;
    const names = [...new Set(layer.masks.map((mask) => wordsOf(mask, same, say)[0]))];
    const name = names.join(" / ") || say(MASK.unknownShort);
    groups.set(name, [...(groups.get(name) ?? []), index]);
  });
  if (groups.size === 1) {
    const [members = []] = groups.values();
    return say(MASK.everyLayer, { n: members.length });
  }
  const parts = [...groups].map(([name, members]) =>
    say(MASK.layers, {
      n: members.length,
      layers: rangesOf(members.map((index) => [index, index + 1])),
      name,
    }),
  );
  return `${parts.join("; ")}.`;
}

const signed = (number: number) => (number < 0 ? `−${-number}` : `+${number}`);

const LISTED = 6;

/** "0–3, 7": neighbours joined, and no more than a reader wants. */
export function rangesOf(
  stretches: readonly (readonly number[])[],
  place: (row: number) => number = (row) => row,
): string {
  const joined: [number, number][] = [];
  for (const [start = 0, stop = 0] of stretches) {
    const last = joined[joined.length - 1];
    if (last && last[1] === start) last[1] = stop;
    else joined.push([start, stop]);
  }
  const words = joined.slice(0, LISTED).map(([start, stop]) => {
    const [first, last] = [place(start), place(stop - 1)];
    return first === last ? `${first}` : `${first}–${last}`;
  });
  return words.join(", ") + (joined.length > LISTED ? ", …" : "");
}
