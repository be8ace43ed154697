/** The list of predictions that the likeliest one may be compared with. */

import { candidateList } from "../../controls/candidate_list";
import type { AppState } from "../../state/app_state";
import type { Model } from "../../tensors/answer";
import type { AttributionData } from "./data";
import { ATTRIBUTION } from "./texts";

export function compareList(
  state: AppState,
  model: Model,
  { written }: AttributionData,
  abort: AbortSignal,
): HTMLElement {
  return candidateList(
    state,
    {
      label: ATTRIBUTION.compare,
      none: () => state.say(ATTRIBUTION.nothing),
      chosen: state.compared_with,
      candidates: () => {
        const { ids = [], labels = [] } = written.value ?? {};
        return { ids: ids.slice(1), labels: labels.slice(1) };
      },
      labelOfChosen: () => written.value?.other_label ?? "",
      // After an error one can still go back.
      shown: () =>
        model.asks.value && (written.value !== null || state.compared_with.value !== null),
    },
    abort,
  );
}
