/** What the passages get and what the answer loses without them, in sentences. */

import { shortened } from "../../draw/text_width";
import { quoted } from "../../language/quoted";
import { MEASURE_TEXTS } from "../../language/texts/measures";
import type { AppState } from "../../state/app_state";
import type { LeftOut } from "../../trace/left_out";
import type { ShownMeasure } from "../../trace/measures";
import type { PassagesData } from "./data";
import { LEFT_OUT, PASSAGES } from "./texts";

const LONGEST = 320; // pixels of a name in a sentence

const named = (say: AppState["say"], name: string): string =>
  quoted(say, shortened(name, LONGEST, 12));

export const nameInWords = ({ say }: AppState, name: string): string => named(say, name);

export const measureInWords = ({ say }: AppState, { name }: ShownMeasure): string =>
  quoted(say, say(MEASURE_TEXTS[name].name));

/** Whose cells the map shows, and by what. */
export function mapTitle(state: AppState, { names, picked, measure }: PassagesData): string {
  const { say } = state;
  const name = nameInWords(state, names.value[picked.value] ?? "");
  const { value: of } = measure;
  return of
    ? say(PASSAGES.mapOf, { name, measure: measureInWords(state, of) })
    : say(PASSAGES.map, { name });
}

export function scaleOfShares(state: AppState, { measure }: PassagesData): string {
  const { value: of } = measure;
  return of
    ? state.say(PASSAGES.legendOf, { measure: measureInWords(state, of) })
    : state.say(PASSAGES.legend);
}

/** A share; of a difference with its sign. */
export const shareInWords = ({ numbers, isDifference }: AppState, share: number): string =>
  isDifference.value ? numbers.change(share) : numbers.weight(share);

/** A change of what is measured, with its sign. */
export function signed({ numbers }: AppState, value: number): string {
  const text = numbers.glance(value);
  return value > 0 ? `+${text}` : text;
}

/** Whose attention it is. */
export function queriesInWords(state: AppState, data: PassagesData): string {
  const { say } = state;
  const side = data.tokens.sides.value.queries;
  const { value: queries } = data.queries;
  const [first = -1] = queries;
  const token = quoted(say, side.tokens[first]?.label ?? "");
  if (queries.length === 1)
    return say(PASSAGES.ofToken, { token, index: side.toText[first] ?? first });
  return say(state.attention_kind.value === "encoder" ? PASSAGES.ofOutside : PASSAGES.ofAnswer, {
    n: queries.length,
  });
}

/** What was measured. */
export function measuredInWords({ say, meta }: AppState, found: LeftOut): string {
  const tokens = meta.value.target?.tokens ?? meta.value.tokens;
  const values = {
    label: quoted(say, found.label),
    token: quoted(say, tokens[found.position ?? -1]?.label ?? ""),
    n: found.n_tokens,
  };
  if (found.of === "states") return say(LEFT_OUT.ofStates);
  if (found.of === "text") return say(LEFT_OUT.ofText, values);
  if (found.of === "class") return say(LEFT_OUT.ofClass, values);
  return say(found.of === "next token" ? LEFT_OUT.afterToken : LEFT_OUT.atToken, values);
}

/** The place of the largest number; -1 where there is none. */
const largestOf = (values: readonly number[]): number =>
  values.reduce(
    (best, value, i) =>
      Number.isNaN(value) || value <= (values[best] ?? Number.NEGATIVE_INFINITY) ? best : i,
    -1,
  );

/** Where the answer loses too little for any passage to matter. */
function doesNotMatter(
  { say, numbers }: AppState,
  { losses, matters_from }: LeftOut,
  values: Record<string, string>,
  names: readonly string[],
): string {
  const gains = losses.map((loss) => -Number(loss));
  const best = largestOf(gains);
  const gain = gains[best] ?? Number.NaN;
  const threshold = numbers.exact(matters_from);
  if (gain >= matters_from) {
    const [other, most] = [named(say, names[best] ?? ""), numbers.glance(gain)];
    return say(LEFT_OUT.hinders, { ...values, threshold, other, most });
  }
  const most = Math.max(...losses.map(Number).filter(Number.isFinite).map(Math.abs));
  return say(LEFT_OUT.none, { ...values, threshold, most: numbers.glance(most) });
}

/** Whether the largest share and the largest loss are of one passage; empty until both are known. */
export function verdictInWords(state: AppState, data: PassagesData): string {
  const { say } = state;
  const { value: found } = data.leaving.known;
  const { value: names } = data.names;
  if (!found || !data.leaving.isWhole.value || !data.isWhole.value || state.isDifference.value) {
    return "";
  }
  const losses = found.losses.map(Number);
  const worst = largestOf(losses);
  const loss = losses[worst] ?? Number.NaN;
  if (Number.isNaN(loss)) return "";
  const top = largestOf(
    data.overall.value.map((share, i) =>
      Number.isNaN(losses[i] ?? Number.NaN) ? Number.NaN : share,
    ),
  );
  const { value: measure } = data.measure;
  const values = {
    what: measure
      ? say(LEFT_OUT.measure, { measure: measureInWords(state, measure) })
      : say(LEFT_OUT.attention),
    first: nameInWords(state, names[top] ?? ""),
    share: shareInWords(state, data.overall.value[top] ?? Number.NaN),
    other: nameInWords(state, names[worst] ?? ""),
    loss: state.numbers.glance(loss),
    unit: found.of === "states" ? say(LEFT_OUT.cosine) : say(LEFT_OUT.nats),
  };
  if (loss < found.matters_from) return doesNotMatter(state, found, values, names);
  return say(worst === top ? LEFT_OUT.agree : LEFT_OUT.disagree, values);
}
