/** What completion offers at each place, the same for every shell. */

import { TOPICS } from '../../config/settings/other.js';
import { COMMAND_NAMES } from '../../config/settings/index.js';
import { HELP_FLAGS } from '../tree.js';
import { type CommandNode, GLOBAL_OPTIONS, type OptionNode, optionsOf } from '../tree.js';

/** What may stand for a value: words, files, or nothing that could be known. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'list'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'at-files' }
  | { readonly kind: 'nothing' };

/** What the value of an option can be; undefined for a flag without value. */
export function valueOffer(option: OptionNode): Offer | undefined {
  if (option.placeholder === '') return undefined;
  if (option.flag === 'endpoint') return { kind: 'words', words: ['demo', 'demo:flaky'] };
  if (option.choices.length > 0) return { kind: option.separator ? 'list' : 'words', words: option.choices };
  if (option.file === undefined) return { kind: 'nothing' };
  return { kind: option.file === 'path' ? 'files' : 'at-files' };
}

/** What the command's argument can be. */
export function argumentOffer({ name, argument }: CommandNode): Offer {
  if (argument === undefined) return { kind: 'nothing' };
  if (name === 'help') return { kind: 'words', words: [...COMMAND_NAMES, ...TOPICS] };
  const { choices } = argument.setting.type;
  return choices === undefined ? { kind: 'files' } : { kind: 'words', words: choices };
}

/** Every spelling of an option: `--output`, `-o`. */
export function spellings({ flag, short }: OptionNode): readonly string[] {
  return short === undefined ? [`--${flag}`] : [`--${flag}`, `-${short}`];
}

/** The options of a command, or before there is one, with those that are no settings. */
export function allOptions(node?: CommandNode): readonly OptionNode[] {
  return [...(node === undefined ? GLOBAL_OPTIONS : optionsOf(node)), ...HELP_OPTIONS];
}

/** `--help` and `--version` as options. */
const HELP_OPTIONS: readonly OptionNode[] = HELP_FLAGS.filter(({ name }) => name !== 'h').map(({ name, help }) => ({
  flag: name,
  short: name === 'help' ? 'h' : 'V',
  help,
  placeholder: '',
  default: undefined,
  environment: undefined,
  common: false,
  repeatable: false,
  choices: [],
  separator: undefined,
  file: undefined,
  example: '',
}));
