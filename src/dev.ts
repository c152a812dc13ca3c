/** `npm run dev`: the executable from the sources, without a build. */

import { realHost } from './host.js';
import { main } from './main.js';

main(process.argv.slice(2), realHost());
