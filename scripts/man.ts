/** Writes the man page, man/case-tracker.1: `npm run man`. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { manPage } from '../src/cli/man.js';
import { VERSION } from '../src/version.js';

const folder = new URL('../man/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('case-tracker.1', folder), manPage(VERSION));
