/** What a reader must know of effects, in sentences below a picture of them. */

import { effectInWords } from "../language/effects";
import { EFFECT } from "../language/texts/effects";
import { KINDS } from "../language/texts/kinds";
import { effectsOf, largestEffect } from "../measures/effects";
import type { AppState } from "../state/app_state";
import type { Head } from "../state/choose_head";
import type { Ranked } from "../trace/questions";

export function effectNotes(state: AppState, found: Ranked, heads: readonly Head[]): string[] {
  const { say } = state;
  const effects = effectsOf(found);
  const first = largestEffect(heads, effects);
  if (!first) return [];
  const { kind, layer, head } = first;
  const several = state.meta.value.attention.length > 1;
  const name = `${several ? `${say(KINDS[kind])} ` : ""}${layer}.${head}`;
  const what = effectInWords(state, found, effects.of(first));
  const most = found.done < found.total ? EFFECT.mostSoFar : EFFECT.most;
  return [
    say(most, { head: name, what }),
    say(EFFECT.exact),
    ...(found.left_alone.length ? [say(EFFECT.sink)] : []),
    ...(state.edits.value.length ? [say(EFFECT.edits)] : []),
  ];
}
