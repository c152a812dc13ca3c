/** A run whose end, and whose stalls, are told to webhooks. Loaded only where there are any. */

import type { Resolved } from '../../config/resolved.js';
import type { RunWatcher } from '../../core/ports.js';
import { CaseTrackerError, EXIT, exitCodeOfError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { Proxy } from '../../io/http/proxy.js';
import { createRedactor } from '../../io/secrets/redact.js';
import { createLogger } from '../../io/watch/log.js';
import { Notifier } from '../../io/watch/notify/notifier.js';
import { printable } from '../../text/printable.js';
import { colorEnabled, createStyle } from '../../text/style.js';
import { VERSION } from '../../version.js';

/** What the messages may still take when somebody who waits for the end has interrupted twice. */
const HURRIED_MS = 2_000;

/** The proxy of the environment to an origin, if any. */
type ProxyTo = (origin: string) => Proxy | undefined;

/**
 * Runs and then tells, when all that the run had open is closed. Resolves with the run's exit code, or throws what it has
 * thrown: whatever becomes of the messages. Throws a UsageError before the run for a proxy that can't be used.
 * @param run calls `over` when the run has ended with this exit code, and only the live page keeps it: that is told now.
 */
export async function withNotifications(
  settings: Resolved<'enrich'>,
  host: Host,
  proxyTo: ProxyTo,
  run: (watcher: RunWatcher, over: (exitCode: number) => void) => Promise<number>,
): Promise<number> {
  const notifier = openNotifier(settings, host, proxyTo);
  using patience = new Patience(host);
  let telling: Promise<void> | undefined;
  const told = (exitCode: number): Promise<void> => (telling ??= tell(notifier, exitCode, patience, settings, host));
  let code: number;
  try {
    code = await run(notifier, (exitCode) => void told(exitCode));
  } catch (error) {
    if (isTold(error)) await told(exitCodeOfError(error));
    else await notifier.drop();
    throw error;
  }
  await told(code);
  return code;
}

/** An input that can't be read, an output that can't be written; no bug, and no wrong setting. */
function isTold(error: unknown): boolean {
  return error instanceof CaseTrackerError && error.exitCode !== EXIT.usage;
}

function openNotifier({ values, secrets }: Resolved<'enrich'>, host: Host, proxyTo: ProxyTo): Notifier {
  const found = new Map<string, Proxy | undefined>();
  for (const { origin } of values.notify) found.set(origin, proxyTo(origin));
  const redactor = createRedactor(secrets);
  return new Notifier({
    hooks: values.notify,
    clock: host.clock,
    userAgent: `case-tracker/${VERSION}`,
    proxyOf: (origin) => found.get(origin),
    redact: (text) => redactor.redact(text),
  });
}

async function tell(
  notifier: Notifier,
  code: number,
  patience: Patience,
  settings: Resolved<'enrich'>,
  host: Host,
): Promise<void> {
  const warnings = await notifier.finish(code, patience.ending());
  if (warnings.length > 0 && !settings.values.quiet) await warn(warnings, settings, host);
}

async function warn(warnings: readonly string[], { values, secrets }: Resolved<'enrich'>, host: Host): Promise<void> {
  const { stderr: stream, clock, env } = host;
  const style = createStyle(colorEnabled(values.color, stream.isTTY, env));
  if (values.logFormat !== 'json') {
    for (const text of warnings) await stream.write(`${style.yellow('!')} ${printable(text)}\n`);
    return;
  }
  const redactor = createRedactor(secrets);
  const redact = (text: string): string => redactor.redact(text);
  const log = createLogger({ level: values.logLevel, format: 'json', stream, clock, style, redact });
  for (const text of warnings) log.warn({}, text);
  await log.flush();
}

/** How long the end waits for the messages: a signal that comes meanwhile cuts them off; after two before, 2 s are left. */
class Patience implements Disposable {
  readonly #host: Host;
  readonly #cut = new AbortController();
  readonly #unlisten: () => void;
  #isEnding = false;
  #signals = 0;
  #cancelTimer = (): void => {};

  constructor(host: Host) {
    this.#host = host;
    this.#unlisten = host.onSignal(() => {
      this.#signals++;
      if (this.#isEnding) this.#cut.abort();
    });
  }

  /** The run has ended: from now on a signal aborts this. */
  ending(): AbortSignal {
    this.#isEnding = true;
    if (this.#signals > 1) {
      const timer = this.#host.clock.setTimer(HURRIED_MS, () => this.#cut.abort());
      this.#cancelTimer = () => timer.cancel();
    }
    return this.#cut.signal;
  }

  [Symbol.dispose](): void {
    this.#unlisten();
    this.#cancelTimer();
  }
}
