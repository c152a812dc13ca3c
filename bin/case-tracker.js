#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  const [{ main: run }, { realHost }] = await Promise.all([
    import(main.href),
    import(new URL('../dist/host.js', import.meta.url).href),
  ]);
  run(process.argv.slice(2), realHost());
} else {
  process.stderr.write('error: case-tracker is not built\n  hint: npm ci (in its own folder), then try again\n');
  process.exitCode = 70;
}
