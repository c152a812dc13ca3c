/** The page as a whole: takes the messages, and draws what has changed. */

import type { LiveMessage } from '../../../core/live/messages.js';
import { formatDuration } from '../../../text/format.js';
import { CauseList } from './cause-list.js';
import type { LinkState, Listener } from './connection.js';
import { find, setText } from './elements.js';
import { Frames } from './frames.js';
import { LastFailures } from './last-failures.js';
import { LiveCharts } from './live-charts.js';
import { follow, type LiveModel } from './live-model.js';
import { shown, title } from './live-words.js';
import { NextCommands } from './next-commands.js';
import { NoticeList } from './notice-list.js';
import { announcement, noticesOf } from './notices.js';
import { savedName, savedPage } from './saved-page.js';
import { StopButton, type StopAnswer } from './stop-button.js';
import { saveFile } from './take-text.js';
import { VerdictHead } from './verdict-head.js';

/** What the page can ask for. */
export interface LiveActions {
  readonly retry: () => void;
  readonly stop: () => Promise<StopAnswer>;
}

export class LivePage implements Listener {
  readonly #frames = new Frames(
    { frame: (draw) => void requestAnimationFrame(draw), isHidden: () => document.hidden },
    () => this.#draw(),
  );
  readonly #head = new VerdictHead();
  readonly #notices: NoticeList;
  readonly #commands = new NextCommands();
  readonly #causes = new CauseList();
  readonly #failures = new LastFailures();
  readonly #charts = new LiveCharts();
  readonly #stop: StopButton;
  #model: LiveModel | undefined;
  #link: LinkState = { is: 'connecting' };
  /** Why the run could not be stopped. */
  #trouble: string | undefined;
  #isChanged = false;

  constructor({ retry, stop }: LiveActions) {
    this.#notices = new NoticeList(retry);
    this.#stop = new StopButton(stop, (why) => this.#refused(why));
    find('#save').addEventListener('click', () => this.#save());
    document.addEventListener('visibilitychange', () => this.#frames.shown());
  }

  message(message: LiveMessage): boolean {
    const before = this.#model;
    const model = follow(before, message);
    if (model === undefined) return false;
    this.#model = model;
    this.#isChanged = true;
    // The title is seen while the tab is hidden, and what is read out can't wait for its being shown.
    document.title = title(model);
    say(announcement(before, model));
    this.#frames.ask();
    return true;
  }

  state(link: LinkState): void {
    this.#link = link;
    this.#frames.ask();
  }

  #refused(why: string | undefined): void {
    this.#trouble = why;
    this.#frames.ask();
  }

  #draw(): void {
    const [model, link] = [this.#model, this.#link];
    this.#notices.draw(noticesOf(model, link, this.#trouble));
    if (model === undefined) return this.#drawEmpty();
    const isOver = model.end !== null;
    this.#stop.show(!isOver && link.is === 'open' && model.state.phase === 'running');
    find('#save').hidden = !isOver && (link.is === 'open' || link.is === 'connecting');
    if (!this.#isChanged) return;
    this.#isChanged = false;
    for (const part of [this.#head, this.#commands, this.#causes, this.#failures]) part.draw(model);
    find('#course').hidden = model.series.rows.length === 0;
    this.#charts.draw(model);
    setText(find('#kind'), isOver ? 'run, as it ended' : 'live run');
  }

  #drawEmpty(): void {
    const isOpen = this.#link.is === 'open' || this.#link.is === 'silent';
    const isOver = this.#link.is === 'refused' || this.#link.is === 'other version';
    setText(find('#mark'), '…');
    setText(
      find('#headline'),
      isOver ? 'The run is not shown' : isOpen ? 'The run has not begun yet' : 'Connecting to the run',
    );
  }

  #save(): void {
    const model = this.#model;
    if (model === undefined) return;
    const when = model.end === null ? `as it was after ${formatDuration(model.state.elapsedMs)}` : 'as it ended';
    const html = this.#charts.withAllNumbers(() => savedPage(`run ${shown(model.run.id, 60)}, ${when}`));
    saveFile(savedName(model.run.id), 'text/html', [html]);
  }
}

/** Puts it where screen readers hear it. */
function say(text: string | undefined): void {
  if (text !== undefined) find('#said').textContent = text;
}
