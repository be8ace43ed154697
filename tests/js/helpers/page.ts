/** What a browser has and jsdom lacks, as small as the widget needs it, and honest about it. */

import { vi } from "vitest";
import "./listeners";

/** A picture is what was asked of the canvas, in order, with the state that it was asked in. */
export interface Drawn {
  what: "stroke" | "image" | "rect" | "dot";
  colour: string;
  alpha: number;
  /** Segments of the stroked path. */
  segments: number;
}

class Canvas2D {
  strokeStyle = "";
  globalAlpha = 1;
  lineWidth = 1;
  imageSmoothingEnabled = true;
  fillStyle = "";
  font = "";
  drawn: Drawn[] = [];
  pixels: Uint8ClampedArray | null = null;
  private segments = 0;

  setTransform(): void {}

  save(): void {}

  restore(): void {}

  rect(): void {}

  scale(): void {}

  strokeRect(): void {}

  fillText(): void {}

  rotate(): void {}

  translate(): void {}

  clip(): void {}

  /** Every letter is this wide. */
  measureText(text: string) {
    return { width: 6 * text.length, fontBoundingBoxAscent: 12, fontBoundingBoxDescent: 4 };
  }

  fillRect(): void {
    const { fillStyle: colour, globalAlpha: alpha } = this;
    this.drawn.push({ what: "rect", colour, alpha, segments: 0 });
  }

  /** The widget clears the whole of it. */
  clearRect(): void {
    this.drawn = [];
  }

  arc(): void {}

  fill(): void {
    const { fillStyle: colour, globalAlpha: alpha } = this;
    this.drawn.push({ what: "dot", colour, alpha, segments: 0 });
  }

  beginPath(): void {
    this.segments = 0;
  }

  moveTo(): void {}

  lineTo(): void {
    this.segments += 1;
  }

  bezierCurveTo(): void {
    this.segments += 1;
  }

  setLineDash(): void {}

  stroke(): void {
    const { strokeStyle: colour, globalAlpha: alpha, segments } = this;
    this.drawn.push({ what: "stroke", colour, alpha, segments });
  }

  /** The whole picture, if it was put here as pixels; nothing is drawn, all else is blank. */
  getImageData(_x: number, _y: number, width: number, height: number) {
    const image = this.createImageData(width, height);
    if (this.pixels?.length === image.data.length) image.data.set(this.pixels);
    return image;
  }

  createImageData(width: number, height: number) {
    return { width, height, data: new Uint8ClampedArray(4 * width * height) };
  }

  putImageData({ data }: { data: Uint8ClampedArray }): void {
    this.pixels = data;
  }

  drawImage(): void {
    const { strokeStyle: colour, globalAlpha: alpha } = this;
    this.drawn.push({ what: "image", colour, alpha, segments: 0 });
  }
}

class Observer {
  static readonly all = new Set<Observer>();
  constructor(readonly run: () => void) {}

  observe(): void {
    Observer.all.add(this);
    queueMicrotask(() => Observer.all.has(this) && this.run());
  }

  disconnect(): void {
    Observer.all.delete(this);
  }
}

class SystemTheme extends EventTarget {
  matches = false;

  set(dark: boolean): void {
    this.matches = dark;
    this.dispatchEvent(new Event("change"));
  }
}

export interface Page {
  /** What is on the canvas. */
  drawnOn(canvas: HTMLCanvasElement): Drawn[];
  readonly system: SystemTheme;
  /** Elements whose size is still watched. */
  readonly observers: ReadonlySet<unknown>;
  resize(): void;
  /** Lets frames pass. */
  frames(): Promise<void>;
}

/** Every element is this large: jsdom lays nothing out. */
export function openPage(width = 400, height = 220): Page {
  const canvases = new WeakMap<HTMLCanvasElement, Canvas2D>();
  const contextOf = (canvas: HTMLCanvasElement) => {
    const known = canvases.get(canvas) ?? new Canvas2D();
    canvases.set(canvas, known);
    return known;
  };
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (
    this: HTMLCanvasElement,
  ) {
    return contextOf(this) as never;
  });
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(width);
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(height);
  Element.prototype.scrollIntoView ??= () => undefined;
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
  HTMLElement.prototype.showPopover ??= function (this: HTMLElement) {
    tellToggled(this, "open");
  };
  HTMLElement.prototype.hidePopover ??= function (this: HTMLElement) {
    tellToggled(this, "closed");
  };
  HTMLElement.prototype.togglePopover ??= function (this: HTMLElement, force?: boolean) {
    const isOpen = force ?? this.dataset.popover !== "open";
    tellToggled(this, isOpen ? "open" : "closed");
    return isOpen;
  };
  vi.stubGlobal("ResizeObserver", Observer);
  vi.stubGlobal("requestAnimationFrame", (draw: FrameRequestCallback) => {
    return setTimeout(() => draw(performance.now()));
  });
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  Observer.all.clear();
  const system = new SystemTheme();
  vi.stubGlobal("matchMedia", () => system);
  return {
    drawnOn: (canvas) => contextOf(canvas).drawn,
    system,
    observers: Observer.all,
    resize() {
      for (const observer of Observer.all) observer.run();
    },
    async frames() {
      for (let frame = 0; frame < 4; frame++) await new Promise((next) => setTimeout(next));
    },
  };
}

/** As a popover tells that it opens or closes; what it says is not said twice. */
function tellToggled(box: HTMLElement, newState: "open" | "closed"): void {
  if ((box.dataset.popover ?? "closed") === newState) return;
  box.dataset.popover = newState;
  for (const type of ["beforetoggle", "toggle"]) {
    box.dispatchEvent(Object.assign(new Event(type), { newState }));
  }
}

/** Presses a key where the focus is, or on the element. */
export function press(
  target: EventTarget | null,
  key: string,
  held: Omit<KeyboardEventInit, "key"> = {},
): KeyboardEvent {
  const event = new KeyboardEvent("keydown", {
    key,
    bubbles: true,
    cancelable: true,
    composed: true,
    ...held,
  });
  (target ?? document.body).dispatchEvent(event);
  return event;
}

export function point(target: Element, type: string, at: MouseEventInit = {}): void {
  target.dispatchEvent(new PointerEvent(type, { bubbles: type !== "pointerleave", ...at }));
}

export function one<T extends Element = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelectorAll<T>(selector);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} elements are ${selector}`);
  return found[0];
}

export function all<T extends Element = HTMLElement>(root: ParentNode, selector: string): T[] {
  return [...root.querySelectorAll<T>(selector)];
}
