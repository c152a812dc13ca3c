/** The command tree as data: the parser, help, completion, the README's tables and the man page are made of it. */

import { COMMAND_NAMES, type CommandName, groupsOf } from '../config/settings/index.js';
import { environmentName, comesFrom, flagName, type OtherName, type Setting } from '../config/settings/setting.js';
import { GLOBAL } from '../config/settings/cases.js';
import { unsettable } from '../config/unset.js';

export interface CommandNode {
  readonly name: CommandName;
  readonly summary: string;
  /** `[FILE...]`, or empty. */
  readonly usage: string;
  readonly argument: ArgumentNode | undefined;
  readonly examples: readonly string[];
  /** A sentence that help shows above the flags. */
  readonly note: string | undefined;
  readonly groups: readonly GroupNode[];
}

export interface ArgumentNode {
  readonly key: string;
  readonly help: string;
  readonly setting: Setting;
  readonly required: boolean;
  readonly repeatable: boolean;
}

export interface GroupNode {
  readonly title: string;
  readonly options: readonly OptionNode[];
}

export interface OptionNode {
  /** Without dashes. */
  readonly flag: string;
  readonly short: string | undefined;
  /** Empty for a flag without value. */
  readonly placeholder: string;
  readonly help: string;
  readonly default: string | undefined;
  readonly environment: string | undefined;
  readonly common: boolean;
  readonly repeatable: boolean;
  readonly choices: readonly string[];
  /** Several choices can be joined with commas. */
  readonly separator: ',' | undefined;
  /** A file's name, or a text that can be `@` and a file's name. */
  readonly file: 'path' | 'at' | undefined;
  /** A value that is right. */
  readonly example: string;
}

interface Words {
  readonly summary: string;
  readonly required?: true;
  readonly examples: readonly string[];
  readonly note?: string;
}

const CASES_NOTE = 'Without FILE: "files" of the configuration, else standard input when it is piped.';

const WORDS: Readonly<Record<CommandName, Words>> = {
  list: {
    summary: 'Show the selected cases',
    examples: [
      'case-tracker list cases.json --status open --sort -priority',
      'case-tracker list cases.json --tag vip --format ndjson | case-tracker enrich -',
    ],
    note: `--first N is how many cases are shown. ${CASES_NOTE}`,
  },
  enrich: {
    summary: 'Enrich the selected cases over HTTP, report every result',
    examples: [
      "case-tracker enrich cases.json --endpoint 'https://example.com/{id}' --dry-run",
      'case-tracker enrich cases.json --endpoint demo --limit 10 --first 5',
      'case-tracker enrich cases.ndjson -o run.ndjson --resume',
    ],
    note: '--limit N is calls in flight; --first N is how many cases.',
  },
  report: {
    summary: 'Merge saved results and render them again',
    examples: [
      'case-tracker report run.ndjson --format html -o run.html',
      'case-tracker report shard-*.ndjson --expect cases.json --exit-code',
      "case-tracker report --queue 'redis://host/0#name' --expect cases.json -o run.ndjson",
    ],
    note: 'Of several lines about a case the newest counts. Results come in the order of the files and their lines.',
  },
  validate: {
    summary: 'Check case files; list every problem with its place',
    examples: ['case-tracker validate cases.json', 'case-tracker validate cases.ndjson --format github'],
    note: CASES_NOTE,
  },
  enqueue: {
    summary: 'Put cases into a queue for any number of workers',
    examples: [
      "case-tracker enqueue cases.ndjson --queue 'redis://host/0#name'",
      "case-tracker enqueue cases.json --status open --queue 'redis://host/0#name'",
    ],
    note: `What waits or is enriched already is skipped, what failed is queued again. ${CASES_NOTE}`,
  },
  queue: {
    summary: 'Show how a queue stands: waiting, in work per worker, pause, totals',
    examples: [
      "case-tracker queue --queue 'redis://host/0#name' --watch",
      "case-tracker queue --queue 'redis://host/0#name' --format json",
    ],
  },
  api: {
    summary: 'Take cases over HTTP, one run after another (experimental)',
    examples: [
      "case-tracker api --dir runs/ --endpoint 'https://example.com/{id}' --token @token.txt",
      'case-tracker api --dir runs/ --config case-tracker.config.json --port 0',
    ],
    note: 'Prints its URL on stdout; Ctrl-C stops it softly, and the next start goes on. Programs hand in cases only.',
  },
  serve: {
    summary: 'Run the built-in demo endpoint on loopback',
    examples: [
      'case-tracker serve',
      'case-tracker serve --port 8080 --delay 50ms --faults',
      'case-tracker serve --token-life 20s',
    ],
    note: 'Prints its URL on stdout; Ctrl-C stops it.',
  },
  schema: {
    summary: 'Print a schema: case, result, report, config, notification, or sql',
    required: true,
    examples: ['case-tracker schema config > case-tracker.schema.json'],
  },
  completion: {
    summary: 'Print the completion script for bash, zsh or fish',
    required: true,
    examples: [
      'case-tracker completion bash > ~/.local/share/bash-completion/completions/case-tracker',
      'case-tracker completion zsh > "${fpath[1]}/_case-tracker"',
      'case-tracker completion fish > ~/.config/fish/completions/case-tracker.fish',
    ],
  },
  help: {
    summary: 'Explain a command or a topic: exit-codes, environment, formats',
    examples: ['case-tracker help enrich', 'case-tracker help exit-codes'],
  },
};

export const PROGRAM = {
  name: 'case-tracker',
  summary: 'Turns a file of cases into enriched cases: one HTTP call per case, many in flight.',
  examples: [
    'case-tracker enrich cases.json --endpoint demo --limit 10',
    "case-tracker enrich cases.json --endpoint 'https://example.com/{id}' -o run.ndjson",
    'case-tracker list cases.json --status open --first 5',
  ],
  note: '--limit N is calls in flight; --first N is how many cases.',
} as const;

/** Options that every command has and that are no settings. */
export const HELP_FLAGS = [
  { flags: '-h', name: 'h', help: 'The most used flags' },
  { flags: '--help', name: 'help', help: 'All flags' },
  { flags: '-V, --version', name: 'version', help: "case-tracker's version" },
] as const;

/** Every command, in the order of help. */
export const COMMAND_TREE: readonly CommandNode[] = COMMAND_NAMES.map(commandNode);

export function nodeOf(name: CommandName): CommandNode {
  return commandNode(name);
}

/** The flags of every command; they may stand before the command too. */
export const GLOBAL_OPTIONS: readonly OptionNode[] = Object.entries(GLOBAL).flatMap(optionNodes);

/** All options of a command, in the order of help. */
export function optionsOf(node: CommandNode): readonly OptionNode[] {
  return node.groups.flatMap((group) => group.options);
}

function commandNode(name: CommandName): CommandNode {
  const words = WORDS[name];
  const groups = groupsOf(name)
    .map(({ title, settings }) => ({ title, options: Object.entries(settings).flatMap(optionNodes) }))
    .map(({ title, options }) => ({ title, options: options.map((option) => withUnsettable(option, name)) }))
    .filter((group) => group.options.length > 0);
  const argument = argumentNode(name, words);
  const { summary, examples, note } = words;
  return { name, summary, examples, note, groups, argument, usage: usageOf(argument) };
}

/** The names that `--unset` can take, for completion. */
function withUnsettable(option: OptionNode, command: CommandName): OptionNode {
  return option.flag === 'unset' ? { ...option, choices: unsettable(command) } : option;
}

function argumentNode(name: CommandName, { required }: Words): ArgumentNode | undefined {
  for (const [key, setting] of groupsOf(name).flatMap((group) => Object.entries(group.settings))) {
    if (!setting.argument) continue;
    const repeatable = setting.type.repeatable ?? false;
    return { key, setting, help: setting.help, required: required ?? false, repeatable };
  }
  return undefined;
}

function usageOf(argument: ArgumentNode | undefined): string {
  if (argument === undefined) return '';
  const word = `${argument.setting.type.placeholder}${argument.repeatable ? '...' : ''}`;
  return argument.required ? word : `[${word}]`;
}

function optionNodes([key, setting]: readonly [string, Setting]): readonly OptionNode[] {
  const flag = flagName(key, setting);
  if (flag === undefined) return [];
  const main = optionNode(flag, setting, { help: setting.help, short: setting.short, shown: setting.default });
  const others = (setting.otherNames ?? []).map((other) => otherNode(other, setting));
  return [main, ...others];
}

function otherNode({ flag, short, value, help }: OtherName, setting: Setting): OptionNode {
  const node = { ...optionNode(flag, setting, { help, short, shown: undefined }), default: undefined, common: false };
  return value === undefined ? node : { ...node, placeholder: '', choices: [] };
}

function optionNode(
  flag: string,
  setting: Setting,
  words: { readonly help: string; readonly short: string | undefined; readonly shown: string | undefined },
): OptionNode {
  const { type } = setting;
  return {
    flag,
    short: words.short,
    help: words.help,
    placeholder: type.placeholder,
    default: words.shown ?? setting.defaultText,
    environment: comesFrom(setting, 'environment') ? environmentName(flag) : undefined,
    common: setting.common ?? false,
    repeatable: type.repeatable ?? false,
    choices: type.choices ?? [],
    separator: type.separator,
    file: type.file === undefined || type.file === 'path' ? type.file : 'at',
    example: type.example,
  };
}
