/** Two passes beside each other: which is shown, and which of their tokens go together. */

import type { ComparisonMeta, Meta } from "./description";
import type { Edit } from "./edits";
import type { AttentionKind, ShownPass } from "./options";

/** An index in each text; null in the one where the token has no partner. */
export type Slot = ComparisonMeta["slots"][number];

/** In the place of edits: the second side, as widget/contrast_lab.py has it. */
export const OTHER_SIDE: Edit[] = [{ edit: "other_side" } as unknown as Edit];

export const isOtherSide = (edits: readonly Edit[]): boolean => edits === OTHER_SIDE;

/** Null where the difference is shown, between the tokens of both. */
export function sideOf(comparison: ComparisonMeta | null, shown: ShownPass): 0 | 1 | null {
  if (!comparison || shown === "difference") return null;
  return shown === "before" ? 0 : 1;
}

/** What is shown of a comparison; else the meta itself. */
export function metaOf(meta: Meta, shown: ShownPass): Meta {
  const side = sideOf(meta.comparison, shown);
  return (side !== null && meta.comparison?.sides[side]) || meta;
}

/** The slots of what the queries are of, of the keys, or of what a model predicts. */
export function slotsOf(
  { slots, target_slots: targets }: ComparisonMeta,
  of: "queries" | "keys" | "read",
  kind: AttentionKind,
): readonly Slot[] {
  const isOfText =
    of === "read" ? false : kind === "encoder" || (kind === "cross" && of === "keys");
  return isOfText ? slots : (targets ?? slots);
}

/** How many tokens of each side stand alone. */
export const countAlone = ({ slots }: ComparisonMeta): [number, number] => [
  slots.filter(([, other]) => other === null).length,
  slots.filter(([one]) => one === null).length,
];

/** Whether maps of it have places of tokens that only one of two passes has: NaN. */
export const lacksTokens = ({ comparison }: Pick<Meta, "comparison">): boolean =>
  comparison !== null && !isWhole(comparison);

/** Whether each token goes with the one that has its index. */
export const isWhole = ({ slots, target_slots: targets }: ComparisonMeta): boolean =>
  [...slots, ...(targets ?? [])].every(([one, other]) => one === other);
