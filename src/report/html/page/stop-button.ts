/** The button that stops the run, after a second question. There only where the process allows it. */

import { find, setText } from './elements.js';

/** What became of the request; `status` 0 without an answer. */
export interface StopAnswer {
  readonly status: number;
  readonly message: string;
}

export class StopButton {
  readonly #button = document.querySelector<HTMLButtonElement>('#stop');
  readonly #dialog = document.querySelector<HTMLDialogElement>('#confirm');
  #isAsked = false;

  /** `request` sends the request; `refused` hears why it had no effect, and undefined when it is sent anew. */
  constructor(request: () => Promise<StopAnswer>, refused: (why: string | undefined) => void) {
    const ask = async (): Promise<void> => {
      this.#dialog?.close();
      this.#isAsked = true;
      this.#draw();
      refused(undefined);
      const answer = await request();
      this.#isAsked = isTaken(answer);
      this.#draw();
      if (!this.#isAsked) refused(refusalText(answer));
    };
    this.#button?.addEventListener('click', () => this.#dialog?.showModal());
    document.querySelector('#confirm-stop')?.addEventListener('click', () => void ask());
    document.querySelector('#confirm-not')?.addEventListener('click', () => this.#dialog?.close());
  }

  /** Whether there is a run that can be stopped. */
  show(canStop: boolean): void {
    if (this.#button !== null) this.#button.hidden = !canStop;
    if (!canStop) this.#dialog?.close();
  }

  #draw(): void {
    if (this.#button === null) return;
    this.#button.disabled = this.#isAsked;
    setText(this.#button, this.#isAsked ? 'Stopping' : 'Stop the run …');
    if (!this.#isAsked) find('#stop').focus();
  }
}

function isTaken({ status }: StopAnswer): boolean {
  return status >= 200 && status < 300;
}

function refusalText({ status, message }: StopAnswer): string {
  if (status === 0) return 'The process did not answer; the run goes on as far as is known.';
  return message === '' ? `The process has answered ${status}; the run goes on.` : message;
}
