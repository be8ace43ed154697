/** What helps where most weights are too small to be seen: the other scale, a click away. */

import { button } from "../../browser/dom";
import { type AppState, watch } from "../../state/app_state";
import { shownHeads } from "../../state/shown_heads";
import type { MatrixView } from "./plan";
import { MATRIX } from "./texts";

/** Of so many keys the weights are a hundredth each on average, or less. */
const MANY_KEYS = 100;

export function scaleHint(
  element: HTMLElement,
  state: AppState,
  view: MatrixView,
  abort: AbortSignal,
): void {
  const { say } = state;
  const change = button(say(MATRIX.showLog), {}, abort, () => {
    state.log_colour.value = true;
  });
  element.append(`${say(MATRIX.mostAreSmall)} `, change);
  watch(abort, () => {
    const { log_colour, normalise_rows, isSigned } = state;
    const isPlain = !log_colour.value && !normalise_rows.value && !isSigned.value;
    const hasMaps = shownHeads(state).length > 0;
    element.hidden = !(isPlain && hasMaps && view.plan.value.keys >= MANY_KEYS);
  });
}
