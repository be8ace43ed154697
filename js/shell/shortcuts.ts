/** Every shortcut there is: the list that `?` shows. The tests hold it against the handlers. */

import type { Views } from "../panel/panels";
import { ARROWS, ENDS, PAGES, type ShortcutList } from "../panel/shortcuts";
import { DOES, PLACES } from "./texts/shortcuts";

const EVERYWHERE: ShortcutList = {
  where: PLACES.everywhere,
  shortcuts: [
    { keys: ["?"], does: DOES.help },
    { keys: ["h", "H"], does: DOES.nextHead },
    { keys: ["l", "L"], does: DOES.nextLayer },
    { keys: ["n"], does: DOES.suggest },
    { keys: ["x", "X"], does: DOES.leaveOut },
    { keys: ["f"], does: DOES.full },
    { keys: ["Tab"], does: DOES.next },
    { keys: ["Escape"], does: DOES.leave },
    { keys: ["v", "V"], does: DOES.nextView },
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

const HEADS: ShortcutList = {
  where: PLACES.heads,
  shortcuts: [
    { keys: ARROWS, does: DOES.otherHead },
    { keys: ENDS, does: DOES.endHead },
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
    { keys: ENDS, does: DOES.endToken },
    { keys: PAGES, does: DOES.page },
    { keys: ["Enter", " "], does: DOES.toggleToken },
  ],
};

/** Of an atlas alone: without those of a text, and of several views. */
export function shortcutsOfAtlas({ atlas }: Pick<Views, "atlas">): readonly ShortcutList[] {
  const others = [DOES.suggest, DOES.leaveOut, DOES.nextView];
  const shortcuts = EVERYWHERE.shortcuts.filter(({ does }) => !others.includes(does as never));
  return [{ ...EVERYWHERE, shortcuts }, ...(atlas.shortcuts ? [atlas.shortcuts] : [])];
}

export function shortcutsOf(views: Views): readonly ShortcutList[] {
  const own = Object.values(views).flatMap(({ shortcuts }) => shortcuts ?? []);
  return [EVERYWHERE, SENTENCE, HEADS, LISTS, ...own];
}
