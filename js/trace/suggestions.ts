/** Heads worth seeing first, of a trace that may have been saved before there were any. */

import type { Meta } from "./description";

const completed = new WeakMap<Meta, Meta>();

/** The same object each time, so that nothing is drawn again. */
export function withSuggestions(meta: Meta): Meta {
  if (Array.isArray(meta.suggestions)) return meta;
  const known = completed.get(meta) ?? { ...meta, suggestions: [] };
  completed.set(meta, known);
  return known;
}
