/** When the page draws: at most once a frame, and never while its tab is hidden. */

/** What it needs of a browser. */
export interface Screen {
  /** Calls back before the next frame. */
  frame(draw: () => void): void;
  isHidden(): boolean;
}

export class Frames {
  readonly #screen: Screen;
  readonly #draw: () => void;
  #isDue = false;
  #isAsked = false;

  constructor(screen: Screen, draw: () => void) {
    this.#screen = screen;
    this.#draw = draw;
  }

  /** Something has changed. */
  ask(): void {
    this.#isDue = true;
    if (this.#isAsked || this.#screen.isHidden()) return;
    this.#isAsked = true;
    this.#screen.frame(() => this.#frame());
  }

  /** The tab is shown again, or hidden. */
  shown(): void {
    if (this.#isDue) this.ask();
  }

  #frame(): void {
    this.#isAsked = false;
    if (!this.#isDue || this.#screen.isHidden()) return;
    this.#isDue = false;
    this.#draw();
  }
}
