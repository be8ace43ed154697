/** Of which predictions effects are: lists in the options of the grid. */

import { candidateList } from "../../controls/candidate_list";
import { CANDIDATES } from "../../language/texts/candidates";
import type { AppState } from "../../state/app_state";
import type { GridData } from "./data";
import { GRID_CANDIDATES } from "./texts";

const NONE = { ids: [], labels: [] };

export function effectCandidates(
  state: AppState,
  data: GridData,
  abort: AbortSignal,
): HTMLElement[] {
  const { say } = state;
  const known = () => data.ranking.known.value;
  const isShown = () => data.showsEffects.value && known()?.of !== "states";
  const candidates = () => known()?.candidates ?? NONE;
  const token = candidateList(
    state,
    {
      label: GRID_CANDIDATES.token,
      none: () => say(CANDIDATES.likeliest),
      chosen: state.effect_token,
      candidates,
      labelOfChosen: () => known()?.label ?? "",
      shown: () => isShown() && state.effect_of.value !== "loss",
    },
    abort,
  );
  const other = candidateList(
    state,
    {
      label: GRID_CANDIDATES.other,
      none: () => say(CANDIDATES.next),
      chosen: state.effect_other,
      candidates,
      labelOfChosen: () => known()?.other_label ?? "",
      shown: () => isShown() && state.effect_of.value === "difference",
    },
    abort,
  );
  return [token, other];
}
