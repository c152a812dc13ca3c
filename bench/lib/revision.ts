/** `--against REV`: another revision of the program, checked out and built beside this one. */

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { owned } from './child.js';
import type { Program } from './programs.js';
import { note } from './table.js';

const HERE = fileURLToPath(new URL('../../', import.meta.url));
const LOCK = 'package-lock.json';

/** A checkout that goes away with `remove`, which is synchronous so that it can run at Ctrl-C too. */
export interface Revision {
  build(): Promise<Program>;
  remove(): void;
}

/** Throws a TypeError when there is no such revision; nothing is made before `build`. */
export function revision(name: string, folder: string): Revision {
  const commit = commitOf(name);
  const place = join(folder, `revision-${commit}`);
  return {
    async build() {
      note(`building ${name} (${commit.slice(0, 7)})`);
      await run('git', ['worktree', 'add', '--quiet', '--detach', place, commit], HERE);
      await provideModules(place);
      await run('npm', ['run', '--silent', 'build'], place);
      return { name: `case-tracker at ${name}`, bin: join(place, 'bin', 'case-tracker.cjs') };
    },
    remove: () => removeWorktree(place),
  };
}

function commitOf(name: string): string {
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    return execFileSync('git', args, { cwd: HERE, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    throw new TypeError(`--against ${name}: git knows no such revision here; git log shows those that there are`);
  }
}

/** The packages of this checkout where the revision has the same, else its own. */
async function provideModules(place: string): Promise<void> {
  const [ours, theirs] = [HERE, place].map((folder) => readFileSync(join(folder, LOCK), 'utf8'));
  if (ours === theirs) symlinkSync(join(HERE, 'node_modules'), join(place, 'node_modules'), 'junction');
  else await run('npm', ['ci', '--silent', '--ignore-scripts', '--no-audit', '--no-fund'], place);
}

/** What the command prints is shown only when it fails. */
async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = owned(spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true }));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => said.push(part.toString()));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${String(code)}:\n${said.join('')}`);
}

function removeWorktree(place: string): void {
  try {
    // Twice: git locks a worktree while it makes it, and may have been ended in the middle of that.
    execFileSync('git', ['worktree', 'remove', '--force', '--force', place], { cwd: HERE, stdio: 'ignore' });
  } catch {
    // It had not been made yet.
  }
}
