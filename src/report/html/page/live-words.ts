/** What the page says about the run, in words. Texts of the endpoint and of cases are made printable and kept short. */

import type { LiveOutage, LivePause, LiveState } from '../../../core/live/messages.js';
import { clip } from '../../../text/clip.js';
import {
  formatCount,
  formatCounted,
  formatDuration,
  formatInstant,
  formatPercent,
  formatRate,
} from '../../../text/format.js';
import { printable } from '../../../text/printable.js';
import type { LiveModel } from './live-model.js';

/** A text from outside, as it is shown. */
export function shown(text: string, most = 400): string {
  return clip(printable(clip(text, most)), 2 * most);
}

/** Nothing, good, bad or still going on: which colour the page has. */
export type Mood = 'going' | 'good' | 'bad';

export function moodOf({ state, end }: LiveModel): Mood {
  if (end !== null) return end.verdict.ok ? 'good' : 'bad';
  return state.verdict === 'failing' ? 'bad' : 'going';
}

export const MARKS: Readonly<Record<Mood, string>> = { going: '▸', good: '✓', bad: '✗' };

/** The verdict, so far or at the end. */
export function headline({ state, end }: LiveModel): string {
  if (end !== null) return shown(end.verdict.text, 1000);
  const { done, total, failed, invalid, cancelled, verdict } = state;
  const missing = failed + invalid + cancelled;
  const whole = total === null || total < done ? '' : ` of ${formatCount(total)}`;
  if (done === 0) return total === null ? 'The run has begun' : `The run has begun: ${formatCounted(total, 'case')}`;
  const soFar = `${formatCount(done)}${whole} ${done === 1 && whole === '' ? 'case' : 'cases'} done`;
  if (missing === 0)
    return verdict === 'ok' ? `${soFar}, all well so far` : `${soFar}, but not what was expected so far`;
  const lost = `${formatCount(missing)} not enriched`;
  return verdict === 'ok' ? `${soFar}, ${lost}: within what is allowed so far` : `${soFar}, ${lost} so far`;
}

/** `62% · 412/s · about 3s left · 2m 05s so far`. */
export function progress({ state, end }: LiveModel): string {
  if (end !== null) return '';
  const { done, total, recentRate, leftMs, elapsedMs } = state;
  return [
    ...(total === null || total < done ? [] : [formatPercent(done, total)]),
    `${formatRate(recentRate)}/s`,
    ...(leftMs === null ? [] : [`about ${formatDuration(roundedMs(leftMs))} left`]),
    `${formatDuration(roundedMs(elapsedMs))} so far`,
  ].join(' · ');
}

/** A text and what it is called. */
export type Fact = readonly [name: string, value: string];

export function facts({ run, end }: LiveModel): Fact[] {
  const { shard, endpoint, method, startedAt, id, version } = run;
  return [
    ...(end === null
      ? []
      : ([
          ['Exit code', String(end.exitCode)],
          ['Ended', shown(end.verdict.ended)],
          ['Duration', formatDuration(end.run.durationMs)],
        ] as const)),
    ['Started', formatInstant(startedAt)],
    ['Endpoint', shown(`${method} ${endpoint}`)],
    ...(shard === null ? [] : ([['Shard', `${shard.index}/${shard.count}`]] as const)),
    ['Run', shown(id, 60)],
    ['Version', shown(version, 60)],
  ];
}

/** The title of the tab, which is all that is seen of it while another one is shown. */
export function title(model: LiveModel): string {
  const { state, end } = model;
  const missing = state.failed + state.invalid;
  const parts = [
    ...(end === null && state.total !== null && state.total >= state.done
      ? [formatPercent(state.done, state.total)]
      : []),
    end === null
      ? missing === 0
        ? `${formatCount(state.done)} done`
        : `${formatCount(missing)} failed`
      : shown(end.verdict.text, 200),
  ];
  return `${MARKS[moodOf(model)]} ${parts.join(', ')} · case-tracker`;
}

/** `429 from the endpoint: 9s more, as it asked`. */
export function pauseText(pause: LivePause): string {
  const why = `${shown(pause.for, 60)} from the endpoint`;
  const left = formatDuration(roundedMs(pause.leftMs));
  return pause.asked ? `${why}: calls wait ${left} more, as it asked` : `${why}: calls wait ${left} more`;
}

/** `connection refused, for 2m 03s; 4 tries have failed; the next one in 5s`. */
export function outageText(outage: LiveOutage, nowMs: number): string {
  const { sinceMs, tries, nextTryMs } = outage;
  const next = nextTryMs === null ? 'one is under way' : `the next one in ${formatDuration(roundedMs(nextTryMs))}`;
  const lasted = formatDuration(roundedMs(Math.max(0, nowMs - sinceMs)));
  const failed = tries === 0 ? 'no try yet' : `${formatCounted(tries, 'try', 'tries')} failed`;
  return `${shown(outage.for, 100)}, for ${lasted}; ${failed}, ${next}. Cases wait, none fails.`;
}

/** What ends the run early, or undefined. */
export function phaseText({ phase, inFlight }: LiveState): string | undefined {
  const calls = formatCounted(inFlight, 'call');
  if (phase === 'finishing') return `No more cases are called; ${calls} in flight may end.`;
  return phase === 'cancelling' ? `${calls} in flight ${inFlight === 1 ? 'is' : 'are'} called off.` : undefined;
}

/** The time of the process now, in milliseconds since 1970. */
export function nowMs({ run, state }: LiveModel): number {
  return Date.parse(run.startedAt) + state.elapsedMs;
}

/** Whole seconds from 1 s on: tenths that change four times a second can't be read. */
function roundedMs(ms: number): number {
  return ms < 1000 ? ms : Math.round(ms / 1000) * 1000;
}
