/** Every shortcut there is: the list that `?` shows. The tests hold it against the handlers. */

import type { Views } from "../panel/panels";
import { ARROWS, type ShortcutList } from "../panel/shortcuts";
import { DOES, PLACES } from "./texts/shortcuts";

const EVERYWHERE: ShortcutList = {
  where: PLACES.everywhere,
  shortcuts: [
    { keys: ["?"], does: DOES.help },
    { keys: ["Tab"], does: DOES.next },
  ],
};

const SENTENCE: ShortcutList = {
  where: PLACES.sentence,
  shortcuts: [
    { keys: ["Enter"], does: DOES.run },
    { hold: "Shift", keys: ["Enter"], does: DOES.newLine },
    { keys: ["Escape"], does: DOES.revert },
  ],
};

const LAYERS: ShortcutList = {
  where: PLACES.layers,
  shortcuts: [
    { keys: ARROWS, does: DOES.otherLayer },
    { keys: ["Home", "End"], does: DOES.endLayer },
  ],
};

const HEADS: ShortcutList = {
  where: PLACES.heads,
  shortcuts: [
    { keys: ARROWS, does: DOES.otherHead },
    { keys: ["Home", "End"], does: DOES.endHead },
    { hold: "Shift", keys: ARROWS, does: DOES.addHead },
    { hold: "Control", keys: ARROWS, does: DOES.walkHeads },
    { keys: [" "], does: DOES.toggleHead },
  ],
};

/** Of several views alike. */
const LISTS: ShortcutList = {
  where: PLACES.lists,
  shortcuts: [
    { keys: ["ArrowUp", "ArrowDown"], does: DOES.otherToken },
    { keys: ["Home", "End"], does: DOES.endToken },
    { keys: ["Enter", " "], does: DOES.toggleToken },
    { keys: ["Escape"], does: DOES.letGo },
  ],
};

export function shortcutsOf(views: Views): readonly ShortcutList[] {
  const own = Object.values(views).flatMap(({ shortcuts }) => shortcuts ?? []);
  return [EVERYWHERE, SENTENCE, LAYERS, HEADS, LISTS, ...own];
}
