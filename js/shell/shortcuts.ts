/** Every shortcut there is: the list that `?` shows. The tests hold it against the handlers. */

import type { DOES, PLACES } from "./texts/shortcuts";

export interface Shortcut {
  place: keyof typeof PLACES;
  /** Held down meanwhile. */
  hold?: "Shift" | "Control";
  /** Any of these, by their names in KeyboardEvent. */
  keys: readonly string[];
  does: keyof typeof DOES;
}

const ENDS = ["Home", "End"];
const PAGES = ["PageUp", "PageDown"];
const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

export const SHORTCUTS: readonly Shortcut[] = [
  { place: "everywhere", keys: ["?"], does: "help" },
  { place: "everywhere", keys: ["Tab"], does: "next" },
  { place: "everywhere", keys: ["Escape"], does: "leave" },
  { place: "sentence", keys: ["Enter"], does: "run" },
  { place: "sentence", hold: "Shift", keys: ["Enter"], does: "newLine" },
  { place: "sentence", keys: ["Escape"], does: "revert" },
  { place: "layers", keys: ARROWS, does: "otherLayer" },
  { place: "layers", keys: ENDS, does: "endLayer" },
  { place: "heads", keys: ARROWS, does: "otherHead" },
  { place: "heads", keys: ENDS, does: "endHead" },
  { place: "heads", hold: "Shift", keys: ARROWS, does: "addHead" },
  { place: "heads", hold: "Control", keys: ARROWS, does: "walkHeads" },
  { place: "heads", keys: [" "], does: "toggleHead" },
  { place: "lists", keys: ["ArrowUp", "ArrowDown"], does: "otherToken" },
  { place: "lists", keys: ENDS, does: "endToken" },
  { place: "lists", keys: PAGES, does: "page" },
  { place: "lists", keys: ["Enter", " "], does: "toggleToken" },
  { place: "grid", keys: ARROWS, does: "otherCell" },
  { place: "grid", keys: ENDS, does: "endCell" },
  { place: "grid", hold: "Control", keys: ENDS, does: "endHeadOfAll" },
  { place: "grid", keys: PAGES, does: "page" },
  { place: "grid", keys: [" "], does: "chooseHead" },
  { place: "grid", keys: ["Enter"], does: "openHead" },
  { place: "grid", keys: ["+", "-"], does: "zoom" },
  { place: "grid", keys: ["0"], does: "fit" },
  { place: "matrix", keys: ARROWS, does: "otherCell" },
  { place: "matrix", keys: ENDS, does: "endCell" },
  { place: "matrix", keys: PAGES, does: "page" },
  { place: "matrix", hold: "Shift", keys: ARROWS, does: "otherMap" },
  { place: "matrix", keys: ["Enter", " "], does: "selectCell" },
  { place: "matrix", keys: ["+", "-"], does: "zoom" },
  { place: "matrix", keys: ["0"], does: "fit" },
  { place: "mask", keys: ARROWS, does: "otherPair" },
  { place: "mask", keys: ENDS, does: "endKey" },
  { place: "text", keys: ARROWS, does: "otherUnit" },
  { place: "text", keys: ENDS, does: "endUnit" },
  { place: "text", keys: ["Enter", " "], does: "pin" },
  { place: "text", hold: "Shift", keys: ["Enter"], does: "pinMore" },
  { place: "text", keys: ["Escape"], does: "unpin" },
];
