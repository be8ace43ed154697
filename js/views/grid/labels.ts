/** Where the grid says what heads are called: below a picture by name, in a corner by a letter. */

import { textWidth } from "../../draw/text_width";
import { LETTERS } from "../../language/labels";
import { LABEL_NAMES } from "../../language/texts/labels";
import { isPattern, LABELS } from "../../measures/detectors";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import { TINY } from "./cells";
import type { GridData } from "./data";

/** Between a name and the number beside it, and around both. */
const ROOM = 6;

/** As wide as a number is, mostly. */
const WIDE = "0.000";

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

  const used = LABELS.filter(
    (name) => isShown && data.heads.value.some((head) => labels(head)?.name === name),
  );
  const isNumbered = data.number.value !== null || data.effectsKnown.value !== null;
  const room = cells.wide - (isNumbered ? textWidth(WIDE, TINY) + 2 * ROOM : ROOM);
  const fits = (text: string) => textWidth(text, TINY) <= room;
  /** Names of all, or letters of all. */
  const areNames = used.every((name) => fits(say(LABEL_NAMES[name])));

  /** Empty where there is no room. */
  function below(head: Head): string {
    const name = nameOf(head);
    if (!name || !cells.caption) return "";
    const written = areNames ? say(LABEL_NAMES[name]) : LETTERS[name];
    return fits(written) ? written : "";
  }

  /** In a corner of its picture. Patterns alone: the others are most heads of many a model. */
  function corner(head: Head): string {
    const name = nameOf(head);
    const isBelow = cells.caption > 0 && !data.isListed.value;
    return name && hasCorner && !isBelow && isPattern(name) ? LETTERS[name] : "";
  }

  return {
    below,
    corner,
    /** What the letters stand for that some head is called by. */
    letters: used.flatMap((name) => {
      const letter = LETTERS[name];
      const has = (head: Head) =>
        labels(head)?.name === name && [corner(head), below(head)].includes(letter);
      return data.heads.value.some(has) ? [{ letter, label: say(LABEL_NAMES[name]) }] : [];
    }),
    /** Of the label that all shown heads have. */
    scoreOf(head: Head): string {
      return filter ? numbers.summary(labels(head)?.score ?? Number.NaN, 2) : "";
    },
  };
}
