/** Tokens of a comparison that stand alone: the difference has nothing of them. */

import { isWhole } from "../trace/comparison";
import type { AppState } from "./app_state";

/** Whether there are any in what is shown. */
export const hasNobody = ({ comparison, isDifference }: AppState): boolean =>
  isDifference.value && comparison.value !== null && !isWhole(comparison.value);
