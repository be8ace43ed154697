/** What a view is, and what it is given. */

import type { Figure } from "../draw/figure";
import type { PictureSubject } from "../language/picture_subject";
import type { Help, Text } from "../language/say";
import type { AppState } from "../state/app_state";
import type { Model } from "../tensors/answer";
import type { TensorSource } from "../tensors/source";
import type { ShortcutList } from "./shortcuts";

/** `name` stands in the list of views, the others in its panel. */
export interface ViewTexts {
  readonly name: Text;
  readonly title: Text;
  readonly help: Help;
  /** What its figures are called on disk, if not by the name of the view. */
  readonly file?: string;
}

export interface View {
  readonly texts: ViewTexts;
  /** Where the trace asks for others; always the same object of the same texts. */
  readonly textsFor?: (state: AppState) => ViewTexts;
  /**
   * Tensors beside the attention and its mask. An export carries them while the view is shown
   * (export/carried.py); a page that lacks them says so by `called`.
   */
  readonly needs?: { readonly tensors: readonly string[]; readonly called: Text };
  /** In the place of the help's sentence: what is shown now; empty for that sentence. */
  readonly shortNow?: (state: AppState) => string;
  readonly shortcuts?: ShortcutList;
  /** Whether it shows the measure that is chosen in the place of attention. */
  readonly isMeasured?: boolean;
  /** Whether no other view stands beside it. */
  readonly isWide?: (state: AppState) => boolean;
  mount(pane: Pane): Savable;
}

export const textsOf = (view: View, state: AppState): ViewTexts =>
  view.textsFor?.(state) ?? view.texts;

/** Where a view stands: all that it may know of the page and of the trace. */
export interface Pane {
  readonly element: HTMLElement;
  readonly state: AppState;
  readonly source: TensorSource;
  readonly model: Model;
  readonly abort: AbortSignal;
  /** What steers the view; behind a button of the panel. */
  readonly controls: HTMLElement;
  readonly legend: HTMLElement;
  readonly body: HTMLElement;
  /** What stands around the picture; said again whenever a signal that it read changes. */
  tell(told: () => Told): void;
  /** As in draw/frame.ts; drawn again with another theme too. */
  drawEachFrame(element: Element, draw: () => void): () => void;
}

export interface Told {
  /** What the picture shows, in words; null while it waits for data. */
  note: string | null;
  /** Which part of a long text; the window, if nothing else is said. */
  where?: string;
  /** What a reader must know before trusting the picture. */
  warn?: string;
  /** Whether the picture is of an earlier selection. */
  pending?: boolean;
  /** Why there is no picture. */
  error?: string | null;
}

/** What the buttons of a panel save. */
export interface Savable {
  /** What names the measure in the figure's caption and file, if not the state of the pane. */
  readonly state?: AppState;
  /** What is shown now; null while there is nothing. */
  figure(): Figure | null;
  subject(): PictureSubject;
}
