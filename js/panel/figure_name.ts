/** The name of a figure's file: another one for another model, layer, head, token or text. */

import type { PictureSubject } from "../language/picture_subject";
import { rangesOf } from "../language/ranges";
import type { AppState } from "../state/app_state";

const LONGEST = { model: 40, heads: 24, label: 16, text: 32 };

/** Only what every file system takes. */
export function figureName(
  state: AppState,
  view: string,
  { of, layer, heads, how, pairs = [] }: PictureSubject,
): string {
  const { meta, attention_kind: kind, text, text_pair: pair } = state;
  const given = meta.value.target?.given;
  const { queries, keys } = state.sides.value;
  const parts = [slug(meta.value.model_name, LONGEST.model, "end"), view];
  if (state.pass.value !== null) parts.push(of === "tokens" ? "after" : state.shown_pass.value);
  const { value: measure } = state.measure_shown;
  if (measure && (of === "weights" || of === "model")) parts.push(measure.name);
  if (meta.value.attention.length > 1 && of !== "vectors") parts.push(kind.value);
  if (pairs.length) parts.push(...pairs.map(({ layer, head }) => `L${layer}H${head}`));
  else if (layer !== null) parts.push(`layer-${layer}`);
  if (!pairs.length && heads.length > 1 && how !== "each") parts.push(`${how}-of`);
  if (!pairs.length && heads.length) {
    parts.push(
      `head${heads.length > 1 ? "s" : ""}-${slug(rangesOf(heads, "to", "-"), LONGEST.heads)}`,
    );
  }
  const token = (name: string, row: number | null, { tokens }: typeof queries) => {
    if (row !== null) parts.push(`${name}-${row}-${slug(tokens[row]?.label ?? "", LONGEST.label)}`);
  };
  token("from", state.selected.value, queries);
  token("to", state.selectedKey.value, keys);
  parts.push(slug([text.value, pair.value ?? "", given ?? ""].join(" ").trim(), LONGEST.text));
  return parts.filter(Boolean).join("-").replace(/-+$/, "");
}

/** Words of plain letters; a sum of all the signs stands for those that are left out. */
function slug(words: string, longest: number, kept: "start" | "end" = "start"): string {
  const plain = words.replace(/[^A-Za-z0-9._]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
  const cut = kept === "start" ? plain.slice(0, longest) : plain.slice(-longest);
  const short = cut.replace(/^[-.]+|[-.]+$/g, "");
  const isWhole = short.replaceAll("-", " ") === words || short === words;
  return isWhole ? short : [short, sumOf(words)].filter(Boolean).join("-");
}

/** FNV-1a of the UTF-16 codes, as five letters and digits. */
function sumOf(words: string): string {
  let sum = 0x811c9dc5;
  for (let place = 0; place < words.length; place++) {
    sum = Math.imul(sum ^ words.charCodeAt(place), 0x01000193) >>> 0;
  }
  return sum.toString(36).padStart(7, "0").slice(-5);
}
