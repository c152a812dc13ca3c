/** `case-tracker serve`: the built-in endpoint until a signal comes. */

import { print } from '../io/sinks/print.js';
import { durationText } from '../config/parse-values.js';
import type { Resolved } from '../config/resolved.js';
import { EXIT } from '../errors.js';
import type { Host, SignalName } from '../host.js';
import { type DemoEndpoint, loadDemoData, startDemoEndpoint } from '../io/demo/endpoint.js';
import { DEMO_SECRET } from '../io/demo/tokens.js';

export interface ServeOptions {
  /** A free port when absent. */
  readonly port?: number;
  readonly delayMs?: number;
  readonly faults?: boolean;
  readonly ratePerSecond?: number;
  /** Asks for bearer tokens, which end after this time. */
  readonly tokenLifeMs?: number;
  /** A JSON file of enrichments; the package's sample when absent. */
  readonly data?: string;
  /** Prints nothing but the URL. */
  readonly quiet?: boolean;
}

/** Serves with the settings of the command line. */
export function run({ values }: Resolved<'serve'>, host: Host): Promise<number> {
  const { port, delayMs, faults, rate, tokenLifeMs, data, quiet } = values;
  const options = { delayMs, faults, quiet };
  return runServe(
    {
      ...options,
      ...(port === undefined ? {} : { port }),
      ...(rate === null || rate === undefined ? {} : { ratePerSecond: rate.perSecond }),
      ...(tokenLifeMs === undefined ? {} : { tokenLifeMs }),
      ...(data === undefined ? {} : { data }),
    },
    host,
  );
}

/** Serves until SIGINT or SIGTERM (exit code 0) or SIGHUP (129). Rejects with a UsageError or InputError. */
export async function runServe(options: ServeOptions, host: Host): Promise<number> {
  const { data: file, quiet, ...rest } = options;
  const data = await loadDemoData(file, host.cwd);
  using stop = new StopSignal(host);
  await using endpoint = await startDemoEndpoint({ ...rest, data, clock: host.clock });
  await print(`${endpoint.url}\n`, host);
  if (!quiet) await host.stderr.write(notice(endpoint, options));
  return exitCode(await stop.received);
}

/** Resolves with the first signal; rejects with an uncaught error. */
class StopSignal implements Disposable {
  readonly received: Promise<SignalName>;
  readonly #stops: (() => void)[] = [];

  constructor(host: Host) {
    this.received = new Promise((resolve, reject) => {
      this.#stops.push(host.onSignal(resolve), host.onFault(reject));
    });
    // The rejection may come before anything awaits it.
    this.received.catch(() => {});
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}

function exitCode(signal: SignalName): number {
  return signal === 'SIGHUP' ? EXIT.hangup : EXIT.ok;
}

function notice(endpoint: DemoEndpoint, options: ServeOptions): string {
  const traits = [
    `${endpoint.size} ${endpoint.size === 1 ? 'case' : 'cases'}`,
    ...(options.delayMs ? [`${options.delayMs}ms delay`] : []),
    ...(options.ratePerSecond === undefined ? [] : [`429 beyond ${options.ratePerSecond}/s`]),
    ...(options.faults ? ['with faults'] : []),
    ...(options.tokenLifeMs === undefined
      ? []
      : [`401 without a token, which lives ${durationText(options.tokenLifeMs)}`]),
  ];
  const ways = endpoint.tokenUrl === undefined ? [] : [tokenNotice(endpoint.tokenUrl)];
  return [
    `serving ${traits.join(', ')}; Ctrl-C stops it\n`,
    ...ways,
    `  try: case-tracker enrich cases.json --endpoint '${endpoint.url}'\n`,
  ].join('');
}

/** How to get a token, as a command that prints one. */
function tokenNotice(url: string): string {
  return `  a token: curl -s -u demo:${DEMO_SECRET} -d grant_type=client_credentials ${url}\n`;
}
