import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds dist once before the tests: the worker and the real binary always run built JavaScript. */
export default function buildDist(): void {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  runTool('typescript', 'bin/tsc', '-p', 'tsconfig.json');
  runTool('rolldown', 'bin/cli.mjs', '-c');
}

/** Runs a package's executable: `npm run build` without npm, which takes longer than both. */
function runTool(name: string, executable: string, ...args: readonly string[]): void {
  const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  execFileSync(process.execPath, [join(folder, executable), ...args], { cwd: root, stdio: 'inherit' });
}
