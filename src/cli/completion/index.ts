/** Completion scripts, made of the command tree: they complete without starting case-tracker. */

import type { SHELLS } from '../../config/settings/other.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';
import { COMMAND_TREE } from '../tree.js';

/** The script that the user's shell reads. */
export function completionScript(shell: (typeof SHELLS)[number]): string {
  switch (shell) {
    case 'bash':
      return bashCompletion(COMMAND_TREE);
    case 'zsh':
      return zshCompletion(COMMAND_TREE);
    case 'fish':
      return fishCompletion(COMMAND_TREE);
  }
}
