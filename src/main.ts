/** The shell: parse, resolve, run, exit code. Synchronous to its caller; nobody calls process.exit. */

import { COMMANDS, type Loaders } from './cli/command-module.js';
import { helpText } from './cli/help.js';
import { type Invocation, parseArguments } from './cli/parse.js';
import { print } from './cli/print.js';
import { realFiles } from './config/files.js';
import type { CliValues } from './config/given.js';
import { resolveSettings } from './config/resolve.js';
import type { CommandName } from './config/settings.js';
import { errorLogLine, EXIT, exitCodeOfError, renderError, systemCode } from './errors.js';
import type { Host } from './host.js';
import { createRedactor } from './io/redact.js';
import { printable, printableJsonLines } from './report/text.js';
import { VERSION } from './version.js';

/** Runs the command line and gives `host.exit` the exit code. `commands` are replaced by tests. */
export function main(argv: readonly string[], host: Host, commands: Loaders = COMMANDS): void {
  const { CASE_TRACKER_LOG_LEVEL: level, CASE_TRACKER_LOG_FORMAT: format } = host.env;
  const known: Known = { secrets: [], stack: wantsStack(level), json: format === 'json' };
  runInvocation(argv, host, commands, known)
    .catch((error: unknown) => reportError(error, host, known))
    .then(
      (code) => host.exit(code),
      () => host.exit(EXIT.bug),
    );
}

/** What an error message must take into account, as far as the run got. */
interface Known {
  secrets: readonly string[];
  stack: boolean;
  json: boolean;
}

async function runInvocation(argv: readonly string[], host: Host, commands: Loaders, known: Known): Promise<number> {
  const invocation = parseArguments(argv);
  if (invocation.kind !== 'run') return printAnswer(invocation, host);
  return runCommand(invocation.command, invocation.values, argv, host, commands, known);
}

async function printAnswer(invocation: Exclude<Invocation, { kind: 'run' }>, host: Host): Promise<number> {
  const isHelp = invocation.kind === 'help';
  const text = isHelp ? helpText(invocation.command, invocation.full, host.stdout.columns) : `${VERSION}\n`;
  await print(text, host);
  return EXIT.ok;
}

async function runCommand<C extends CommandName>(
  command: C,
  cli: CliValues,
  argv: readonly string[],
  host: Host,
  commands: Loaders,
  known: Known,
): Promise<number> {
  if (cli['logLevel'] !== undefined) known.stack = wantsStack(cli['logLevel']);
  if (cli['logFormat'] !== undefined) known.json = cli['logFormat'] === 'json';
  const { env, cwd } = host;
  const settings = resolveSettings(command, cli, { env, cwd, files: realFiles, stdinIsTTY: host.stdin.isTTY });
  known.secrets = settings.secrets;
  known.stack = wantsStack(settings.values.logLevel);
  known.json = settings.values.logFormat === 'json';
  const module = await commands[command]();
  return module.run({ ...settings, argv }, host);
}

function wantsStack(logLevel: unknown): boolean {
  return logLevel === 'debug' || logLevel === 'trace';
}

async function reportError(error: unknown, host: Host, { secrets, stack, json }: Known): Promise<number> {
  // The reader of stdout has gone (`| head`): that is how it says “enough”.
  if (systemCode(error) === 'EPIPE') return EXIT.ok;
  const redactor = createRedactor(secrets);
  const redact = (text: string): string => redactor.redact(text);
  const time = new Date(host.clock.wallNow()).toISOString();
  const text = json
    ? printableJsonLines(errorLogLine(error, time, { stack, shown: redact }))
    : renderError(error, { stack, shown: (line) => printable(redact(line)) });
  // Without stderr there is nobody left to tell.
  await host.stderr.write(text).catch(() => {});
  return exitCodeOfError(error);
}
