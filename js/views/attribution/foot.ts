/** What stands below the terms: what they sum to, and which heads are backed up. */

import type { AppState } from "../../state/app_state";
import { isChosen } from "../../state/choose_head";
import type { AttributionData } from "./data";
import type { TermTable } from "./terms";
import { ATTRIBUTION } from "./texts";
import { backupSentence, isOf, sumSentence } from "./words";

export function footSentences(state: AppState, table: TermTable, data: AttributionData): string[] {
  const { value: found } = data.written;
  if (!found) return [];
  const { say } = state;
  const sums = sumSentence(state, found);
  const { pending, progress } = data.asked.value;
  if (pending && progress) {
    return [sums, say(ATTRIBUTION.trying, { done: progress.done, of: progress.of })];
  }
  if (!found.effects.length) return [sums];
  const off = say(found.leaves_first ? ATTRIBUTION.offButFirst : ATTRIBUTION.off);
  const backup = backedUp(state, table, data);
  return [`${sums} ${off}`, ...(backup ? [`* ${backup}`] : [])];
}

/** Of the row that keys are at, or of the selected head, if it is such a head; else of the one of
 * them that writes most. */
function backedUp(state: AppState, { here }: TermTable, data: AttributionData): string {
  const { value: found } = data.written;
  if (!found) return "";
  const starred = found.effects.filter(({ backup }) => backup !== null);
  const row = here();
  const shown =
    starred.find((one) => row && isOf(row, one)) ??
    starred.find((one) => isChosen(state, one)) ??
    starred[0];
  return shown ? backupSentence(state, found, shown) : "";
}
