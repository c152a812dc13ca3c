import { describe, expect, test } from 'vitest';
import type { LinkState } from '../../../../src/report/html/page/connection.js';
import { follow, type LiveModel } from '../../../../src/report/html/page/live-model.js';
import { callTiles, outcomeTiles } from '../../../../src/report/html/page/live-tiles.js';
import {
  facts,
  headline,
  moodOf,
  outageText,
  pauseText,
  progress,
  shown,
  title,
} from '../../../../src/report/html/page/live-words.js';
import { announcement, noticesOf } from '../../../../src/report/html/page/notices.js';
import { tokenInFragment, tokenInPasted } from '../../../../src/report/html/page/token.js';
import { Frames } from '../../../../src/report/html/page/frames.js';
import { liveEnd, liveSnapshot, liveState } from '../../../helpers/live-messages.js';
import { START } from '../../../helpers/clock.js';
import { summary } from '../../../helpers/samples.js';

function model(state: Parameters<typeof liveState>[0] = {}, end?: ReturnType<typeof liveEnd>): LiveModel {
  const begun = follow(undefined, liveSnapshot({ state: liveState(state) }));
  const made = end === undefined ? begun : follow(begun, end);
  if (made === undefined) throw new Error('no model');
  return made;
}

const OPEN: LinkState = { is: 'open' };

describe('verdict', () => {
  test.each([
    [{}, 'The run has begun', 'going'],
    [{ total: 40 }, 'The run has begun: 40 cases', 'going'],
    [{ done: 1, enriched: 1 }, '1 case done, all well so far', 'going'],
    [{ done: 1842, total: 2963, enriched: 1842 }, '1,842 of 2,963 cases done, all well so far', 'going'],
    [{ done: 9, failed: 2, total: 40 }, '9 of 40 cases done, 2 not enriched: within what is allowed so far', 'going'],
    [{ done: 9, failed: 1, invalid: 1, verdict: 'failing' as const }, '9 cases done, 2 not enriched so far', 'bad'],
    [{ done: 9, enriched: 9, verdict: 'failing' as const }, '9 cases done, but not what was expected so far', 'bad'],
    // The count ahead was wrong: more has come.
    [{ done: 50, total: 40, enriched: 50 }, '50 cases done, all well so far', 'going'],
  ])('%j: %s', (state, text, mood) => {
    expect(headline(model(state))).toBe(text);
    expect(moodOf(model(state))).toBe(mood);
  });

  test('at the end it is the one of every report', () => {
    const end = liveEnd({ verdict: { ok: true, text: '40 cases enriched', ended: 'complete' } });
    expect(headline(model({}, end))).toBe('40 cases enriched');
    expect(title(model({}, end))).toBe('✓ 40 cases enriched · case-tracker');
    expect(facts(model({}, end)).slice(0, 3)).toEqual([
      ['Exit code', '0'],
      ['Ended', 'complete'],
      ['Duration', '20s'],
    ]);
    expect(progress(model({}, end))).toBe('');
  });

  test('progress and title', () => {
    const state = { done: 62, total: 100, enriched: 60, failed: 2, recentRate: 41.2, leftMs: 3400, elapsedMs: 125_300 };
    expect(progress(model(state))).toBe('62% · 41/s · about 3s left · 2m 05s so far');
    expect(title(model(state))).toBe('▸ 62%, 2 failed · case-tracker');
    expect(progress(model({ done: 3, recentRate: 0.5, elapsedMs: 400 }))).toBe('0.5/s · 400ms so far');
    expect(title(model({ done: 3, enriched: 3 }))).toBe('▸ 3 done · case-tracker');
  });
});

describe('tiles', () => {
  test('pending cases have one only while there are any', () => {
    const names = (state: Parameters<typeof liveState>[0]): string[] =>
      outcomeTiles(model(state)).map(({ name }) => name);
    expect(names({})).toEqual(['Enriched', 'Failed', 'Invalid', 'Cancelled', 'Resumed']);
    expect(names({ pending: 3 })).toContain('Pending');
  });

  test('now: in flight of the limit, time left; at the end: attempts and latency, without a dash for what is known', () => {
    const now = callTiles(model({ inFlight: 34, limit: 50, adaptive: true, leftMs: 61_000, p50Ms: 84 }));
    expect(now.map(({ name, value, more }) => `${name}: ${value} (${more})`)).toEqual([
      'In flight: 34 (of 50, adaptive)',
      'Results a second: 0 (over the last seconds)',
      'Time left: 1m 01s (at this rate)',
      'Retries: 0 (none)',
      'p50: 84ms (half are faster)',
      'p99: – (99 of 100 are faster)',
    ]);
    const end = liveEnd({ summary: summary({ attempts: 12, retries: 1, casesPerSecond: 2.5, maxInFlight: 4 }) });
    expect(callTiles(model({}, end)).slice(0, 2)).toMatchObject([
      { name: 'Attempts', value: '12', more: '1 retry' },
      { name: 'Cases a second', value: '2.5', more: 'at most 4 in flight' },
    ]);
  });
});

describe('notices', () => {
  const pause = { for: '429', asked: true, leftMs: 9300 };
  const outage = { sinceMs: START - 122_000, nextTryMs: 5000, tries: 4, for: 'connection refused' };

  test('what the run waits for', () => {
    expect(pauseText(pause)).toBe('429 from the endpoint: calls wait 9s more, as it asked');
    expect(pauseText({ ...pause, asked: false })).toBe('429 from the endpoint: calls wait 9s more');
    expect(outageText(outage, START)).toBe(
      'connection refused, for 2m 02s; 4 tries failed, the next one in 5s. Cases wait, none fails.',
    );
    expect(outageText({ ...outage, nextTryMs: null, tries: 1 }, START)).toContain('1 try failed, one is under way');
    const all = noticesOf(model({ pause, outage, isTokenAwaited: true, phase: 'cancelling', inFlight: 1 }), OPEN);
    expect(all.map(({ key }) => key)).toEqual(['phase', 'outage', 'pause', 'token']);
    expect(all[0]?.text).toBe('1 call in flight is called off.');
  });

  test.each<[LinkState, boolean, string | undefined]>([
    [OPEN, true, undefined],
    [{ is: 'ended' }, true, undefined],
    [{ is: 'connecting' }, false, undefined],
    [{ is: 'connecting' }, true, 'Disconnected'],
    [{ is: 'waiting', ms: 3000, why: 'unanswered' }, true, 'Disconnected'],
    [{ is: 'waiting', ms: 500, why: 'not yet' }, false, 'Waiting'],
    [{ is: 'closed' }, true, 'Disconnected'],
    [{ is: 'silent' }, true, 'No news'],
    [{ is: 'refused', status: 401 }, true, 'Not let in'],
    [{ is: 'refused', status: 418 }, false, 'Not let in'],
    [{ is: 'other version' }, false, 'Another version'],
  ])('connection %j, something to show: %s → %s', (link, hasData, expected) => {
    const notices = noticesOf(hasData ? model({ pause }) : undefined, link);
    const first = notices.find(({ key }) => key === 'link');
    expect(first?.title).toBe(expected);
    // What the run waited for is not news of a connection that is lost.
    if (expected !== undefined) expect(notices).toHaveLength(1);
    expect(first?.canRetry ?? false).toBe(link.is === 'waiting');
  });

  test('a run that has ended waits for nothing', () => {
    expect(noticesOf(model({ pause }, liveEnd()), { is: 'ended' })).toEqual([]);
  });

  test('read out are verdict, pauses and the end, each once and without counts that change', () => {
    const [well, paused, failing] = [
      model({ done: 1, enriched: 1 }),
      model({ pause }),
      model({ done: 1, failed: 1, verdict: 'failing' }),
    ];
    expect(announcement(undefined, well)).toBe('1 case done, all well so far');
    expect(announcement(well, model({ done: 9, enriched: 9 }))).toBeUndefined();
    expect(announcement(well, paused)).toMatch(/^Paused: 429/);
    expect(announcement(paused, model({ pause: { ...pause, leftMs: 100 } }))).toBeUndefined();
    expect(announcement(paused, well)).toBe('The pause is over');
    expect(announcement(well, model({ outage }))).toBe('The endpoint is down');
    expect(announcement(model({ outage }), well)).toBe('The endpoint is back');
    expect(announcement(well, failing)).toBe('1 case done, 1 not enriched so far');
    const ended = model({}, liveEnd({ exitCode: 1 }));
    expect(announcement(failing, ended)).toBe('The run has ended, exit code 1: 2,963 cases enriched');
    expect(announcement(ended, ended)).toBeUndefined();
  });
});

test('texts from outside are printable and short', () => {
  expect(shown('a\u202eb\n\u001b[31m')).toBe(String.raw`a\u202eb\n\x1b[31m`);
  expect(shown('x'.repeat(10_000)).length).toBe(400);
  expect(shown('\u0000'.repeat(10_000)).length).toBeLessThanOrEqual(800);
});

test.each([
  ['', undefined],
  ['#', undefined],
  ['#abc_-.~', 'abc_-.~'],
  ['#a%20b', 'a b'],
  ['#a%', 'a%'],
])('the token in fragment %j is %j', (hash, token) => {
  expect(tokenInFragment(hash)).toBe(token);
});

test.each([
  ['http://127.0.0.1:8484/#abc', 'abc'],
  ['  abc  ', 'abc'],
  ['#abc', 'abc'],
  ['http://127.0.0.1:8484/', undefined],
  ['http://127.0.0.1:8484/#', undefined],
  ['   ', undefined],
])('the token in what is pasted, %j, is %j', (text, token) => {
  expect(tokenInPasted(text)).toBe(token);
});

test('draws once a frame however much comes, nothing while hidden, and once when it is shown again', () => {
  const due: (() => void)[] = [];
  let [isHidden, drawn] = [false, 0];
  const frames = new Frames({ frame: (draw) => void due.push(draw), isHidden: () => isHidden }, () => drawn++);
  const pass = (): void => due.splice(0).forEach((draw) => draw());
  for (let time = 0; time < 100; time++) frames.ask();
  expect(due.length).toBe(1);
  pass();
  expect(drawn).toBe(1);
  frames.ask();
  isHidden = true;
  pass();
  frames.ask();
  frames.shown();
  pass();
  expect([drawn, due.length]).toEqual([1, 0]);
  isHidden = false;
  frames.shown();
  pass();
  frames.shown();
  pass();
  expect(drawn).toBe(2);
});
