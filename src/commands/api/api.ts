/** `case-tracker api`: takes cases over HTTP until a signal comes, and runs them one after another. Experimental. */

import { join, relative, resolve } from 'node:path';
import type { Resolved } from '../../config/resolved.js';
import { EXIT, UsageError } from '../../errors.js';
import type { Host, SignalName } from '../../host.js';
import { type FileOps, type NamedPath, realFileOps } from '../../io/files/file-ops.js';
import { print } from '../../io/sinks/print.js';
import { RunQueue, type StartedJob } from '../../io/web/api/run-queue.js';
import { type RunEntry, RunsFolder } from '../../io/web/api/runs-folder.js';
import { openApiServer } from '../../io/web/api/server.js';
import { newToken } from '../../io/web/token.js';
import { printable } from '../../text/printable.js';
import { signalExitCode } from '../../verdict.js';
import { VERSION } from '../../version.js';
import { errorText } from '../shared/error-text.js';
import { recordOptions } from '../shared/reading.js';
import { checkEndpoint, needEndpoint } from './endpoint-check.js';
import { type JobOptions, startJob } from './job.js';
import { type RunFiles, runSettings } from './run-settings.js';

type LoadEnrich = JobOptions['loadEnrich'];

export interface ApiCommand {
  run(settings: Resolved<'api'>, host: Host, ops?: FileOps): Promise<number>;
}

/** The command; it loads `enrich` when a run needs it. */
export function apiCommand(loadEnrich: LoadEnrich): ApiCommand {
  return { run: (settings, host, ops = realFileOps) => serve(settings, host, ops, loadEnrich) };
}

/** Resolves with 0 after SIGINT or SIGTERM, with 129 after SIGHUP. Rejects with a UsageError before it listens. */
async function serve(settings: Resolved<'api'>, host: Host, ops: FileOps, loadEnrich: LoadEnrich): Promise<number> {
  const { values } = settings;
  const dir = folderOf(values.dir, host);
  const say = (text: string): void => void host.stderr.write(`${printable(text)}\n`);
  needEndpoint(values);
  const { values: ofRun } = runSettings(settings, host, filesIn(dir.name));
  await checkEndpoint(ofRun);
  const reading = recordOptions(ofRun);
  const { clock, pid } = host;
  const notices: string[] = [];
  await using folder = await RunsFolder.open(dir, { pid, ops, clock }, notices);
  for (const notice of notices) say(notice);
  const start = (entry: RunEntry): StartedJob => jobOf(entry, { dir, folder }, settings, host, ops, loadEnrich);
  const queue = new RunQueue({ folder, start, warn: say });
  await queue.recover();
  using signals = new Signals(host, queue);
  const token = values.token ?? newToken();
  await using server = await openApiServer({
    queue,
    folder,
    ops,
    clock,
    token,
    port: values.port,
    maxBody: values.maxBody,
    version: VERSION,
    reading,
    onBug: (error) => void host.stderr.write(errorText(error, [...settings.secrets, token])),
  });
  if (values.token === undefined) say(`token: ${token}`);
  await print(`${server.url}\n`, host);
  queue.begin();
  const signal = await signals.first;
  await Promise.race([queue.close(), signals.fault]);
  return signal === 'SIGHUP' ? signalExitCode(signal) : EXIT.ok;
}

function folderOf(dir: string | undefined, host: Host): NamedPath {
  if (dir !== undefined) return { name: dir, path: resolve(host.cwd, dir) };
  throw new UsageError('no folder for the runs is named', { hint: 'case-tracker api --dir runs/' });
}

/** Files as a run will have them, to find out before the first one whether its settings are right. */
function filesIn(dir: string): RunFiles {
  return { cases: join(dir, 'cases.json'), form: 'json', results: join(dir, 'results.ndjson') };
}

function jobOf(
  entry: RunEntry,
  { dir, folder }: { readonly dir: NamedPath; readonly folder: RunsFolder },
  api: Resolved<'api'>,
  host: Host,
  ops: FileOps,
  loadEnrich: LoadEnrich,
): StartedJob {
  const { id, form } = entry;
  const named = (path: string): string => join(dir.name, relative(dir.path, path));
  const files = { cases: named(folder.casesPath(entry)), form, results: named(folder.path(id, 'results.ndjson')) };
  return startJob({
    settings: () => runSettings(api, host, files),
    allowed: api.values.allowFailures,
    loadEnrich,
    logPath: folder.path(id, 'run.log'),
    host,
    ops,
    secrets: api.secrets,
  });
}

/** The first signal stops, a further one cancels what is in flight. */
class Signals implements Disposable {
  readonly first: Promise<SignalName>;
  /** Rejects with an uncaught error. */
  readonly fault: Promise<never>;
  readonly #stops: (() => void)[] = [];

  constructor(host: Host, queue: RunQueue) {
    this.fault = new Promise((_, reject) => void this.#stops.push(host.onFault(reject)));
    const signal = new Promise<SignalName>((resolveFirst) => {
      let count = 0;
      const heard = (name: SignalName): void => (count++ === 0 ? resolveFirst(name) : queue.cancel());
      this.#stops.push(host.onSignal(heard));
    });
    this.first = Promise.race([signal, this.fault]);
    for (const promise of [this.first, this.fault]) promise.catch(() => {});
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}
