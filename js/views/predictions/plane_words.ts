/** The plane in words: a cell, and how far it is. */

import { quoted } from "../../language/quoted";
import type { AppState } from "../../state/app_state";
import type { Plane } from "../../tensors/lens_plane";
import { cellOf, type LensPlane } from "../../trace/lens_plane";
import { PLANE } from "./plane_texts";

/** What is shown: the pass that is chosen. */
export const shownPlane = (plane: Plane, state: AppState): LensPlane | null =>
  state.edits.value.length && state.shown_pass.value !== "before"
    ? plane.after.value
    : plane.before.value;

export function cellInWords(
  state: AppState,
  plane: Plane,
  layer: number,
  column: number,
  token: string,
): string[] {
  const { say, numbers } = state;
  const shown = shownPlane(plane, state);
  const cell = shown && cellOf(shown, layer, column);
  const place = say(PLANE.place, { token: quoted(say, token), layer });
  if (!cell) return [place, say(PLANE.unread)];
  const share = (p: number) => numbers.share(p, 0);
  const best = say(PLANE.best, { best: quoted(say, cell.best), p: share(cell.p) });
  const of = {
    answer: quoted(say, cell.answer),
    p: share(cell.answerP),
    rank: numbers.fixed(cell.rank, 0),
  };
  const before =
    state.isDifference.value && plane.before.value
      ? cellOf(plane.before.value, layer, column)
      : null;
  if (before) {
    const then = { before: share(before.answerP), rankBefore: numbers.fixed(before.rank, 0) };
    return [place, best, say(PLANE.answerChanged, { ...of, ...then })];
  }
  if (shown === plane.after.value) return [place, best, say(PLANE.answerAfter, of)];
  return [place, best, cell.isAnswer ? say(PLANE.isAnswer) : say(PLANE.answer, of)];
}

/** How far it is; the button beside it stops it or begins it again. */
export function progressInWords(state: AppState, plane: Plane, canAsk: boolean): string {
  const { say } = state;
  const { value: found } = plane.current;
  const { value: isRunning } = plane.isRunning;
  if (!found) return isRunning ? say(PLANE.begins) : "";
  const counts = { done: found.layers.length, of: found.n_layers, n: found.positions.length };
  if (isRunning) return say(PLANE.running, counts);
  if (counts.done === counts.of) return say(PLANE.done, counts);
  return say(canAsk ? PLANE.stopped : PLANE.partial, counts);
}
