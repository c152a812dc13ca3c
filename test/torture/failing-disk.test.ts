import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SavedResult } from '../../src/core/results/run-info.js';
import type { FileOps } from '../../src/io/files/file-ops.js';
import { faultyOps } from '../helpers/faulty-disk.js';
import { temporaryFolder } from '../helpers/folder.js';
import { runMain, type Outcome } from '../helpers/run-main.js';
import { type CountingEndpoint, countingEndpoint, isRefused } from './server.js';

const CASES = 9;
const ids = Array.from({ length: CASES }, (_, at) => `c${at}`);
let endpoint: CountingEndpoint;
beforeAll(async () => {
  endpoint = await countingEndpoint(() => 0, 0);
});
afterAll(() => endpoint.close());

const DISK: readonly (keyof FileOps)[] = ['open', 'write', 'sync', 'syncData', 'rename', 'link'];

describe.each([
  { fault: 'fails once', code: 'EIO', forGood: false },
  { fault: 'is full from then on', code: 'ENOSPC', forGood: true },
])('the n-th call to a disk that $fault', ({ code, forGood }) => {
  /** Tries with the first, the second … call failing until a run meets no fault. Answers with how many did. */
  async function untilNoFault(attempt: (ops: FileOps) => Promise<void>): Promise<number> {
    for (let at = 1; ; at++) {
      const ops = faultyOps({ at, code, forGood, calls: DISK });
      await attempt(ops);
      if (ops.faults() === 0) return at - 1;
    }
  }

  test('of a journal loses no result without saying so, leaves no half line, and the journal can be finished', async () => {
    const faults = await untilNoFault(async (ops) => {
      const home = newHome();
      const before = endpoint.answered.total;
      const outcome = await runMain([...argvOf('run.ndjson'), '--resume', '--dead-letter', 'failed.ndjson'], {
        cwd: home,
        ops,
      });
      const answers = endpoint.answered.total - before;
      const written = resultsIn(home);
      expect(outcome).toSatisfy(({ code }: Outcome) => [1, 5].includes(code));
      if (outcome.code === 5) expect(outcome.stderr).toMatch(/^error: cannot write (run|failed)\.ndjson/m);
      expect(written.filter(({ attempts }) => attempts > 0).length + unsaved(outcome)).toBe(answers);
      await finish(home, written);
    });
    expect(faults).toBeGreaterThan(8);
  }, 120_000);

  test('of a torn journal that is resumed loses nothing of it', async () => {
    const home = newHome();
    await runMain(argvOf('run.ndjson'), { cwd: home });
    const whole = readFileSync(join(home, 'run.ndjson'), 'utf8').split('\n').slice(0, 4).join('\n');
    const faults = await untilNoFault(async (ops) => {
      const torn = newHome();
      writeFileSync(join(torn, 'run.ndjson'), `${whole}\n{"caseId":"c`);
      const outcome = await runMain([...argvOf('run.ndjson'), '--resume'], { cwd: torn, ops });
      expect(outcome).toSatisfy(({ code }: Outcome) => [1, 3, 5].includes(code));
      expect(readFileSync(join(torn, 'run.ndjson'), 'utf8').startsWith(`${whole}\n`)).toBe(true);
      await finish(torn, resultsIn(torn));
    });
    expect(faults).toBeGreaterThan(8);
  }, 120_000);

  test('of a JSON report leaves the old one or the whole new one, and says what is lost', async () => {
    const faults = await untilNoFault(async (ops) => {
      const home = newHome();
      writeFileSync(join(home, 'run.json'), '{"old":true}');
      const before = endpoint.answered.total;
      const outcome = await runMain([...argvOf('run.json'), '--overwrite'], { cwd: home, ops });
      const answers = endpoint.answered.total - before;
      const report = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as { results?: SavedResult[] };
      expect(outcome).toSatisfy(({ code }: Outcome) => [1, 5].includes(code));
      if (outcome.code === 1) expect(report.results).toHaveLength(CASES);
      else if (report.results === undefined) expect(unsaved(outcome)).toBe(answers);
    });
    expect(faults).toBeGreaterThan(3);
  }, 120_000);
});

function newHome(): string {
  const home = temporaryFolder();
  writeFileSync(join(home, 'cases.ndjson'), ids.map((id) => `{"id":"${id}"}\n`).join(''));
  return home;
}

function argvOf(output: string): string[] {
  return ['enrich', 'cases.ndjson', '--endpoint', endpoint.url, '--limit', '2', '-o', output];
}

/** With the disk in order the rest is enriched, and nothing of it again. */
async function finish(home: string, written: readonly SavedResult[]): Promise<void> {
  const done = written.filter(({ status }) => status === 'enriched').map(({ caseId }) => caseId ?? '');
  const asked = done.map((id) => endpoint.asked.of(id));
  const { code, stderr } = await runMain([...argvOf('run.ndjson'), '--resume'], { cwd: home });
  expect({ code, stderr }).toMatchObject({ code: 1 });
  expect(done.map((id) => endpoint.asked.of(id))).toEqual(asked);
  const newest = Object.fromEntries(resultsIn(home).map(({ caseId, status }) => [caseId, status]));
  expect(newest).toEqual(Object.fromEntries(ids.map((id) => [id, isRefused(id) ? 'failed' : 'enriched'])));
}

/** The results of the journal. Its last line is whole, or there is none. */
function resultsIn(home: string): SavedResult[] {
  const path = join(home, 'run.ndjson');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = text.split('\n');
  const values = lines.slice(0, -1).map((line) => JSON.parse(line) as SavedResult);
  if (!text.endsWith('{"caseId":"c')) expect(lines.at(-1)).toBe('');
  return values.filter((value) => 'caseId' in value);
}

/** The number that the error message gives. */
function unsaved({ stderr }: Outcome): number {
  return Number(/([\d,]+) answered and not saved: c\d/.exec(stderr)?.[1] ?? 0);
}
