/** The atlas of a saved page: the other half is export/atlas.py. */

import type { AtlasExample, AtlasHead, AtlasOverview } from "../trace/atlas";
import type { Question } from "../trace/questions";
import type { Archive, AtlasEntry } from "./archive";

interface KeptExample extends Omit<AtlasExample, "labels" | "text" | "ids"> {
  /** Its place among the texts. */
  labels: number;
}

/**
 * Answers what a page is asked of its atlas; null where that is not of an atlas, or it has none.
 * `lacking` says that the examples of a layer had no room.
 */
export function atlasOf({ manifest, bytes }: Archive, lacking: (layer: number) => Error) {
  const { atlas } = manifest;
  const read = new Map<number, Promise<unknown>>();

  function block<T>(number: number): Promise<T> {
    const known = read.get(number) ?? bytes(number).then((data) => JSON.parse(decoded(data)));
    read.set(number, known);
    return known as Promise<T>;
  }

  async function headOf(entry: AtlasEntry, layer: number, head: number): Promise<AtlasHead> {
    const [heads, texts] = await Promise.all([
      block<Record<string, KeptExample[]>>(layer),
      block<string[][]>(entry.texts),
    ]);
    const kept = heads[String(head)] ?? [];
    return {
      examples: kept.map((one) => ({
        ...one,
        text: "",
        ids: [],
        labels: texts[one.labels] ?? [],
      })),
    };
  }

  return (question: Question): Promise<AtlasOverview | AtlasHead> | null => {
    if (!atlas) return null;
    if (question.name === "atlas") return block<AtlasOverview>(atlas.overview);
    if (question.name !== "atlas_head") return null;
    const layer = atlas.layers[`${question.kind}/${question.layer}`];
    return layer === undefined
      ? Promise.reject(lacking(question.layer))
      : headOf(atlas, layer, question.head);
  };
}

const decoded = (data: Uint8Array) => new TextDecoder().decode(data);
