/** `enrich a --format cases | enrich - --endpoint b`. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { runShell } from '../helpers/binary.js';
import { answer, countingServer, idOf } from '../helpers/counting-server.js';
import { folderWith } from '../helpers/folder.js';
import { resultLinesOf } from '../helpers/results.js';

const EXACT = '{"n":1.0,"id":12345678901234567890,"z":1e2,"a":"\\u00e9"}';
const SECOND = 'ct enrich - --endpoint "$2/{id}" --into second -o second.ndjson';

describe('two enrichments in a chain', () => {
  test('ids and texts stay as they were; what failed or is invalid does not go on', async () => {
    const [one, two] = [
      await countingServer((request, response) => answer(response, 1, idOf(request) === 'bad' ? 404 : 200)),
      await countingServer((_, response) => answer(response, 2)),
    ];
    const cwd = folderWith({ 'cases.ndjson': `${EXACT}\n{"id":"bad"}\n{"title":"no id"}\n{"id":"b"}\n` });
    const script = `set -o pipefail; ct enrich cases.ndjson --endpoint "$1/{id}" --format cases -q | ${SECOND}`;
    const { code, stderr } = await runShell(script, cwd, one.url, two.url);
    expect(code).toBe(1);
    expect(stderr).toContain('2 of 4 cases were not enriched (exit 1');
    expect(stderr).toContain('✓ 2 cases enriched');
    const journal = readFileSync(join(cwd, 'second.ndjson'), 'utf8');
    expect(journal).toContain(`"enrichedCase":${EXACT.slice(0, -1)},"enrichment":1,"second":2}`);
    const ids = new Set(resultLinesOf(journal).results.map(({ caseId }) => caseId));
    expect(ids).toEqual(new Set(['12345678901234567890', 'b']));
  });

  test('the second begins while the first is at work', async () => {
    const held = new Map<string, ServerResponse>();
    const release = (id: string): void => {
      const response = held.get(id);
      if (response !== undefined) answer(response);
    };
    const one = await countingServer((request, response) => {
      held.set(idOf(request), response);
      if (held.size === 2) release('b');
    });
    const two = await countingServer((request, response) => {
      answer(response);
      if (idOf(request) === 'b') release('slow');
    });
    const cwd = folderWith({ 'cases.ndjson': '{"id":"slow"}\n{"id":"b"}\n' });
    const script = `ct enrich cases.ndjson --endpoint "$1/{id}" --timeout 60s --deadline 60s --format cases | ${SECOND}`;
    const { code } = await runShell(script, cwd, one.url, two.url);
    expect([code, two.stats.requests]).toEqual([0, ['GET /b', 'GET /slow']]);
  });

  test('a reader that has enough ends the first quietly', async () => {
    const server = await countingServer();
    const cases = Array.from({ length: 5000 }, (_, n) => `{"id":"C-${n}"}\n`).join('');
    const script = 'ct enrich cases.ndjson --endpoint "$1/{id}" --format cases --progress none | head -1 > first';
    const { code, stderr } = await runShell(script, folderWith({ 'cases.ndjson': cases }), server.url);
    expect([code, stderr]).toEqual([0, '']);
    expect(server.stats.requests.length).toBeLessThan(5000);
  });
});

describe('cases in a file', () => {
  test('are there whole at the end, in NDJSON whatever its name; not without --overwrite', async () => {
    const server = await countingServer();
    const cwd = folderWith({ 'cases.ndjson': '{"id":"a"}\n{"id":"b"}\n' });
    const enrich = 'ct enrich cases.ndjson --endpoint "$1/{id}" --format cases -q --order input -o out.ndjson';
    expect((await runShell(`${enrich} && ct list out.ndjson --format ndjson`, cwd, server.url)).stdout).toBe(
      '{"id":"a","enrichment":{"ok":true}}\n{"id":"b","enrichment":{"ok":true}}\n',
    );
    const again = await runShell(enrich, cwd, server.url);
    expect([again.code, again.stderr]).toEqual([
      2,
      'error: out.ndjson already exists\n  hint: --overwrite replaces it\n',
    ]);
    expect((await runShell(`${enrich} --overwrite`, cwd, server.url)).code).toBe(0);
    const journal = await runShell('ct enrich cases.ndjson --endpoint demo -o out.ndjson --resume', cwd);
    expect([journal.code, journal.stderr]).toEqual([3, expect.stringContaining('a case file is no journal') as string]);
  });

  test('a run that cannot begin leaves no file', async () => {
    const cwd = folderWith();
    const { code } = await runShell('ct enrich none.ndjson --endpoint demo --format cases -o out.ndjson', cwd);
    expect([code, existsSync(join(cwd, 'out.ndjson'))]).toEqual([3, false]);
  });
});
