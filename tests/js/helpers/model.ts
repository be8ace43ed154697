/** A model that a test answers by hand. */

import { signal } from "@preact/signals-core";
import type { Model } from "../../../js/tensors/answer";
import { type AnswerTo, nameOf, type Question, type Texts } from "../../../js/trace/questions";
import type { Asked } from "../../../js/transport/kernel";

interface Open extends Asked {
  question: Question;
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

export class HandModel implements Model {
  readonly asks = signal(true);
  readonly hasAfter = signal(true);
  readonly isHeld = signal(false);
  readonly reads = signal(true);
  readonly asked: Open[] = [];
  readonly read_: Texts[] = [];
  /** What comes of a text that is read. */
  reading: (texts: Texts) => void = () => undefined;
  private readonly here = new Map<string, unknown>();

  ask<Q extends Question>(question: Q, asked: Asked): Promise<AnswerTo<Q>> {
    return new Promise<AnswerTo<Q>>((resolve, reject) => {
      this.asked.push({ question, ...asked, resolve: resolve as Open["resolve"], reject });
    });
  }

  peek<Q extends Question>(question: Q): AnswerTo<Q> | undefined {
    return this.here.get(nameOf(question)) as AnswerTo<Q> | undefined;
  }

  read(texts: Texts): Promise<unknown> {
    this.read_.push(texts);
    this.reading(texts);
    return Promise.resolve();
  }

  /** The latest question of this name. */
  open(name: Question["name"]): Open {
    const found = this.asked.filter(({ question }) => question.name === name).at(-1);
    if (!found) throw new Error(`nobody asked for ${name}`);
    return found;
  }

  put<Q extends Question>(question: Q, answer: AnswerTo<Q>): void {
    this.here.set(nameOf(question), answer);
  }
}
