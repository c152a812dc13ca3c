import { execFileSync, type ExecFileSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { isBuiltin } from 'node:module';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'case-tracker-package-'));
const modules = join(folder, 'node_modules');
const installed = join(modules, 'case-tracker');

function quietly(cwd: string): ExecFileSyncOptionsWithStringEncoding {
  return { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
}

/** The packed tarball, unpacked where another package would find it, with nothing else of this folder but its dependencies. */
beforeAll(() => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], quietly(root)),
  ) as [{ filename: string }];
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', installed, '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== 'case-tracker')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a program in another folder imports the packed tarball and enriches a file', () => {
  writeFileSync(join(folder, 'cases.ndjson'), '{"id":"a"}\n{"id":"b"}\n');
  writeFileSync(
    join(folder, 'program.mjs'),
    `import { loadCases, readCases, enrichCases, HttpEnrichmentClient } from 'case-tracker';
     const client = { enrich: async (aCase) => ({ ok: true, text: JSON.stringify({ of: aCase.id }) }) };
     const results = [];
     for await (const result of enrichCases(readCases('cases.ndjson'), client, { order: 'input' })) {
       results.push(result.enrichedCase.value);
     }
     const names = [typeof HttpEnrichmentClient, (await loadCases('cases.ndjson')).length];
     console.log(JSON.stringify({ results, names }));`,
  );
  const printed = execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' });
  expect(JSON.parse(printed)).toEqual({
    results: [
      { id: 'a', enrichment: { of: 'a' } },
      { id: 'b', enrichment: { of: 'b' } },
    ],
    names: ['function', 2],
  });
});

test('its binary runs from there, sample and demo endpoint included', () => {
  const bin = join(installed, 'bin/case-tracker.cjs');
  const sample = join(installed, 'data/cases.json');
  const printed = execFileSync(process.execPath, [bin, 'enrich', sample, '--endpoint', 'demo'], quietly(folder));
  expect((JSON.parse(printed) as { summary: object }).summary).toMatchObject({ total: 40, enriched: 40 });
});

test('its HTML report has its script in it', () => {
  const bin = join(installed, 'bin/case-tracker.cjs');
  const journal = join(folder, 'run.ndjson');
  const sample = join(installed, 'data/cases.json');
  execFileSync(process.execPath, [bin, 'enrich', sample, '--endpoint', 'demo', '-o', journal], quietly(folder));
  const page = execFileSync(process.execPath, [bin, 'report', journal, '--format', 'html'], quietly(folder));
  expect(page).toMatch(/script-src 'sha256-[\w+/]{43}='/);
  expect(page).toContain(readFileSync(join(installed, 'dist/page/report.js'), 'utf8'));
});

test('types are where package.json says', () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    exports: { '.': { types: string } };
  };
  const types = readFileSync(join(installed, exports['.'].types), 'utf8');
  expect(types).toContain('enrichCases');
});

test('no tests, sources or benchmarks are packed', () => {
  expect(readdirSync(installed).toSorted()).toEqual(
    expect.not.arrayContaining(['test', 'src', 'bench', 'fixtures', 'node_modules']),
  );
});

test('the executable requires nothing but Node.js, its own files and the declared dependencies', () => {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
  };
  const declared = { ...dependencies, ...peerDependencies };
  const bundle = join(installed, 'dist/bundle');
  const required = readdirSync(bundle).flatMap((file) =>
    [...readFileSync(join(bundle, file), 'utf8').matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(
      ([, name]) => name,
    ),
  );
  const packages = required
    .filter((name = '') => !isBuiltin(name) && !name.startsWith('.'))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name ?? '')?.[0]);
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter((name) => !Object.hasOwn(declared, name ?? ''))).toEqual([]);
});

test('without @redis/client everything else works, and a queue says how to install it', () => {
  const redis = join(modules, '@redis');
  rmSync(redis, { recursive: true, force: true });
  const bin = join(installed, 'bin/case-tracker.cjs');
  const sample = join(installed, 'data/cases.json');
  const listed = execFileSync(process.execPath, [bin, 'list', sample, '--count'], quietly(folder));
  expect(listed).toBe('40\n');
  const args = ['enqueue', sample, '--queue', 'redis://127.0.0.1:1/0#q'];
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' });
  expect(stderr).toBe(
    'error: a queue needs the package @redis/client, which is not installed\n' +
      '  hint: npm install @redis/client, with -g where case-tracker was installed with it\n',
  );
  expect(status).toBe(2);
});
