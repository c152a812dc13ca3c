/** Too many URLs for notifications. */

import type { Hook } from '../core/notify-hooks.js';
import { UsageError } from '../errors.js';
import { type MergedSettings, valueOf, writtenName } from './merged.js';

const MOST_HOOKS = 50;

/** Refuses more URLs than anybody means to tell: a wrong file. */
export function checkHooks(settings: MergedSettings): void {
  const { length } = valueOf(settings, 'notify') as readonly Hook[];
  if (length <= MOST_HOOKS) return;
  throw new UsageError(`${writtenName(settings, 'notify')} names ${length} URLs, and at most ${MOST_HOOKS} are told`, {
    hint: 'let one of them pass it on to the others',
  });
}
