/** Converts the settings of a command to options of the source. */

import { inputFlags } from '../../config/provenance.js';
import type { ReadingValues, Resolved } from '../../config/resolved.js';
import type { Selection } from '../../core/cases/select.js';
import type { Host } from '../../host.js';
import type { ReadOptions } from '../../io/sources/file/file-source.js';
import type { JudgedFiles } from '../../report/terminal/selection-notes.js';

/** How to read the files of a command on this host. */
export function readOptions(values: ReadingValues, selection: Selection, host: Host): ReadOptions {
  const { files, inputFormat, delimiter, encoding } = values;
  return {
    files,
    inputFormat,
    delimiter,
    encoding,
    cwd: host.cwd,
    stdinFd: host.stdin.fd,
    selection,
    now: host.clock.wallNow(),
    seed: Math.floor(host.random() * 2 ** 32),
    ...recordOptions(values),
  };
}

/** Where the records of a document are, and which of their fields are the known ones. */
export function recordOptions({
  root,
  idField,
  fieldNames,
}: Pick<ReadingValues, 'root' | 'idField' | 'fieldNames'>): Pick<ReadOptions, 'root' | 'idField' | 'fieldNames'> {
  return {
    ...(root === undefined ? {} : { root }),
    ...(idField === undefined ? {} : { idField }),
    ...(fieldNames === undefined ? {} : { fieldNames }),
  };
}

/** The case files of a command that is run, and how they are read, for commands that are printed. */
export function judgedFiles({ values, sources }: Pick<Resolved<'list' | 'enrich'>, 'values' | 'sources'>): JudgedFiles {
  return { files: values.files, inputFlags: inputFlags(sources) };
}

/** The selection among the settings of a command, as plain data. */
export function selectionOf(values: Selection): Selection {
  const { status, priority, assignee, tag, id, overdue, where, first, shard } = values;
  return {
    ...(status === undefined ? {} : { status }),
    ...(priority === undefined ? {} : { priority }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(tag === undefined ? {} : { tag }),
    ...(id === undefined ? {} : { id }),
    ...(overdue === undefined ? {} : { overdue }),
    ...(where === undefined ? {} : { where }),
    ...(first === undefined ? {} : { first }),
    ...(shard === undefined ? {} : { shard }),
  };
}
