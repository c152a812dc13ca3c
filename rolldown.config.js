/**
 * The executable and its reading thread as CommonJS: of what a short command takes, most was the time to find, open and
 * link a hundred ES modules. What is loaded lazily is a file of its own. The library is what tsc makes.
 */

import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { defineConfig } from 'rolldown';

// Packages stay outside, but for those that are ES modules only: a CommonJS file can't have their default export on Node 20.
const INSIDE = ['p-limit', 'yocto-queue'];
const LICENSES = INSIDE.map(
  (name) => `${name}\n\n${readFileSync(new URL(`node_modules/${name}/license`, import.meta.url), 'utf8')}`,
);

export default defineConfig({
  input: { 'case-tracker': 'dist/executable.js', 'source-worker': 'dist/io/sources/file/worker.js' },
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id) && !INSIDE.includes(id),
  output: {
    dir: 'dist/bundle',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    cleanDir: true,
    // The sources have them.
    comments: false,
    postBanner: ({ moduleIds }) =>
      moduleIds.some((id) => /node_modules\/p-limit\//.test(id)) ? `/*!\n${LICENSES.join('\n')}*/` : '',
  },
  logLevel: 'warn',
});
