/** The effective values of each command, as its module gets them: parsed, checked, frozen. */

import type { Header } from './headers.js';
import type { API, RUN_READING } from './settings/api.js';
import type { GLOBAL, LIST, READING, SELECTION } from './settings/cases.js';
import type { CERTIFICATES } from './settings/certificates.js';
import type { CREDENTIALS } from './settings/credentials.js';
import type { OUTPUT, PACE, POLL, REQUEST, RETRY } from './settings/enrich.js';
import type { NOTIFY } from './settings/notify.js';
import type { LIVE } from './settings/live.js';
import type { COMPLETION, HELP, REPORT, SCHEMA, SERVE, VALIDATE } from './settings/other.js';
import type { COLLECT, ENQUEUE, QUEUE_STATUS, WORKER } from './settings/queue.js';
import type { CommandName } from './settings/index.js';
import type { Level, ValuesOf } from './settings/setting.js';

/**
 * Durations end in `Ms`, sizes are bytes. Paths are as the user named them, relative to the current folder (those of a
 * configuration file are brought there).
 */
export type GlobalValues = Omit<ValuesOf<typeof GLOBAL>, 'config' | 'unset'> & {
  /** The configuration file that was read. */
  readonly configFile?: string;
  /** Passwords of postgres:// URLs, by the URL without it, as they were written. */
  readonly passwords?: Readonly<Record<string, string>>;
};

/** `files` has at least one path; `-` is standard input. `fieldNames` has no `id`: that is `idField`. */
export type ReadingValues = ValuesOf<typeof READING>;
export type SelectionValues = ValuesOf<typeof SELECTION>;

export type ListValues = GlobalValues &
  ReadingValues &
  SelectionValues &
  Omit<ValuesOf<typeof LIST>, 'fields'> & {
    readonly fields?: readonly string[];
  };

/** `body` is the template's text; `only` is empty for every case; `limit` stands for `--concurrency` too. */
export type EnrichValues = GlobalValues &
  ReadingValues &
  SelectionValues &
  Omit<ValuesOf<typeof REQUEST>, 'endpoint' | 'headers'> &
  ValuesOf<typeof CREDENTIALS> &
  ValuesOf<typeof CERTIFICATES> &
  ValuesOf<typeof POLL> &
  ValuesOf<typeof PACE> &
  ValuesOf<typeof RETRY> &
  ValuesOf<typeof OUTPUT> &
  ValuesOf<typeof NOTIFY> &
  ValuesOf<typeof LIVE> &
  ValuesOf<typeof WORKER> & {
    readonly endpoint: string;
    readonly headers: readonly Header[];
  };

type NeedsQueue<Values extends { readonly queue?: unknown }> = Omit<Values, 'queue'> & Required<Pick<Values, 'queue'>>;

export type EnqueueValues = GlobalValues & ReadingValues & SelectionValues & NeedsQueue<ValuesOf<typeof ENQUEUE>>;
export type QueueValues = GlobalValues & NeedsQueue<ValuesOf<typeof QUEUE_STATUS>>;
export type ReportValues = GlobalValues & ValuesOf<typeof REPORT> & ValuesOf<typeof COLLECT>;
export type ValidateValues = GlobalValues & ReadingValues & ValuesOf<typeof VALIDATE>;
/** With the settings of a run, so that they can be flags; each run gets them resolved as those of `enrich`. */
export type ApiValues = GlobalValues &
  ValuesOf<typeof API> &
  ValuesOf<typeof RUN_READING> &
  ValuesOf<typeof PACE> &
  ValuesOf<typeof RETRY> & {
    readonly endpoint?: string;
  };
export type ServeValues = GlobalValues & ValuesOf<typeof SERVE>;
export type SchemaValues = GlobalValues & Required<ValuesOf<typeof SCHEMA>>;
export type CompletionValues = GlobalValues & Required<ValuesOf<typeof COMPLETION>>;
export type HelpValues = GlobalValues & ValuesOf<typeof HELP>;

export interface ValuesByCommand {
  readonly list: ListValues;
  readonly enrich: EnrichValues;
  readonly report: ReportValues;
  readonly validate: ValidateValues;
  readonly enqueue: EnqueueValues;
  readonly queue: QueueValues;
  readonly api: ApiValues;
  readonly serve: ServeValues;
  readonly schema: SchemaValues;
  readonly completion: CompletionValues;
  readonly help: HelpValues;
}

/** Where an effective value came from, for `--dry-run`. */
export interface Provenance {
  readonly from: Level | 'default';
  /** The flag, the environment variable, the configuration file, or `default`. */
  readonly where: string;
  /** The value as it was written; absent where it may hold a secret or nothing was given. */
  readonly text?: string;
}

/** What a command runs with. */
export interface Resolved<C extends CommandName = CommandName> {
  readonly command: C;
  readonly values: ValuesByCommand[C];
  /** By configuration key (`timeout`, not `timeoutMs`), each setting of the command. */
  readonly sources: Readonly<Record<string, Provenance>>;
  /** The arguments as they were typed, the command's name among them. */
  readonly argv?: readonly string[];
  /** Texts that no output may show, longest first: secret header values, and what `${NAME}` put into the endpoint or a text. */
  readonly secrets: readonly string[];
  /** Those of them that came from `${NAME}`: they may stand in the endpoint. */
  readonly expanded: readonly string[];
}
