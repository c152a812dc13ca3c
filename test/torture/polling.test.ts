/** A run with jobs that is killed at any stage: a case is submitted once, but for those whose answer was on its way at a death. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXECUTABLE } from '../helpers/program.js';
import { seededRandom } from '../helpers/random.js';
import { type JobServer, jobServer } from './job-server.js';

const CASES = 120;
const LIMIT = 8;
const KILLS = 3;
const ids = Array.from({ length: CASES }, (_, at) => `case-${at}`);

const folder = mkdtempSync(join(tmpdir(), 'case-tracker-jobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly caseId: string;
  readonly status: string;
}

/** What the journal tells, whole lines alone. */
function linesOf(journal: string): Line[] {
  if (!existsSync(journal)) return [];
  const whole = readFileSync(journal, 'utf8').split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Line).filter((line) => 'caseId' in line);
}

const submitsOf = (server: JobServer): Map<string, number> =>
  new Map([...server.submits].map(([id, keys]) => [id, keys.length]));

/** Runs until it ends, or until the server has given so many answers; resolves with the exit code, null for a death. */
async function live(home: string, server: JobServer, answers: number | undefined): Promise<number | null> {
  const args = ['enrich', 'cases.ndjson', '--endpoint', server.url, '--method', 'POST', '--limit', String(LIMIT)];
  const poll = ['--poll', '--poll-interval', '30ms', '-o', 'run.ndjson', '--resume', '--progress', 'none', '--quiet'];
  const child = spawn(process.execPath, [EXECUTABLE, ...args, ...poll], { cwd: home, env: {}, stdio: 'ignore' });
  if (answers !== undefined) void server.answers(answers).then(() => child.kill('SIGKILL'));
  return new Promise((resolve) => child.on('close', resolve));
}

test.each([1, 2, 3, 4])('round %i', { timeout: 60_000 }, async (round) => {
  const random = seededRandom(round);
  const home = mkdtempSync(join(folder, 'round-'));
  const journal = join(home, 'run.ndjson');
  writeFileSync(join(home, 'cases.ndjson'), ids.map((id) => `{"id":"${id}"}\n`).join(''));
  const server = await jobServer({ random, maxJobMs: 400 });
  let deaths = 0;
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const known = new Set(linesOf(journal).map(({ caseId }) => caseId));
      const before = submitsOf(server);
      const code = await live(home, server, 1 + Math.floor(random() * 150));
      if (code === null) deaths++;
      // What the journal knew as submitted was not submitted again, and at most --limit more than it knows now.
      for (const id of known) expect([id, server.submits.get(id)?.length]).toEqual([id, before.get(id)]);
      const unknown = [...server.submits.keys()].filter((id) => !linesOf(journal).some(({ caseId }) => caseId === id));
      expect(unknown.length).toBeLessThanOrEqual(LIMIT);
      if (code !== null) break;
    }
    expect([deaths > 0, await live(home, server, undefined)]).toEqual([true, 0]);
  } finally {
    await server.close();
  }
  const newest = new Map(linesOf(journal).map(({ caseId, status }) => [caseId, status]));
  expect(ids.map((id) => newest.get(id))).toEqual(ids.map(() => 'enriched'));
  const again = [...server.submits.values()].filter((keys) => keys.length > 1);
  expect(again.length).toBeLessThanOrEqual(deaths * LIMIT);
  // The only guard of those: the endpoint can tell that it is the same request.
  for (const keys of again) expect(new Set(keys).size).toBe(1);
});
