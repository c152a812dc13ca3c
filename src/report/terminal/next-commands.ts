/** The commands to go on with after a run, complete and quoted. */

import type { FailureGroup } from '../../core/results/failure-groups.js';
import type { RunInfo, Summary } from '../../core/results/run-info.js';
import { formatByEnding, withEnding } from '../../text/file-endings.js';
import { isTableUrl } from '../../text/table-url.js';
import { fileArgument, isReadOnce } from '../../text/file-arguments.js';
import { formatCount } from '../../text/format.js';
import type { CommandFacts } from './hints.js';
import { commandLine, shellQuote } from '../../text/shell.js';
import type { NextCommand } from '../../core/results/run-end.js';

/** What to do next, in order of use; empty when every case is enriched. */
export function nextCommands(
  run: RunInfo,
  summary: Summary,
  groups: readonly FailureGroup[],
  command: CommandFacts,
): NextCommand[] {
  const isDone = summary.total === summary.enriched && isWhole(run);
  const leftOut = callLeftOut(command);
  if (isDone && leftOut === undefined) return [];
  const isWritten = command.journal || run.stoppedBy !== 'output';
  const again = isDone ? undefined : goOn(run, summary, groups, command);
  const next = [again, leftOut, isWritten ? seeReport(command) : undefined];
  return next.filter((each) => each !== undefined).map(askForSecrets);
}

/** The same command for the cases without a result that `--only` has left out. */
function callLeftOut(command: CommandFacts): NextCommand | undefined {
  const { argv, leftOutMissing: count = 0 } = command;
  if (count === 0 || !isRepeatable(command)) return undefined;
  const all = withoutFlag(argv, '--only');
  const only = all.length === argv.length ? ['--only', 'missing'] : [];
  const what = `go on with the ${count === 1 ? 'one' : formatCount(count)} left out, without a result`;
  return { command: commandLine(withFlags(resumeArguments(all), only)), what };
}

/** Without the flag and its value, wherever they stand before `--`. */
function withoutFlag(argv: readonly string[], flag: string): string[] {
  const end = argv.indexOf('--') === -1 ? argv.length : argv.indexOf('--');
  return argv.filter(
    (argument, at) => at >= end || !(argument === flag || argument.startsWith(`${flag}=`) || argv[at - 1] === flag),
  );
}

/** The command can be given once more: its input is still there. */
function isRepeatable({ argv, files }: CommandFacts): boolean {
  return argv.length > 0 && files.length > 0 && !files.some(isReadOnce);
}

/** True when the run read all it was asked to: with `--first` the rest of the input was not wanted. */
function isWhole({ complete, stoppedBy }: RunInfo): boolean {
  return complete || stoppedBy === null;
}

/** The same arguments for a run that goes on from the journal. */
export function resumeArguments(argv: readonly string[]): string[] {
  return withFlags(
    argv.filter((argument) => argument !== '--overwrite' && argument !== '--resume'),
    ['--resume'],
  );
}

function goOn(
  run: RunInfo,
  summary: Summary,
  groups: readonly FailureGroup[],
  command: CommandFacts,
): NextCommand | undefined {
  if (!isRepeatable(command)) return undefined;
  if (command.journal)
    return { command: commandLine(resumeArguments(command.argv)), what: resumeEffect(run, summary, groups) };
  // Where nothing has worked yet there is nothing to keep.
  if (command.output !== undefined || command.freeJournal === undefined || summary.enriched === 0) return undefined;
  return {
    command: commandLine(withFlags(withoutStdout(command.argv), ['-o', command.freeJournal])),
    what: 'keep the results, so that --resume can go on',
  };
}

function resumeEffect(run: RunInfo, summary: Summary, groups: readonly FailureGroup[]): string {
  if (run.stoppedBy === 'input') return 'go on, once the file is mended';
  if (!isWhole(run) || summary.cancelled > 0) return 'go on where it stopped';
  const { failed } = summary;
  if (failed === 0) return 'once the file is mended';
  const hopeful = groups.some((group) => group.retryable > 0);
  const which = failed === 1 ? 'the one' : `the ${formatCount(failed)}`;
  return hopeful ? `try ${which} again` : `try ${which} again, once the cause is mended`;
}

function seeReport({ output, configFlags = [] }: CommandFacts): NextCommand | undefined {
  if (output === undefined || isReadOnce(output) || !isReportable(output)) return undefined;
  const page = isTableUrl(output) ? 'run.html' : shellQuote(withEnding(output, 'html'));
  const report = commandLine(['report', fileArgument(output), '--format', 'html', ...configFlags]);
  return { command: `${report} > ${page}`, what: 'see it in a browser' };
}

function isReportable(output: string): boolean {
  const format = formatByEnding(output);
  return isTableUrl(output) || format === 'json' || format === 'ndjson';
}

function askForSecrets({ command, what }: NextCommand): NextCommand {
  return { command, what: command.includes('***') ? `${what}; put in what is hidden by ***` : what };
}

const OUTPUT_FLAGS: ReadonlySet<string> = new Set(['-o', '--output']);

/** Without `-o -`, which says nothing and would stand beside the file. */
function withoutStdout(argv: readonly string[]): string[] {
  return argv.filter((argument, at) => {
    const isFlag = OUTPUT_FLAGS.has(argument) && argv[at + 1] === '-';
    const isValue = argument === '-' && OUTPUT_FLAGS.has(argv[at - 1] ?? '');
    return !isFlag && !isValue && argument !== '-o-' && argument !== '--output=-';
  });
}

/** Flags go before `--`: after it everything is a file. */
function withFlags(argv: readonly string[], flags: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return end === -1 ? [...argv, ...flags] : [...argv.slice(0, end), ...flags, ...argv.slice(end)];
}
