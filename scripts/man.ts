/** Prints the man page: `npx tsx scripts/man.ts > case-tracker.1`. */

import { manPage } from '../src/cli/man.js';
import { VERSION } from '../src/version.js';

process.stdout.write(manPage(VERSION));
