/** How the model tells positions apart: position × dimension, and position × position. */

import { batch } from "@preact/signals-core";
import { h, select, showWords } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { inksOf } from "../../draw/inks";
import { drawLegend, type LegendItem } from "../../draw/legend";
import { ARROWS, ENDS, PAGES } from "../../panel/shortcuts";
import type { Pane, Savable, View } from "../../panel/view";
import { heatMap } from "../../plane/heat_map";
import { DOES } from "../../shell/texts/shortcuts";
import { watch } from "../../state/app_state";
import { letGo, toggleToken } from "../../state/selecting";
import { ungrouped } from "../../state/ungrouped";
import { positionData } from "./data";
import { pairsPicture, tablePicture } from "./pictures";
import { POSITION_KEYS, POSITIONS } from "./texts";
import { formulaOf, nameOf, noteOf } from "./words";

export const positions: View = {
  texts: POSITIONS,
  needs: { tensors: ["position_table", "position_pairs"], called: POSITIONS.needs },
  shortcuts: {
    where: POSITION_KEYS.where,
    shortcuts: [
      { keys: ARROWS, does: DOES.otherCell },
      { keys: ENDS, does: DOES.endCell },
      { keys: PAGES, does: DOES.page },
      { keys: ["Enter", " "], does: POSITION_KEYS.selectRow },
      { keys: ["Enter", " "], does: POSITION_KEYS.selectPair },
      { keys: ["+", "-"], does: DOES.zoom },
      { keys: ["0"], does: DOES.fit },
    ],
  },
  isWide: () => true,
  mount,
};

const GAP = 28;

function mount({ element, source, abort, tell, drawEachFrame, ...frame }: Pane): Savable {
  const state = ungrouped(frame.state); // positions are those of tokens
  const { say } = state;
  const data = positionData(state, source, abort);
  const formula = h("p", { class: "aw-positions-formula" });
  const pane = { element, state, abort, drawEachFrame };
  const letGoHere = () => letGo(state);
  const hover = (query: number | null, key: number | null) => {
    if (query !== null) state.hovered.value = { token: query, as: "query" };
    else {
      const isKey = key !== null && state.sides.peek().same;
      state.hovered.value = isKey ? { token: key, as: "key" } : null;
    }
  };
  /** Of the selected query the key at a distance; else the first two tokens that are so far apart. */
  function pickDistance(row: number): void {
    const n = ((data.table.peek()?.rows ?? 1) + 1) / 2;
    const distance = row + 1 - n;
    const own = (state.selected.peek() ?? n) - distance;
    const query = own >= 0 && own < n ? own + distance : Math.max(0, distance);
    pickPair(query, query - distance);
  }
  const pickPair = (query: number | null, key: number | null) =>
    batch(() => {
      if (query !== null && query !== state.selected.peek()) toggleToken(state, query, "query");
      const isKey = state.sides.peek().same; // in cross-attention keys are other tokens
      if (isKey && key !== null && key !== state.selectedKey.peek()) toggleToken(state, key, "key");
    });
  const table = heatMap(pane, () => tablePicture(state, data), {
    label: () => say(data.isOfDistance() ? POSITIONS.distances : POSITIONS.table),
    pick(row) {
      if (row === null) return;
      if (data.isOfDistance()) pickDistance(row);
      else if (!data.isBias()) toggleToken(state, row, "query");
      else if ((data.way.peek()?.meta.n_heads ?? 0) > 1) state.heads.value = [row];
    },
    hover: (row) => data.isBias() || data.isOfDistance() || hover(row, null),
    escape: letGoHere,
  });
  const pairs = heatMap(pane, () => pairsPicture(state, data), {
    label: () => say(POSITIONS.pairs),
    pick: pickPair,
    hover,
    escape: letGoHere,
  });
  const pictures = h("div", { class: "aw-positions" }, table.element, pairs.element);
  frame.body.append(formula, pictures);

  watch(abort, () => {
    const { value: ways } = data.ways;
    const names = ways.map(({ meta }, at) => [String(at), say(nameOf(meta))] as const);
    const list = select(say(POSITIONS.which), names, abort, (at) => {
      data.chosen.value = Number(at);
    });
    list.set(String(Math.min(data.chosen.peek(), Math.max(0, ways.length - 1))));
    frame.controls.replaceChildren(...(ways.length > 1 ? [list.element] : []));
  });
  watch(abort, () => showWords(formula, formulaOf(state, data)));
  const legend = (): LegendItem[] => {
    const shown = [tablePicture(state, data), pairsPicture(state, data)].flatMap(
      (one) => one ?? [],
    );
    const ink = inksOf(element, state.dark.value);
    const empty = { colour: ink.paper, hatch: ink.soft, label: say(POSITIONS.unseen) };
    const isEmpty = data.isBias() && data.table.value?.data.some(Number.isNaN);
    return [...shown.flatMap(({ colours }) => colours.legend), ...(isEmpty ? [empty] : [])];
  };
  watch(abort, () => drawLegend(frame.legend, legend()));
  watch(abort, () => {
    pictures.hidden = !data.hasNumbers.value;
  });
  tell(() => {
    const { pending, error } = data.status.value;
    const linesAt = (map: typeof table, picture: typeof tablePicture) => {
      const { value: place } = map.place;
      return place ? (picture(state, data)?.says(place.query, place.key) ?? []) : [];
    };
    const said = [...linesAt(table, tablePicture), ...linesAt(pairs, pairsPicture)];
    const isWaiting = pending && data.hasNumbers.value && data.table.value === null;
    return {
      note: isWaiting ? null : said.length ? said.join(" · ") : noteOf(state, data),
      pending,
      error,
    };
  });

  return {
    figure() {
      const shown = [table.figure(), pairs.figure()].flatMap((each) => each ?? []);
      if (!shown.length) return null;
      let x = 0;
      const marks = shown.map((each) => {
        const group = svg("g", { transform: `translate(${x} 0)` }, ...each.marks);
        x += each.width + GAP;
        return group;
      });
      const height = Math.max(...shown.map((each) => each.height));
      return { width: x - GAP, height, marks, legend: legend() };
    },
    subject: () => ({
      of: "tokens",
      layer: state.layer.value,
      heads: data.isBias() ? state.activeHeads.value.slice(0, 1) : [],
      how: "each",
    }),
  };
}
