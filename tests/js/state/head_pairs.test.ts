/** Heads of several layers: how the list begins, grows, shrinks and ends. */

import { afterEach, describe, expect, it } from "vitest";
import {
  chooseHead,
  chooseKind,
  isChosen,
  showHeads,
  showLayer,
} from "../../../js/state/choose_head";
import { addPair, MOST_PAIRS, removePair } from "../../../js/state/head_pairs";
import { areSideBySide, shownHeads } from "../../../js/state/shown_heads";
import { attentionOf, type Connected, connected, layerOf, metaOf } from "../helpers/state";

let widget: Connected | undefined;
afterEach(() => widget?.controller.abort());

const meta = metaOf("a b", {
  attention: [
    ...attentionOf([layerOf(9), layerOf(9), null, layerOf(4)]),
    ...attentionOf([layerOf(2)], "decoder"),
  ],
});

function open(change: Parameters<typeof connected>[0]) {
  widget = connected({ meta, ...change });
  return widget.state;
}
const click = (state: Connected["state"], layer: number, head: number, several = true) =>
  chooseHead(state, { kind: "encoder", layer, head }, several);
const now = ({ head_pairs, layer, heads }: Connected["state"]) => [
  head_pairs.value.map((pair) => pair.join(".")).join(),
  layer.value,
  heads.value,
];

describe("a click that adds", () => {
  it("of another layer begins a list with the heads that were chosen, and takes the focus", () => {
    const state = open({ heads: [2, 5] });
    click(state, 1, 3);
    expect(now(state)).toEqual(["0.2,0.5,1.3", 1, [3]]);
    expect(widget?.host.saved).toHaveLength(1);
    expect(areSideBySide(state)).toBe(true);
    for (const [layer, head] of [
      [0, 2],
      [0, 5],
      [1, 3],
    ] as const) {
      expect(isChosen(state, { kind: "encoder", layer, head })).toBe(true);
    }
    expect(isChosen(state, { kind: "encoder", layer: 1, head: 2 })).toBe(false);
    expect(isChosen(state, { kind: "decoder", layer: 1, head: 3 })).toBe(false);
  });

  it("of the same layer adds to its heads, while there is no list", () => {
    const state = open({ heads: [2] });
    click(state, 0, 1);
    expect(now(state)).toEqual(["", 0, [1, 2]]);
  });

  it("takes a head away that is there; of one that is left there is no list", () => {
    const state = open({ heads: [2] });
    click(state, 1, 3);
    click(state, 1, 4);
    click(state, 0, 2);
    expect(now(state)).toEqual(["1.3,1.4", 1, [4]]);
    click(state, 1, 4); // the one in focus
    expect(now(state)).toEqual(["", 1, [3]]);
  });

  it("goes there alone where no head or too many were chosen, and where the kind is another", () => {
    const state = open({ heads: [] });
    click(state, 1, 3);
    expect(now(state)).toEqual(["", 1, [3]]);
    showHeads(state, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    click(state, 3, 2);
    expect(now(state)).toEqual(["", 3, [2]]);
    click(state, 0, 2);
    chooseHead(state, { kind: "decoder", layer: 0, head: 1 }, true);
    expect(now(state)).toEqual(["", 0, [1]]);
    expect(state.attention_kind.value).toBe("decoder");
  });

  it("puts a ninth in the place of the first", () => {
    const state = open({ heads: [0] });
    for (let head = 0; head < MOST_PAIRS; head++) addPair(state, { layer: 1, head });
    expect(state.head_pairs.value).toHaveLength(MOST_PAIRS);
    expect(state.head_pairs.value[0]).toEqual([1, 0]);
    addPair(state, { layer: 1, head: 4 }); // which is there
    expect(state.head_pairs.value).toHaveLength(MOST_PAIRS);
  });
});

describe("the list", () => {
  it.each([
    ["a plain click", (state: Connected["state"]) => click(state, 3, 1, false), [3, [1]]],
    ["a layer", (state: Connected["state"]) => showLayer(state, 0), [0, [3]]],
    ["heads", (state: Connected["state"]) => showHeads(state, [7]), [1, [7]]],
  ])("ends with %s", (_, act, place) => {
    const state = open({
      layer: 1,
      heads: [3],
      head_pairs: [
        [0, 2],
        [1, 3],
      ],
    });
    act(state);
    expect(now(state)).toEqual(["", ...place]);
    expect(widget?.host.saved).toHaveLength(1);
  });

  it("keeps the focus where another head leaves it", () => {
    const state = open({
      layer: 3,
      heads: [1],
      head_pairs: [
        [0, 2],
        [1, 3],
        [3, 1],
      ],
    });
    removePair(state, { layer: 1, head: 3 });
    expect(now(state)).toEqual(["0.2,3.1", 3, [1]]);
  });

  it("shows none that the attention does not have", () => {
    const state = open({
      heads: [0],
      head_pairs: [
        [0, 1],
        [0, 8],
        [3, 3],
        [1, 0],
      ],
    });
    chooseKind(state, "decoder");
    expect(shownHeads(state)).toEqual([{ layer: 0, head: 1 }]);
    expect(areSideBySide(state)).toBe(false);
  });
});
