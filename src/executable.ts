/** The executable: `main` on the real host. bin/case-tracker.cjs runs the bundle of it, `npm run dev` this file. */

import { realHost } from './host.js';
import { main } from './main.js';

main(process.argv.slice(2), realHost());
