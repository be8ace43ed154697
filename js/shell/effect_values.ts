/** What came of an edit, or of the other model, for what is predicted at one token. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { quoted } from "../language/quoted";
import type { AppState } from "../state/app_state";
import type { Comparing } from "../tensors/comparing";

/** Values of the texts that say it. */
export interface EffectValues {
  /** The most likely prediction. */
  readonly token: string;
  readonly before: string;
  readonly after: string;
  /** The token at which it is predicted: the selected one, else the last. */
  readonly place: string;
  readonly [name: string]: string;
}

export function effectValues(
  { say, numbers, meta }: AppState,
  { here }: Pick<Comparing, "here">,
): ReadonlySignal<EffectValues | null> {
  return computed(() => {
    if (!here.value) return null;
    const { answer, at } = here.value;
    const tokens = meta.value.target?.tokens ?? meta.value.tokens;
    return {
      token: quoted(say, answer.first[at] ?? ""),
      before: numbers.share(Number(answer.before[at]), 0),
      after: numbers.share(Number(answer.kept[at]?.[0]), 0),
      place: quoted(say, tokens[answer.positions[at] ?? -1]?.label ?? ""),
    };
  });
}
