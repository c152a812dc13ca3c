/** What somebody who looks at the page has to know now, one line each; and what is read out to those who listen. */

import { formatDuration } from '../../../text/format.js';
import type { LinkState, WaitReason } from './connection.js';
import type { LiveModel } from './live-model.js';
import { headline, nowMs, outageText, pauseText, phaseText } from './live-words.js';

export interface Notice {
  /** The same while it is about the same thing. */
  readonly key: 'link' | 'outage' | 'pause' | 'token' | 'phase' | 'trouble';
  readonly look: 'bad' | 'wait' | 'plain';
  readonly title: string;
  readonly text: string;
  /** It has a button that tries again at once. */
  readonly canRetry: boolean;
}

/** The notices of this moment, the weightiest first; `trouble` is why the run could not be stopped. What the run waits for is not shown of one that is lost or over. */
export function noticesOf(model: LiveModel | undefined, link: LinkState, trouble?: string): Notice[] {
  const connection = linkNotice(link, model !== undefined);
  const isNow = model !== undefined && model.end === null && connection === undefined;
  return [
    ...(trouble === undefined ? [] : [notice('trouble', 'bad', 'Not stopped', trouble)]),
    ...(connection === undefined ? [] : [connection]),
    ...(isNow ? runNotices(model) : []),
  ];
}

function runNotices(model: LiveModel): Notice[] {
  const { outage, pause, isTokenAwaited } = model.state;
  const phase = phaseText(model.state);
  return [
    ...(phase === undefined ? [] : [notice('phase', 'plain', 'Stopping', phase)]),
    ...(outage === null ? [] : [notice('outage', 'bad', 'Endpoint down', outageText(outage, nowMs(model)))]),
    ...(pause === null ? [] : [notice('pause', 'wait', 'Paused', pauseText(pause))]),
    ...(isTokenAwaited ? [notice('token', 'wait', 'Waiting for a token', 'Calls go on once there is a new one.')] : []),
  ];
}

/** What there is to say about the connection; nothing while all is well. */
function linkNotice(link: LinkState, hasData: boolean): Notice | undefined {
  switch (link.is) {
    case 'open':
    case 'ended':
      return undefined;
    case 'connecting':
      return hasData ? notice('link', 'bad', 'Disconnected', `${OLD} Trying again …`) : undefined;
    case 'waiting':
      return waitNotice(link, hasData);
    case 'silent':
      return notice('link', 'bad', 'No news', 'Nothing has come for 20s: the process or the network may be stuck.');
    case 'closed':
      return notice(
        'link',
        'bad',
        'Disconnected',
        `The process has closed the connection before the run's end. ${OLD}`,
      );
    case 'other version':
      return notice(
        'link',
        'bad',
        'Another version',
        'The process speaks another version than this page: load it again.',
      );
    case 'refused':
      return notice(
        'link',
        'bad',
        'Not let in',
        REFUSED.get(link.status) ?? `The process has answered ${link.status}.`,
      );
  }
}

const OLD = 'What stands here is the last that was heard of the run.';

const REFUSED: ReadonlyMap<number, string> = new Map([
  [
    401,
    'The token in this address is not the one of the process that answers here. Each run has an address of its own: look for the last one that was printed.',
  ],
  [
    403,
    'The process has refused this page as one of another origin. A proxy in between must pass Host and Origin on as they are.',
  ],
  [404, 'What answers here shows no run.'],
  [421, 'The process does not go by the name in this address: use 127.0.0.1, localhost, or what --live-host says.'],
]);

function waitNotice({ ms, why }: Extract<LinkState, { is: 'waiting' }>, hasData: boolean): Notice {
  const text = `${WAITING[why]}${hasData ? ` ${OLD}` : ''} Next try in ${formatDuration(Math.round(ms / 100) * 100)}.`;
  const isEarly = why === 'not yet' && !hasData;
  return { ...notice('link', isEarly ? 'plain' : 'bad', isEarly ? 'Waiting' : 'Disconnected', text), canRetry: true };
}

const WAITING: Readonly<Record<WaitReason, string>> = {
  unanswered: 'The process does not answer: it may have ended, or the network is gone.',
  'not yet': 'The process answers, but its run has not begun.',
  'no socket':
    'The process answers, but opens no WebSocket: 16 pages may be open already, or a proxy does not pass WebSockets on.',
  gap: 'Something that the process has said did not arrive.',
};

function notice(key: Notice['key'], look: Notice['look'], title: string, text: string): Notice {
  return { key, look, title, text, canRetry: false };
}

/** What is read out when the run is like this after it was like that: verdict, pauses and the end, no numbers. */
export function announcement(before: LiveModel | undefined, after: LiveModel): string | undefined {
  const { state, end } = after;
  if (end !== null) return before?.end ? undefined : `The run has ended, exit code ${end.exitCode}: ${headline(after)}`;
  const was = before?.state;
  const said = [
    ...(was?.verdict === state.verdict ? [] : [headline(after)]),
    ...(Boolean(was?.outage) === Boolean(state.outage)
      ? []
      : [state.outage ? 'The endpoint is down' : 'The endpoint is back']),
    ...(Boolean(was?.pause) === Boolean(state.pause)
      ? []
      : [state.pause ? `Paused: ${pauseText(state.pause)}` : 'The pause is over']),
  ];
  return said.length === 0 ? undefined : said.join('. ');
}
