/** An example as the trace: the model reads its text, then its head and its query are selected. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { READ_ONLY } from "../../shell/texts/text_box";
import type { AppState } from "../../state/app_state";
import { chooseHead, type Head } from "../../state/choose_head";
import type { Model } from "../../tensors/answer";
import { atlasTold } from "../../tensors/atlas_told";
import type { AtlasExample } from "../../trace/atlas";
import { ATLAS_VIEW } from "./texts";

export interface Opening {
  /** Whether there is a model to read texts. */
  readonly can: ReadonlySignal<boolean>;
  /** Why not, in words; empty where it can. */
  readonly why: ReadonlySignal<string>;
  /** The example that the views show. */
  isShown(example: AtlasExample, head: Head): boolean;
  open(example: AtlasExample, head: Head): Promise<void>;
  readonly busy: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<string | null>;
  /** What the model read otherwise than the scan did. */
  readonly warn: ReadonlySignal<string>;
}

export function opening(state: AppState, model: Model): Opening {
  const busy = signal(false);
  const error = signal<string | null>(null);
  const warn = signal("");
  const canEver = computed(() => model.asks.value && state.meta.value.read_only === null);
  /** Of the tokens that this text has now. */
  const isRead = ({ ids, labels }: AtlasExample): boolean => {
    const { tokens } = state.meta.value;
    return (
      tokens.length === labels.length &&
      tokens.every(({ id, label }, at) => (ids.length ? id === ids[at] : label === labels[at]))
    );
  };
  function select(example: AtlasExample, head: Head): void {
    batch(() => {
      chooseHead(state, head, false);
      state.token.value = example.query;
      state.key_token.value = example.key;
    });
  }
  return {
    can: canEver,
    why: computed(() => {
      if (canEver.value) return "";
      const { read_only: why } = state.meta.value;
      return why && why in READ_ONLY ? state.say(READ_ONLY[why]) : state.say(ATLAS_VIEW.noModel);
    }),
    isShown: (example, { kind, layer, head }) =>
      isRead(example) &&
      state.attention_kind.value === kind &&
      state.layer.value === layer &&
      state.focusHead.value === head &&
      state.token.value === example.query,
    async open(example, head) {
      if (busy.peek() || state.busy.peek()) return;
      error.value = null;
      warn.value = "";
      if (isRead(example)) {
        select(example, head);
        return;
      }
      busy.value = true;
      try {
        await model.read({ text: example.text, text_pair: null });
        if (isRead(example)) {
          select(example, head);
          const { number } = example;
          atlasTold(state).value = state.say(ATLAS_VIEW.opened, { number });
        } else {
          const [n, of] = [state.meta.peek().tokens.length, example.labels.length];
          warn.value = state.say(ATLAS_VIEW.otherwise, { count: n, of });
        }
      } catch (reason) {
        error.value = (reason as Error).message;
      } finally {
        busy.value = false;
      }
    },
    busy,
    error,
    warn,
  };
}
