/** What the note below the atlas says: of what it is, how many heads are shown, what is exact. */

import { LABEL_NAMES } from "../../language/texts/labels";
import { SUMMARY_UNITS } from "../../language/texts/summaries";
import type { AppState } from "../../state/app_state";
import type { AtlasData } from "./data";
import { ATLAS_VIEW } from "./texts";

export function noteOf(state: AppState, data: AtlasData): string {
  const { say } = state;
  const { value: overview } = data.overview;
  if (!overview) return "";
  if (!overview.rows.length) return say(ATLAS_VIEW.none);
  const { about } = overview;
  const all = data.ofKind.value.length;
  if (!all) return say(ATLAS_VIEW.noneOfKind);
  const { value: label } = state.atlas_label;
  const heads =
    label === "all"
      ? say(ATLAS_VIEW.count, { n: all })
      : say(ATLAS_VIEW.labelled, {
          n: data.shown.value.length,
          of: all,
          name: say(LABEL_NAMES[label]),
        });
  const texts = say(ATLAS_VIEW.texts, { n: about.n_texts });
  const tokens = say(ATLAS_VIEW.tokens, { n: about.n_tokens });
  const n = data.unplaced.value;
  return [
    heads,
    say(ATLAS_VIEW.over, { texts, tokens }),
    ...(n ? [say(ATLAS_VIEW.unplaced, { n })] : []),
    say(ATLAS_VIEW.exact),
    say(SUMMARY_UNITS),
  ].join(" ");
}
