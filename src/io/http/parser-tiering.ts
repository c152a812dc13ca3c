/**
 * undici's parser is WebAssembly, and one of its functions is so large that V8 optimizes it in 100 ms of CPU: by default
 * while the first answer is read, which in a short run is a third of the time, and the process can't end before it is done.
 */

import { setFlagsFromString } from 'node:v8';

/** The largest number there is for it: some 700 answers. Until then the code of V8's first compiler does. */
const LATER = '--wasm-tiering-budget=2000000000';

// V8 of Node 20, 22 and 24. Another may not have the flag, and V8 would say so on stderr.
const KNOWN = /^1[123]\./;

/** Has the parser optimized after some hundred answers, not at the first. For the whole process, before the first connection. */
export function optimizeParserLater(v8Version = process.versions.v8, setFlags = setFlagsFromString): void {
  if (KNOWN.test(v8Version)) setFlags(LATER);
}
