/**
 * The executable and its reading thread as CommonJS: of what a short command takes, most was the time to find, open and
 * link a hundred ES modules. What is loaded lazily is a file of its own. The library is what tsc makes. And the scripts
 * of the pages that the program makes, for browsers.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { defineConfig } from 'rolldown';

// Packages stay outside, but for those that are ES modules only (a CommonJS file can't have their default export on
// Node 20), and those that nearly every start needs: commander and undici's client are thirty files to find and open.
const INSIDE = ['p-limit', 'yocto-queue', 'get-east-asian-width', 'oauth4webapi', 'commander', 'undici'];

const COMMON =
  /[\\/]node_modules[\\/]get-east-asian-width[\\/]|[\\/]dist[\\/](?:commands[\\/]shared[\\/](?:fault|signal)-abort|config[\\/]parse-values|core[\\/](?:case|notify-hooks|secrets|queue-address|cases[\\/](?:where|known-fields|iso-time|problems)|results[\\/]failure-label|flow[\\/]accepted-statuses)|io[\\/]sources[\\/]file[\\/]record-sink|json[\\/](?:bytes|containers|pointer|text)|named-file|text[\\/](?:clip|csv|errno-words|file-endings|did-you-mean|format|printable|shell|style|file-arguments|loopback|table-url))\.js$/;

// Always needed together; the reading thread's part for databases would divide them.
const HOST = /[\\/]dist[\\/](?:host|errors|version|package-file)\.js$/;

// What is known of settings: every command line that is parsed needs all of it.
const SETTINGS =
  /[\\/]dist[\\/](?:cli[\\/]tree|config[\\/](?:settings[\\/][^\\/]+|access-token|files|headers|hooks|parse-statuses|parse-words|provenance|token-values|unset))\.js$/;

// Reading records, in the thread and without it. Leaf modules, or modules that need only those of the groups before.
const RECORDS =
  /[\\/]dist[\\/](?:json[\\/](?:array-cutter|array-document|carry|outline|position|scalar-scanner|string-scanner|utf8)|core[\\/](?:cases[\\/](?:duplicate|record|select|wanted-ids)|hash[\\/](?:hash-table|id-set|keyed-hash|stable-hash))|io[\\/](?:files[\\/](?:file-problem|input|line-cutter|utf8-pieces)|sources[\\/]entry-batch))\.js$/;

// What every run knows of its results and its end; leaf modules.
const RESULTS =
  /[\\/]dist[\\/]core[\\/](?:flow[\\/]pacing|results[\\/](?:bounds|latency|result-text|run-state|stop-reason))\.js$/;

const ABSENT = '\0absent';

const PROGRAM = defineConfig({
  input: { 'case-tracker': 'dist/executable.js', 'source-worker': 'dist/io/sources/file/worker.js' },
  platform: 'node',
  preserveEntrySignatures: false,
  external: (id, importer) =>
    !isAbsent(id, importer) && !id.startsWith('.') && !isAbsolute(id) && !INSIDE.includes(id.split('/', 1)[0]),
  plugins: [{ name: 'what-is-used', resolveId: withoutTheRest, load: loadAbsent }],
  output: {
    dir: 'dist/bundle',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    cleanDir: true,
    // What nearly every command needs: one file to find and open instead of ten.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: 'common', test: COMMON },
        { name: 'host', test: HOST },
        { name: 'settings', test: SETTINGS },
        { name: 'records', test: RECORDS },
        { name: 'results', test: RESULTS },
      ],
    },
    // The sources have them.
    comments: false,
    postBanner: ({ moduleIds }) => {
      const packages = INSIDE.filter((name) => moduleIds.some((id) => packageOf(id) === name));
      return packages.length === 0 ? '' : `/*!\n${packages.map(licenseOf).join('\n')}*/`;
    },
  },
  logLevel: 'warn',
});

/** An entry of src/report/html/page as one script that stands in a page: `dist/page/NAME.js`. */
const pageScript = (name) =>
  defineConfig({
    input: `src/report/html/page/${name}.ts`,
    platform: 'browser',
    tsconfig: 'src/report/html/page/tsconfig.json',
    transform: { target: 'es2022' },
    // A page has no control character but line breaks, as no report has.
    plugins: [{ name: 'spaces', generateBundle: (_, bundle) => Object.values(bundle).forEach(indentWithSpaces) }],
    output: { file: `dist/page/${name}.js`, format: 'iife', strict: true, comments: false },
    logLevel: 'warn',
  });

function indentWithSpaces(chunk) {
  const code = chunk.code.replace(/^\t+/gm, (tabs) => '  '.repeat(tabs.length));
  // What is left stands in texts.
  chunk.code = code.replaceAll('\t', String.raw`\t`);
}

export default [PROGRAM, pageScript('report'), pageScript('live')];

// What packages name at their top and is never reached here. undici does without http2 in a Node.js that has none, and
// no connection here offers it; commander starts processes for commands that are programs of their own.
const NEVER_USED = { undici: 'node:http2', commander: 'node:child_process' };

function isAbsent(id, importer = '') {
  return NEVER_USED[packageOf(importer)] === id;
}

// The bodies of fetch, and the parser for a V8 without SIMD: undici asks for them in rare cases, and they stay in its package.
function withoutTheRest(id, importer = '') {
  if (isAbsent(id, importer)) return ABSENT;
  if (packageOf(importer) !== 'undici') return undefined;
  const rare = /\/(web\/fetch\/.*|llhttp\/llhttp-wasm\.js)$/.exec(id)?.[1];
  return rare === undefined ? undefined : { id: `undici/lib/${rare}`, external: true };
}

function loadAbsent(id) {
  return id === ABSENT ? 'export const constants = {};' : undefined;
}

function packageOf(moduleId) {
  return /[\\/]node_modules[\\/]([^\\/]+)[\\/]/.exec(moduleId)?.[1];
}

function licenseOf(name) {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const file = readdirSync(folder).find((entry) => /^license/i.test(entry));
  return `${name}\n\n${readFileSync(new URL(file, folder), 'utf8')}`;
}
