import { expect, it } from "vitest";
import type { Meta, Suggestion } from "../../../js/trace/contract";
import { withSuggestions } from "../../../js/trace/suggestions";
import { connected, metaOf } from "../helpers/state";

const one: Suggestion = {
  kind: "encoder",
  layer: 1,
  head: 2,
  query: 3,
  key: 1,
  weight: 0.625,
  specificity: 0.125,
  label: "",
  score: 0,
};
const old = (): Meta => {
  const { suggestions: _, ...rest } = metaOf("a small no|vel .");
  return rest as Meta;
};

it("a description has its suggestions, and one that was saved without has none", () => {
  const meta = metaOf("a small no|vel .", { suggestions: [one] });
  expect(withSuggestions(meta)).toBe(meta);
  const saved = old();
  expect(withSuggestions(saved)).toEqual({ ...saved, suggestions: [] });
  expect(withSuggestions(saved)).toBe(withSuggestions(saved));
});

it("the state of a notebook that was saved without suggestions has none", () => {
  const { state, host } = connected({ meta: old() });
  expect(state.meta.value.suggestions).toEqual([]);
  host.receive({ meta: { ...old(), run: 2 } });
  expect(state.meta.value).toMatchObject({ run: 2, suggestions: [] });
  host.receive({ meta: metaOf("a small no|vel .", { run: 3, suggestions: [one] }) });
  expect(state.meta.value.suggestions).toEqual([one]);
});
