/**
 * What was told of an atlas, which takes no model and is of no single text: it stays here, where the
 * kernel may go, and the notebook keeps it with the tensors.
 */

import type { AtlasExample, AtlasHead, AtlasOverview } from "../trace/atlas";
import { type AnswerTo, nameOf, type Question } from "../trace/questions";
import type { Asked, Kernel } from "../transport/kernel";
import { Malformed } from "./malformed";

export interface KeptAnswers {
  /** By the name of the question; those that came last come first. */
  held(): [string, unknown][];
  remember(answers: ReadonlyMap<string, unknown>): void;
  /** The same kernel; what is known it tells when it is gone too. */
  beside(kernel: Kernel): Kernel;
}

export const isOfAtlas = ({ name }: Question): boolean => name === "atlas" || name === "atlas_head";

export function keptAnswers(): KeptAnswers {
  const known = new Map<string, unknown>();
  return {
    held: () => [...known].reverse(),
    remember(answers) {
      for (const [name, answer] of answers) known.set(name, answer);
    },
    beside(kernel) {
      async function question<Q extends Question>(run: number, asked: Q, how: Asked) {
        if (!isOfAtlas(asked)) return kernel.question(run, asked, how);
        const name = nameOf(asked);
        const here = known.get(name);
        if (here !== undefined && kernel.gone.peek()) return here as AnswerTo<Q>;
        const answer = await kernel.question(run, asked, how);
        known.delete(name);
        known.set(name, answer);
        return answer;
      }
      return { ...kernel, question };
    },
  };
}

/** Of an archive in a notebook, which may be anything; nothing where nothing was kept. */
export function readKeptAnswers(told: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>();
  if (told === undefined) return found;
  if (!isObject(told)) throw new Malformed("it has no answers");
  for (const [name, answer] of Object.entries(told)) {
    if (!isOverview(answer) && !isHead(answer)) {
      throw new Malformed(`${name.slice(0, 80)} is damaged`);
    }
    found.set(name, answer);
  }
  return found;
}

function isOverview(given: unknown): given is AtlasOverview {
  if (!isObject(given)) return false;
  const { names, kinds, layers, heads, labels, values } = given;
  const columns = [kinds, layers, heads, labels, ...(isList(values) ? values : [null])];
  return (
    isList(names) &&
    names.every(isText) &&
    columns.every((column) => isList(column) && isList(heads) && column.length === heads.length) &&
    columns.length === 4 + names.length &&
    [given.n_texts, given.n_tokens].every(Number.isInteger) &&
    [...(layers as unknown[]), ...(heads as unknown[])].every(Number.isInteger)
  );
}

const isHead = (given: unknown): given is AtlasHead =>
  isObject(given) && isList(given.examples) && given.examples.every(isExample);

function isExample(given: unknown): given is AtlasExample {
  if (!isObject(given)) return false;
  const { rank, number, text, labels, ids, query, key, row } = given;
  if (!isList(labels) || !isList(ids) || !isList(row)) return false;
  const isPlace = (at: unknown) => Number.isInteger(at) && (at as number) in labels;
  return (
    isText(text) &&
    labels.every(isText) &&
    row.length === labels.length &&
    [rank, number, ...ids].every(Number.isInteger) &&
    isPlace(query) &&
    isPlace(key)
  );
}

const isText = (value: unknown): value is string => typeof value === "string";
const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
