import { firstOfSelected } from "../../controls/head_chips";
import { pieceInWords } from "../../language/descriptions";
import { isolated } from "../../language/direction";
import { quoted } from "../../language/quoted";
import { countNaN } from "../../measures/attention_rows";
import type { AppState } from "../../state/app_state";
import { exactness } from "../../trace/exactness";
import type { NeuronData, Row } from "./data";
import { NEURON } from "./texts";
import { choiceOf } from "./word_pieces";

export function noteOf(data: NeuronData, state: AppState): string {
  const { say } = state;
  const head = state.focusHead.value;
  if (head === null) return say(NEURON.noHead);
  const row = data.row.value;
  if (!row) return "";
  let sum = 0;
  for (const weight of row.attention) sum += weight;
  const tokens = state.sides.value.queries.tokens;
  const parts = [
    say(NEURON.sum, {
      token: quoted(say, tokens[data.query.value]?.label ?? ""),
      layer: String(state.layer.value),
      head: firstOfSelected(state) ? `${head} (${firstOfSelected(state)})` : String(head),
      sum: state.numbers.share(sum, row.errorOf(sum)),
    }),
  ];
  if (row.sink !== null) parts.push(say(NEURON.sink, { weight: state.numbers.weight(row.sink) }));
  if (row.changed) parts.push(say(NEURON.changed));
  const chosen = state.query.value === null ? ` ${say(NEURON.unselected)}` : "";
  const sentences = [`${parts.join("; ")}${chosen}.`];
  if (data.values.isShown() && data.values.areKnown()) sentences.push(say(NEURON.outputIs));
  const choice = choiceOf(state);
  const place = choice.indexOf(data.query.value);
  if (place >= 0) {
    sentences.push(say(NEURON.pieceOf, { place: String(place + 1), count: String(choice.length) }));
  }
  if (state.special_tokens.value !== "show") sentences.push(say(NEURON.specials));
  return sentences.join(" ");
}

/** The numbers of the row under the mouse; null where it is over none. */
export function numbersInWords(data: NeuronData, state: AppState): string[] | null {
  const { say } = state;
  const row = data.row.value;
  const over = state.hovered.value;
  if (!row || over?.as !== "key") return null;
  const { token: key } = over;
  const ofWord = data.wordWeight(key);
  const token = state.sides.value.keys.tokens[key];
  const { score: error } = exactness();
  const weight = (data.isSink(key) ? row.sink : row.attention[key]) ?? Number.NaN;
  const lines = [isolated(token?.label ?? ""), ...(token ? pieceInWords(token, say) : [])];
  if (row.score) {
    const score = state.numbers.glance(row.score[key] ?? Number.NaN, error);
    lines.push(`${say(NEURON.score)} = ${score}`);
  }
  if (row.changed) {
    lines.push(
      `${say(NEURON.logit)} = ${state.numbers.glance(row.logit?.[key] ?? Number.NaN, error)}`,
    );
  }
  lines.push(`softmax = ${state.numbers.share(weight, row.errorOf(weight))}`);
  if (ofWord !== null)
    lines.push(say(NEURON.wordWeight, { value: state.numbers.share(ofWord, row.errorOf(ofWord)) }));
  return lines;
}

/** Whether an edit of the pass that is shown stands between the sum and what goes on from it. */
function isChanged(state: AppState): boolean {
  const head = state.focusHead.value;
  if (state.pass.value === null || head === null) return false;
  return state.edits.value.some(
    (edit) =>
      edit.edit !== "edge_off" &&
      edit.kind === state.attention_kind.value &&
      edit.layer === state.layer.value &&
      ([edit.heads].flat() as number[]).includes(head),
  );
}

export function warningOf(row: Row | null, data: NeuronData, state: AppState): string {
  const { say } = state;
  const said: string[] = [];
  if (state.layerMeta.value && !data.hasParts()) said.push(say(NEURON.weightsOnly));
  if (data.values.isShown() && data.hasParts() && !data.values.areKnown())
    said.push(say(NEURON.noValues));
  if (data.values.isShown() && isChanged(state)) said.push(say(NEURON.changedAfter));
  const n = row ? countNaN(row.attention) : 0;
  if (row && n) said.push(say(NEURON.nan, { n, of: row.attention.length }));
  return said.join(" ");
}
