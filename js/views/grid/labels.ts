/** Where the grid says what heads are called: below a picture by name, in a corner by a letter. */

import { textWidth } from "../../draw/text_width";
import { LETTERS } from "../../language/labels";
import { LABEL_NAMES } from "../../language/texts/labels";
import { isPattern, LABELS } from "../../measures/detectors";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import type { LabelName } from "../../trace/contract";
import { TINY } from "./cells";
import type { GridData } from "./data";

/** Between a name and the number beside it, and around both. */
const ROOM = 6;

/** A smaller picture would be hidden by a letter. */
const LEAST = { size: 12, wide: 16 };

export function gridLabels(state: AppState, data: GridData) {
  const { say, numbers } = state;
  const { value: labels } = data.labels;
  const { value: cells } = data.cells;
  const { value: filter } = data.filter;
  const isShown = data.hasLabels.value && !filter;
  const hasCorner =
    isShown && data.hasPictures.value && cells.size >= LEAST.size && cells.wide >= LEAST.wide;
  const nameOf = (head: Head) => (isShown ? labels(head)?.name : undefined);

  /** As its name or its letter, whichever has room beside the number; empty for none. */
  function below(head: Head, number: string): string {
    const name = nameOf(head);
    if (!name || !cells.caption) return "";
    const room = cells.wide - (number ? textWidth(number, TINY) + 2 * ROOM : ROOM);
    const written = [say(LABEL_NAMES[name]), LETTERS[name]];
    return written.find((each) => textWidth(each, TINY) <= room) ?? "";
  }

  return {
    below,
    /** Patterns alone: the others are most heads of many a model. */
    corner(head: Head): string {
      const name = nameOf(head);
      const isBelow = cells.caption > 0 && !data.isListed.value;
      return name && hasCorner && !isBelow && isPattern(name) ? LETTERS[name] : "";
    },
    /** Of the label that all shown heads have. */
    scoreOf(head: Head): string {
      return filter ? numbers.summary(labels(head)?.score ?? Number.NaN, 2) : "";
    },
  };
}

/** What the letters stand for that some head is called by. */
export function lettersShown(state: AppState, data: GridData): { letter: string; name: string }[] {
  const { corner, below } = gridLabels(state, data);
  const used = new Set<LabelName>();
  for (const head of data.heads.value) {
    const name = data.labels.value(head)?.name;
    const isLetter = name && [corner(head), below(head, "")].includes(LETTERS[name]);
    if (isLetter) used.add(name);
  }
  return LABELS.filter((name) => used.has(name)).map((name) => ({
    letter: LETTERS[name],
    name: state.say(LABEL_NAMES[name]),
  }));
}
