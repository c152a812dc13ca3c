/**
 * Makes a release: `npm run release -- 0.2.0`. Sets the version, dates the changelog, runs the tests, commits and tags;
 * what is left to do by hand is printed. With `--dry-run` it says what it would do, packs, and changes nothing.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const UNRELEASED = /^## Unreleased\n([\s\S]*?)(?=^## |(?![\s\S]))/m;

/** The changelog with its part "Unreleased" under a version and a date (`2026-11-24`). Throws where there is nothing new. */
export function datedChangelog(changelog: string, version: string, date: string): string {
  const [, news = ''] = UNRELEASED.exec(changelog) ?? [];
  if (news.trim() === '') throw new Error('CHANGELOG.md has nothing under "## Unreleased"');
  if (changelog.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md has ${version} already`);
  return changelog.replace(UNRELEASED, () => `## Unreleased\n\n## ${version} – ${date}\n${news}`);
}

/** Throws unless the version is `MAJOR.MINOR.PATCH` and later than the one there is. */
export function checkVersion(next: string, current: string): void {
  if (!/^\d+\.\d+\.\d+$/.test(next)) throw new Error(`${next} is no version such as 1.2.3`);
  const numbers = (version: string): number[] => version.split('.').map(Number);
  const later = numbers(next)
    .map((number, at) => number - (numbers(current)[at] ?? 0))
    .find((difference) => difference !== 0);
  if (later === undefined || later < 0) throw new Error(`${next} does not come after ${current}`);
}

function release(args: readonly string[]): void {
  const dryRun = args.includes('--dry-run');
  const { version: current } = JSON.parse(readText('package.json')) as { version: string };
  const version = args.find((arg) => !arg.startsWith('-')) ?? (dryRun ? current : '');
  // A dry run without a version looks at the next release of the version that stands in package.json.
  if (version !== current || !dryRun) checkVersion(version, current);
  const changelog = datedChangelog(readText('CHANGELOG.md'), version, new Date().toISOString().slice(0, 10));
  if (dryRun) {
    run('npm', ['pack', '--dry-run']);
    console.log(`would set ${version}, date the changelog, run the tests, commit and tag v${version}`);
    return;
  }
  if (run('git', ['status', '--porcelain'], 'pipe') !== '')
    throw new Error('the work tree has changes: commit them first');
  writeFileSync(new URL('CHANGELOG.md', root), changelog);
  run('npm', ['version', version, '--no-git-tag-version', '--ignore-scripts']);
  run('npm', ['run', 'man']);
  run('npm', ['test']);
  run('git', ['commit', '--all', '--message', `Version ${version}`]);
  run('git', ['tag', '--annotate', `v${version}`, '--message', `Version ${version}`]);
  console.log(`next: git push --follow-tags && npm publish`);
}

function readText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

function run(program: string, args: readonly string[], output: 'inherit' | 'pipe' = 'inherit'): string {
  const printed = execFileSync(program, args, { cwd: root, stdio: ['ignore', output, 'inherit'], encoding: 'utf8' });
  return printed ?? '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    release(process.argv.slice(2));
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
