// `node --import loaded-modules.mjs …` appends the URL of every module that is loaded in the main thread, and `thread:` for
// every thread that is started, to the file LOADED_MODULES.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const note = (...urls) => appendFileSync(process.env.LOADED_MODULES, urls.map((url) => `${url}\n`).join(''));

if (isMainThread) {
  register(import.meta.url);
  // The hooks have a thread too, which is announced soon.
  await new Promise((resolve) => setImmediate(resolve));
  process.on('worker', () => note('thread:'));
  const { cache } = createRequire(import.meta.url);
  process.on('exit', () => note(...Object.keys(cache).map((path) => pathToFileURL(path).href)));
}

export async function load(url, context, nextLoad) {
  note(url);
  return nextLoad(url, context);
}
