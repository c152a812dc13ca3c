/**
 * The shell: parse, resolve, run, exit code. Synchronous to its caller. A run ends by itself once all that it opened is
 * closed; only a bug ends the process at once. What only some command lines need is loaded when it is needed: that is
 * most of the time a short command takes.
 */

import { COMMANDS, type Loaders } from './commands/index.js';
import type { Invocation } from './cli/parse.js';
import { print } from './io/sinks/print.js';
import type { CliValues } from './config/given.js';
import type { CommandName } from './config/settings/index.js';
import { errorLogLine, EXIT, exitCodeOfError, isStdoutClosed, renderError, shortageOf, strayError } from './errors.js';
import type { Host } from './host.js';

/** Runs the command line and gives `host.exit` the exit code. `commands` are replaced by tests. */
export function main(argv: readonly string[], host: Host, commands: Loaders = COMMANDS): void {
  const { CASE_TRACKER_LOG_LEVEL: level, CASE_TRACKER_LOG_FORMAT: format } = host.env;
  const known: Known = {
    secrets: [],
    argv,
    stack: wantsStack(level),
    json: format === 'json',
  };
  const run = runInvocation(argv, host, commands, known).then(
    (code): End => ({ code }),
    (error: unknown): End => ({ error }),
  );
  let isStray = false;
  // Commands listen too, and release their resources: the journal, the lock.
  host.onFault((error) => {
    if (isStray) return;
    isStray = true;
    void within(CLOSING_MS, run, host).then(() => finish({ error: strayError(error) }, host, known));
  });
  void run.then((end) => (isStray ? undefined : finish(end, host, known)));
}

/** How a run ended: with its exit code, or with what it has thrown. */
type End = { readonly code: number } | { readonly error: unknown };

/** How long, in milliseconds, a run with a bug may take to close what it has open; as long again for stderr to take the message. */
const CLOSING_MS = 1_000;

async function finish(end: End, host: Host, known: Known): Promise<void> {
  if ('code' in end) return host.exit(end.code);
  const told = reportError(end.error, host, known).catch((failure: unknown) => reportBriefly(end.error, failure, host));
  if (exitCodeOfError(end.error) !== EXIT.bug || isStdoutClosed(end.error)) return host.exit(await told);
  // Whatever a bug has left behind, it must not keep the process alive.
  await within(CLOSING_MS, told, host);
  host.die(EXIT.bug);
}

/** Resolves when the work has settled, or after a timeout. */
function within(ms: number, work: Promise<unknown>, { clock }: Host): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(ms, resolve);
    const done = (): void => {
      timer.cancel();
      resolve();
    };
    work.then(done, done);
  });
}

/** What an error message must take into account, as far as the run got. */
interface Known {
  /** The arguments may have URLs with passwords in them, whatever became of the settings. */
  readonly argv: readonly string[];
  secrets: readonly string[];
  stack: boolean;
  json: boolean;
}

async function runInvocation(argv: readonly string[], host: Host, commands: Loaders, known: Known): Promise<number> {
  const invocation = plainQuestion(argv, commands) ?? (await import('./cli/parse.js')).parseArguments(argv);
  if (invocation.kind !== 'run') return printAnswer(invocation, host);
  return runCommand(invocation.command, invocation.values, argv, host, commands, known);
}

type Question = Exclude<Invocation, { kind: 'run' }>;

/** Version or help with nothing else on the line, which need no parser; else undefined. */
function plainQuestion(argv: readonly string[], commands: Loaders): Question | undefined {
  const flag = argv.at(-1);
  const command = argv.length === 2 ? (argv[0] as CommandName) : undefined;
  if (argv.length > 2 || (command !== undefined && !Object.hasOwn(commands, command))) return undefined;
  if (flag === '--version' || flag === '-V') return { kind: 'version' };
  return flag === '--help' || flag === '-h' ? { kind: 'help', command, full: flag === '--help' } : undefined;
}

async function printAnswer(question: Question, host: Host): Promise<number> {
  await print(await answerTo(question, host), host);
  return EXIT.ok;
}

async function answerTo(question: Question, host: Host): Promise<string> {
  if (question.kind === 'version') return `${(await import('./version.js')).VERSION}\n`;
  const { helpText } = await import('./cli/help.js');
  return helpText(question.command, question.full, host.stdout.columns);
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
  const [{ resolveSettings }, { realFiles }, { withoutPassword }] = await Promise.all([
    import('./config/resolve.js'),
    import('./config/files.js'),
    import('./text/table-url.js'),
  ]);
  const settings = resolveSettings(command, cli, { env, cwd, files: realFiles, stdin: host.stdin });
  known.secrets = settings.secrets;
  known.stack = wantsStack(settings.values.logLevel);
  known.json = settings.values.logFormat === 'json';
  const module = await commands[command]();
  return module.run({ ...settings, argv: argv.map(withoutPassword) }, host);
}

function wantsStack(logLevel: unknown): boolean {
  return logLevel === 'debug' || logLevel === 'trace';
}

async function reportError(error: unknown, host: Host, { secrets, argv, stack, json }: Known): Promise<number> {
  if (isStdoutClosed(error)) return EXIT.ok;
  const [{ createRedactor }, { printable, printableJsonLines }, { passwordsIn }] = await Promise.all([
    import('./io/secrets/redact.js'),
    import('./text/printable.js'),
    import('./text/table-url.js'),
  ]);
  const redactor = createRedactor([...secrets, ...passwordsIn([...argv, ...Object.values(host.env)])]);
  const redact = (text: string): string => redactor.redact(text);
  const time = new Date(host.clock.wallNow()).toISOString();
  const text = json
    ? printableJsonLines(errorLogLine(error, time, { stack, shown: redact }))
    : renderError(error, { stack, shown: (line) => printable(redact(line)) });
  await host.stderr.write(text);
  return exitCodeOfError(error);
}

/** The message where the redactor can't be loaded because of `failure`: it contains nothing of the error itself. */
async function reportBriefly(error: unknown, failure: unknown, { stderr }: Host): Promise<number> {
  const { message, hint } = shortageOf(error) ?? shortageOf(failure) ?? UNTOLD;
  await stderr.write(`error: ${message}\n  hint: ${hint}\n`);
  return exitCodeOfError(error);
}

const UNTOLD = {
  message: 'something went wrong, and what would tell it cannot be loaded',
  hint: 'npm ci, then try again',
};
