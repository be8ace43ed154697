/** What is changed in a pass, in words. */

import type { Edit } from "../trace/edits";
import type { Sides } from "../trace/sides";
import { quoted } from "./quoted";
import type { Say } from "./say";
import { EDITS } from "./texts/edits";

/** "Without head 4 of layer 23", or several of these. */
export const editsInWords = (say: Say, edits: readonly Edit[], sides: Sides): string =>
  edits.map((edit) => editInWords(say, edit, sides)).join("; ");

function editInWords(say: Say, edit: Edit, { queryText, keyText }: Sides): string {
  const n = edit.heads?.length ?? 0;
  const heads = edit.heads?.join(", ") ?? "";
  const layer = edit.layer ?? "";
  if (edit.edit === "head_off") {
    const text = edit.value === "mean" ? EDITS.headsMean : EDITS.headsOff;
    return say(text, { n, heads, layer });
  }
  if (edit.edit === "head_scale") {
    return say(EDITS.headsScaled, { n, heads, layer, factor: String(edit.factor) });
  }
  if (edit.edit === "head_patch") {
    return say(EDITS.headsPatched, { n, heads, layer, text: quoted(say, edit.source) });
  }
  const named = (tokens: readonly number[], text: typeof keyText) =>
    tokens.map((token) => quoted(say, text.tokens[token]?.label ?? String(token))).join(" ");
  const key = named(edit.key, keyText);
  const edge = edit.query
    ? say(EDITS.edge, { query: named(edit.query, queryText), key })
    : say(EDITS.toKey, { key });
  if (edit.layer === null) return edge;
  const where = edit.heads
    ? say(EDITS.ofHeads, { n, heads, layer })
    : say(EDITS.ofLayer, { layer });
  return `${edge} (${where})`;
}
