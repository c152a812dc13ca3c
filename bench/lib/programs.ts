/** The program that is measured: this checkout's, and with `--against` another revision's beside it. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ENV } from './child.js';
import { type Client, enrichArgv, type Job } from './clients.js';

export interface Program {
  /** `case-tracker`, or `case-tracker at REV`. */
  readonly name: string;
  /** Its executable. */
  readonly bin: string;
}

export const OURS: Program = {
  name: 'case-tracker',
  bin: fileURLToPath(new URL('../../bin/case-tracker.cjs', import.meta.url)),
};

/** The command line of a program. */
export function argvOf({ bin }: Program, ...args: string[]): string[] {
  return [process.execPath, bin, ...args];
}

/** True when `enrich` of the program knows a flag: one that is younger than a revision is left out there. */
export function knows(program: Program, flag: string): boolean {
  const [node = '', ...args] = argvOf(program, 'enrich', '--help');
  return new RegExp(`^ *${flag}\\b`, 'm').test(execFileSync(node, args, { env: ENV, encoding: 'utf8' }));
}

/** One client for each program that does the same; those of another revision have the first as what they are held against. */
export function enrichClients(programs: readonly Program[], label = '', ...flags: string[]): Client[] {
  return clientsOf(programs, `enrich${label}`, (program, job) => enrichArgv(program, job, ...flags));
}

/** The same for any command line. */
export function clientsOf(
  programs: readonly Program[],
  label: string,
  argv: (program: Program, job: Job) => string[],
): Client[] {
  const clients = programs.map((program): Client => ({
    name: `${program.name} ${label}`,
    argv: (job) => argv(program, job),
  }));
  const [first, ...others] = clients;
  return first === undefined ? [] : [first, ...others.map((client) => Object.assign(client, { revisionOf: first }))];
}
