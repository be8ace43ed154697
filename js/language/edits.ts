/** What is changed in a pass, in words. */

import { isOtherSide } from "../trace/comparison";
import type { EdgeOff, Edit } from "../trace/edits";
import type { Sides } from "../trace/sides";
import { shortened } from "./direction";
import { quoted } from "./quoted";
import type { Say } from "./say";
import { EDITS } from "./texts/edits";

type OfHeads = Exclude<Edit, EdgeOff>;

/** "Without head 4 of layer 23", "Without heads 23.4, 17.3", or several of these. */
/** Nothing for the second side of a comparison, which is no edit. */
export const editsInWords = (say: Say, edits: readonly Edit[], sides: Sides): string =>
  alike(isOtherSide(edits) ? [] : edits)
    .map(([first, ...more]) =>
      first.edit === "edge_off"
        ? edgeInWords(say, first, sides)
        : headsInWords(say, [first, ...(more as OfHeads[])], sides),
    )
    .join("; ");

/** What is done alike to heads of several layers is said once. */
function alike(edits: readonly Edit[]): [Edit, ...Edit[]][] {
  const found = new Map<string, [Edit, ...Edit[]]>();
  edits.forEach((edit, place) => {
    const { layer, heads, ...rest } = edit;
    const name = edit.edit === "edge_off" ? String(place) : JSON.stringify(rest);
    const known = found.get(name);
    if (known) known.push(edit);
    else found.set(name, [edit]);
  });
  return [...found.values()];
}

function headsInWords(say: Say, edits: [OfHeads, ...OfHeads[]], sides: Sides): string {
  const [first, second] = edits;
  const names = edits.flatMap(({ layer, heads }) => heads.map((head) => `${layer}.${head}`));
  const heads = second
    ? { n: names.length, heads: names.join(", ") }
    : { n: first.heads.length, heads: first.heads.join(", "), layer: first.layer };
  const parts = [whatInWords(say, first, second ? SEVERAL : ONE, heads)];
  if (first.tokens) {
    parts.push(say(EDITS.at, { tokens: named(say, first.tokens, sides.queryText) }));
  }
  return parts.join(" ");
}

function whatInWords(
  say: Say,
  edit: OfHeads,
  said: typeof ONE | typeof SEVERAL,
  heads: Record<string, string | number>,
): string {
  if (edit.edit === "head_off") return say(edit.value === "mean" ? said.mean : said.off, heads);
  if (edit.edit === "head_scale") {
    return say(said.scaled, { ...heads, factor: String(edit.factor) });
  }
  return say(said.patched, { ...heads, text: quoted(say, edit.source) });
}

/** Of one layer, or of several. */
const ONE = {
  ...{ off: EDITS.headsOff, mean: EDITS.headsMean },
  ...{ scaled: EDITS.headsScaled, patched: EDITS.headsPatched },
};
const SEVERAL = {
  ...{ off: EDITS.severalOff, mean: EDITS.severalMean },
  ...{ scaled: EDITS.severalScaled, patched: EDITS.severalPatched },
};

/** Tokens by their labels; those of a whole passage by its name. */
export function named(say: Say, tokens: readonly number[], text: Sides["keyText"]): string {
  const passage = text.tokens[tokens[0] ?? -1]?.passage ?? null;
  const isOne = passage !== null && tokens.length > 1;
  if (isOne && tokens.every((token) => text.tokens[token]?.passage === passage)) {
    const size = text.tokens.filter((token) => token.passage === passage).length;
    if (size === tokens.length) {
      return quoted(
        say,
        shortened(passage, (shown) => Array.from(shown).length <= LONGEST_PASSAGE),
      );
    }
  }
  return tokens.map((token) => quoted(say, text.tokens[token]?.label ?? String(token))).join(" ");
}

const LONGEST_PASSAGE = 40; // characters

function edgeInWords(say: Say, edit: EdgeOff, { queryText, keyText }: Sides): string {
  const n = edit.heads?.length ?? 0;
  const heads = edit.heads?.join(", ") ?? "";
  const layer = edit.layer ?? "";
  const key = named(say, edit.key, keyText);
  const edge = edit.query
    ? say(EDITS.edge, { query: named(say, edit.query, queryText), key })
    : say(EDITS.toKey, { key });
  if (edit.layer === null) return edge;
  const where = edit.heads
    ? say(EDITS.ofHeads, { n, heads, layer })
    : say(EDITS.ofLayer, { layer });
  return `${edge} (${where})`;
}
