/** What Redis refuses, in the words of this program. */

import { CaseTrackerError, InputError, OutputError, UsageError } from '../../errors.js';

/** There is no connection, or Redis can do nothing for now: worth trying again. */
export class LinkLost extends Error {}

/** The queue was emptied, or Redis has lost its data: nothing that is in hand has a place any more. */
export class QueueGone extends InputError {}

/** Redis does not have the script (any more): it has to be sent whole. */
export class ScriptMissing extends Error {}

const FOR_NOW = new Set(['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN', 'BUSY', 'UNBLOCKED']);

/** The error for what Redis has answered; `where` is the queue as it is shown, `command` what was asked. */
export function refusalOf(message: string, where: string, command: string): Error {
  const [code = ''] = message.split(' ', 1);
  if (FOR_NOW.has(code)) return new LinkLost(message);
  if (code === 'NOSCRIPT') return new ScriptMissing(message);
  const known = KNOWN.find(([pattern]) => pattern.test(message));
  return known === undefined
    ? new InputError(`${where}: Redis refuses ${command}: ${message}`)
    : known[1](where, message, command);
}

type Refusal = (where: string, message: string, command: string) => CaseTrackerError;

const KNOWN: readonly (readonly [RegExp, Refusal])[] = [
  [
    /^(?:ERR )?(?:GONE|NOGROUP)\b/,
    (where) =>
      new QueueGone(`${where} was emptied, or Redis has lost its data`, {
        hint: 'enqueue the cases again; appendonly yes in redis.conf keeps them',
      }),
  ],
  [
    /OOM\b/,
    (where) =>
      new OutputError(`${where}: Redis is full (maxmemory)`, {
        hint: 'collect results (report --queue … -o run.ndjson), or give it more memory; nothing that it has is lost',
      }),
  ],
  [
    /^MISCONF\b/,
    (where) =>
      new OutputError(`${where}: Redis can't write to its disk and takes nothing more`, {
        hint: 'free some space there; its log says more',
      }),
  ],
  [
    /^(NOAUTH|WRONGPASS)\b/,
    (where) =>
      new InputError(`${where}: Redis refuses the log-in`, { hint: 'redis://user:password@host/0#name, or no user' }),
  ],
  [
    /NOPERM\b|ACL failure|user executing the script can't/,
    (where, message, command) =>
      new InputError(`${where}: this user may not do what a queue needs (${deniedBy(message) ?? command})`, {
        details: [message.replace(/,? script: \S+.*$/, '')],
        hint: 'docs/queue.md lists the commands, keys and the channel',
      }),
  ],
  [
    /^WRONGKEY\b/,
    (where, message) =>
      new InputError(`${where}: the key ${message.slice('WRONGKEY '.length)}`, {
        hint: 'something else uses this name: choose another one after the #',
      }),
  ],
  [
    /^WRONGTYPE\b/,
    (where) =>
      new InputError(`${where}: one of its keys is of another kind`, {
        hint: 'something else uses this name: choose another one after the #',
      }),
  ],
  [
    /^MOVED\b/,
    (where, message) =>
      new InputError(`${where}: its keys are on another node of the cluster`, {
        hint: `name that node: ${message.split(' ')[2] ?? ''}`,
      }),
  ],
];

function deniedBy(message: string): string | undefined {
  return /'([^']+)' command/.exec(message)?.[1];
}

/** An error of the program itself passes; anything else a library has thrown means that there is no connection. */
export function asLost(error: unknown): Error {
  if (error instanceof CaseTrackerError || error instanceof LinkLost || error instanceof ScriptMissing) return error;
  return new LinkLost(error instanceof Error ? error.message : String(error), { cause: error });
}

/** Where `@redis/client` is not installed. */
export function packageMissing(cause: unknown): UsageError {
  return new UsageError('a queue needs the package @redis/client, which is not installed', {
    hint: 'npm install @redis/client, with -g where case-tracker was installed with it',
    cause,
  });
}
