/** Settings of notifications: who is told how a run ends. */

import type { Hook } from '../../core/notify-hooks.js';
import { hookSecrets, parseHook, uniqueHooks } from '../hooks.js';
import type { Settings } from './setting.js';
import type { ValueType } from './value-type.js';

export const NOTIFY = {
  notify: {
    type: hooks(),
    private: true,
    help: 'File with webhook URLs, one a line; each is told when the run ends or stalls',
  },
} as const satisfies Settings;

/** URLs for notifications: `@FILE` has one a line; in the configuration an array that can also say which events. */
function hooks(): ValueType<readonly Hook[], readonly Hook[]> {
  return {
    placeholder: '@FILE',
    example: '@hooks.txt',
    json: { form: 'hooks' },
    absent: [],
    suffix: '',
    repeatable: true,
    file: '@urls',
    parse: parseHook,
    collect: (items) => uniqueHooks(items as readonly Hook[]),
    secretsIn: hookSecrets,
  };
}
