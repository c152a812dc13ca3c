import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import { isSheetForm } from '../../text/csv.js';
import { formatByEnding } from '../../text/file-endings.js';

/** A text that is to be written to a file. */
export interface PlannedText {
  readonly output: string | undefined;
  /** `auto` goes by the file's ending. */
  readonly format: string;
  /** What the text is: `report`, `list`. */
  readonly noun: string;
}

/** Refuses to replace an existing file whose ending belongs to another format; a file of the same format may be replaced. */
export function refuseOtherForm({ output, format, noun }: PlannedText, host: Host): void {
  const named = formatByEnding(output);
  if (output === undefined || format === 'auto' || named === undefined || named === format) return;
  // Excel opens its form under the name of the others.
  if (format === 'excel' && isSheetForm(named)) return;
  const stats = statSync(resolve(host.cwd, output), { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size === 0) return;
  throw new UsageError(`${output} is there already, and by its name it is no ${format} ${noun}`, {
    hint: `-o another name, or remove it first`,
  });
}
