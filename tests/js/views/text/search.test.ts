import { describe, expect, it } from "vitest";
import { matchesOf, searchable, unitsOfMatch } from "../../../../js/views/text/search";

/** Units are parted by `|`; blanks at their start lie before them. */
const textOf = (units: string) =>
  searchable(
    units.split("|").flatMap((unit, index) => {
      const [, lead = "", text = ""] = /^(\s*)(.*)$/s.exec(unit) ?? [];
      return [
        { text: lead, unit: -1 },
        { text, unit: index },
      ];
    }),
  );

const found = (units: string, query: string) => matchesOf(textOf(units), query).map(unitsOfMatch);

describe("a search", () => {
  it("finds every place, whatever the case", () => {
    expect(found("The| the|me| other", "the")).toEqual([[0], [1], [3]]);
  });

  it("goes across units and any white space", () => {
    expect(found("no|vel|\n ideas| novel", "NOVEL idea")).toEqual([[0, 1, 2]]);
    expect(found("a| b| a| b", "a b")).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it.each([
    ["café", "cafe"],
    ["cafe", "café"],
    ["cafe\u0301", "café"],
    ["Đường", "duong"],
    ["Ёлка", "елка"],
    ["ﬁne", "fine"],
    ["الكِتَابُ", "الكتاب"],
    ["naïve", "NAIVE"],
  ])("finds in %s what is written %s", (text, query) => {
    expect(found(`x| ${text}| y`, query)).toEqual([[1]]);
  });

  it("takes what is searched for as text, and blanks as nothing", () => {
    expect(found("a.c| abc", "a.c")).toEqual([[0]]);
    expect(found("a| b", "")).toEqual([]);
    expect(found("a| b", "  ")).toEqual([]);
    expect(found("a| b", "\u0301")).toEqual([]);
    expect(found("aaa", "aa")).toEqual([[0]]); // matches do not overlap
  });
});
