import { UsageError } from '../../errors.js';
import type { FileOps } from './file-ops.js';
import { type OutputTarget, fileIdentity, identityOf } from './output-target.js';
import { identityOfPath } from './same-file.js';

/** How a destination is written: as a journal, as the cases that failed, or otherwise. */
export type OutputRole = 'journal' | 'dead letter' | 'other';

/** A destination that the run is about to open. */
export interface PlannedOutput {
  readonly flag: '-o' | '--dead-letter';
  readonly target: OutputTarget;
  readonly role: OutputRole;
}

/**
 * Refuses destinations that are an input, that are the same file, or whose side files (a lock, a torn end, the dead
 * letter of an earlier run) would overwrite another destination.
 */
export function refuseConflicts(outputs: readonly PlannedOutput[], inputs: ReadonlySet<string>, ops: FileOps): void {
  outputs.forEach((output, index) => {
    refuseInput(output, inputs, ops);
    for (const earlier of outputs.slice(0, index)) refuseSame(earlier, output, ops);
    for (const side of sideFiles(output)) refuseSide(side, output, outputs, inputs, ops);
  });
}

/** The path to which the dead letter of an earlier run is moved. */
export function formerPath(path: string): string {
  return `${path}.old`;
}

/** Throws when the destination is an input: it would be read while being written, or lost. */
function refuseInput({ flag, target }: PlannedOutput, inputs: ReadonlySet<string>, ops: FileOps): void {
  const identity = identityOf(target, ops);
  if (identity === undefined || !inputs.has(identity)) return;
  throw new UsageError(`${flag} ${target.name} is an input file`, { hint: 'choose another file' });
}

function refuseSame(one: PlannedOutput, other: PlannedOutput, ops: FileOps): void {
  const identity = identityOf(one.target, ops);
  if (identity === undefined || identity !== identityOf(other.target, ops)) return;
  throw new UsageError(`${one.flag} and ${other.flag} are the same: ${one.target.name}`, { hint: 'choose two files' });
}

/** A file that is written beside an output, and what happens to it. */
interface SideFile {
  readonly name: string;
  readonly path: string;
  readonly fate: string;
}

function sideFiles({ target, role }: PlannedOutput): readonly SideFile[] {
  if (target.kind !== 'file' || role === 'other') return [];
  const beside = (place: (path: string) => string, fate: string): SideFile => ({
    name: place(target.name),
    path: place(target.path),
    fate: `${fate} ${target.name}`,
  });
  if (role === 'dead letter') return [beside(formerPath, 'would be replaced by')];
  return [
    beside((path) => `${path}.lock`, 'would be the lock of'),
    beside((path) => `${path}.torn`, 'would take a torn end of'),
  ];
}

function refuseSide(
  { name, path, fate }: SideFile,
  owner: PlannedOutput,
  outputs: readonly PlannedOutput[],
  inputs: ReadonlySet<string>,
  ops: FileOps,
): void {
  const refuse = (what: string): never => {
    throw new UsageError(`${name} is ${what}, and ${fate}`, { hint: `choose another file for ${owner.flag}` });
  };
  const identity = fileIdentity(path, ops);
  if (identity !== undefined && inputs.has(identity)) refuse('an input file');
  for (const { flag, target } of outputs) {
    const isIt = target.kind === 'file' && identityOfPath(target.path) === identityOfPath(path);
    if (isIt || (identity !== undefined && identity === identityOf(target, ops))) refuse(flag);
  }
}
