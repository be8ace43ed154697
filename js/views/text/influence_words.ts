/** What each word has to do with a prediction, in words. */

import { shownHeadsInWords, shownName } from "../../draw/measure_words";
import { quoted } from "../../language/quoted";
import type { Text } from "../../language/say";
import { EFFECT } from "../../language/texts/effects";
import type { AppState } from "../../state/app_state";
import type { Influence } from "../../trace/influence";
import type { Unit } from "../../trace/units";
import type { Compared, InfluenceScores } from "./influence";
import { INFLUENCE } from "./influence_texts";

/** Where ranks are much the same, and where they have little to do with each other. */
const ALIKE = 0.7;
const PARTLY = 0.3;

/** What the numbers are of. */
export function influenceSubject({ say, meta }: AppState, found: Influence): string {
  const { of, metric, position, label, other_label } = found;
  const { tokens } = meta.value.target ?? meta.value;
  const token = quoted(say, tokens[position ?? -1]?.label ?? "");
  const first = quoted(say, label);
  const both = { label: first, other: quoted(say, other_label) };
  const values = { label: metric === "difference" ? say(EFFECT.minus, both) : first, token };
  if (of === "states") return say(position === null ? EFFECT.ofStates : EFFECT.ofState, values);
  const [ofClass, after, there] =
    metric === "log_probability"
      ? [INFLUENCE.logProbabilityOfClass, INFLUENCE.logProbabilityAfter, INFLUENCE.logProbabilityAt]
      : [EFFECT.ofClass, EFFECT.afterToken, EFFECT.atToken];
  if (of === "class") return say(ofClass, values);
  return say(of === "next token" ? after : there, values);
}

/** What the scale of colours counts. */
export function influenceScale({ say }: AppState, { measure, metric }: Influence): string {
  const isRemoval = measure === "removal";
  const texts: Record<Influence["metric"], Text> = {
    log_probability: INFLUENCE.scaleLogProbability,
    logit: isRemoval ? EFFECT.scale : INFLUENCE.share,
    difference: isRemoval ? INFLUENCE.scaleDifference : INFLUENCE.shareOfDifference,
    states: isRemoval ? INFLUENCE.scaleStates : INFLUENCE.shareOfStates,
  };
  return say(texts[metric]);
}

/** The line below the text; empty while nothing is known. */
export function influenceNote(state: AppState, of: InfluenceScores): string {
  const { say } = state;
  if (of.isOfBefore.value) return say(INFLUENCE.ofBefore);
  const { value: found } = of.answer;
  if (!found) return "";
  const what = influenceSubject(state, found);
  const isRemoval = found.measure === "removal";
  const gap = found.gap === null ? null : state.numbers.share(Number(found.gap), 0);
  const said = isRemoval
    ? say(INFLUENCE.exact, { what })
    : gap === null
      ? say(INFLUENCE.estimating, { what })
      : say(INFLUENCE.estimate, { what, gap });
  const first = isRemoval ? INFLUENCE.apart : INFLUENCE.apartShare;
  return [said, agreementInWords(state, of), of.apart.value.size ? say(first) : ""]
    .filter(Boolean)
    .join(" ");
}

/** One sentence; empty where they are not compared. */
export function agreementInWords(state: AppState, of: InfluenceScores): string {
  const { value: found } = of.agreement;
  if (!found) return "";
  const { say, numbers } = state;
  const { correlation, exact, most } = found;
  if (most < exact.matters_from) {
    return say(INFLUENCE.noneMatters, {
      what: influenceSubject(state, exact),
      threshold: numbers.exact(exact.matters_from),
      most: numbers.glance(most),
    });
  }
  const how =
    correlation >= ALIKE
      ? INFLUENCE.ranksAlike
      : correlation >= PARTLY
        ? INFLUENCE.ranksPartly
        : INFLUENCE.ranksOtherwise;
  return say(how, {
    who: whoRanks(state, found),
    correlation: numbers.glance(correlation),
    first: firstOfBoth(state, found),
  });
}

function whoRanks(state: AppState, found: Compared): string {
  const { say, layer, activeHeads, sides } = state;
  if (found.of === "integrated_gradients") return say(INFLUENCE.shares);
  const { tokens } = sides.value.queryText;
  const measure = shownName(state);
  return say(measure ? INFLUENCE.measure : INFLUENCE.attention, {
    measure,
    name: quoted(say, tokens[found.position]?.label ?? ""),
    layer: String(layer.value),
    heads: shownHeadsInWords(state, activeHeads.value, "mean"),
  });
}

function firstOfBoth({ say }: AppState, { first: [one, exact], units }: Compared): string {
  const named = (unit: Unit | undefined) => quoted(say, unit?.passage ?? unit?.text.trim() ?? "");
  const names = { name: named(units[one]), exact: named(units[exact]) };
  return say(one === exact ? INFLUENCE.sameFirst : INFLUENCE.otherFirst, names);
}
