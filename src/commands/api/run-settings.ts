/** The settings of each run: those of the operator, with what is the run's own put in place of files and output. */

import { parseArguments } from '../../cli/parse.js';
import type { CliValues } from '../../config/given.js';
import { realFiles } from '../../config/files.js';
import { resolveSettings } from '../../config/resolve.js';
import type { Resolved } from '../../config/resolved.js';
import { settingsOf } from '../../config/settings/index.js';
import { comesFrom } from '../../config/settings/setting.js';
import { UsageError } from '../../errors.js';
import type { Host } from '../../host.js';
import type { BodyForm } from '../../io/web/api/shapes.js';

/** The files of one run, as `--dir` names them: that is how results and messages name them, too. */
export interface RunFiles {
  readonly cases: string;
  readonly form: BodyForm;
  readonly results: string;
}

/** Settings of `enrich` that no run of the API could share with another one. */
const NOT_SHARED = ['deadLetter', 'dryRun', 'queue'] as const;

/** Flag, environment and file as for `enrich`. Throws a UsageError for what is wrong or can't work for many runs. */
export function runSettings(api: Resolved<'api'>, host: Host, files: RunFiles): Resolved<'enrich'> {
  const { env, cwd } = host;
  const cli = enrichFlags(api.argv ?? [], files);
  const settings = resolveSettings('enrich', cli, { env, cwd, files: realFiles, stdin: { isTTY: false } });
  const refused = NOT_SHARED.find((key) => isOn(settings.values[key]));
  if (refused === undefined) return withOperatorsUnset(settings, api);
  const { where } = settings.sources[refused] ?? { where: refused };
  throw new UsageError(`${where}: ${WHY[refused]}, so api cannot use it`, {
    hint: `case-tracker api --unset ${refused} passes it over`,
  });
}

/** Commands that a run prints are for the operator, who did not unset what only the API passes over. */
function withOperatorsUnset(settings: Resolved<'enrich'>, { sources }: Resolved<'api'>): Resolved<'enrich'> {
  const { unset } = sources;
  return unset === undefined ? settings : { ...settings, sources: { ...settings.sources, unset } };
}

const WHY = {
  deadLetter: 'one dead letter file cannot be that of many runs',
  dryRun: 'a dry run calls nothing',
  queue: 'cases come either from the queue or from the API',
} as const;

function isOn(value: unknown): boolean {
  return value !== undefined && value !== false;
}

/** The flags of `api` that `enrich` has too, and the run's own. What `api` has no flag for is not taken from elsewhere. */
function enrichFlags(argv: readonly string[], { cases, form, results }: RunFiles): CliValues {
  const own = new Set(settingsOf('api').map(([key]) => key));
  const known = new Map(settingsOf('enrich'));
  const unset = [...known]
    .filter(
      ([key, setting]) =>
        !own.has(key) && !isNotShared(key) && (comesFrom(setting, 'file') || comesFrom(setting, 'environment')),
    )
    .map(([key]) => key);
  const { root, ...flags } = flagsIn(argv);
  // Lines have no root: it is for those bodies that are documents.
  const rooted = form === 'json' ? { root } : {};
  return {
    ...flags,
    ...rooted,
    unset: [flags['unset'] ?? [], unset, form === 'json' ? [] : 'root'].flat().map(String),
    files: [cases],
    inputFormat: form,
    output: results,
    format: 'ndjson',
    resume: true,
    // A run that goes on after a crash is one run: what has a result is not called again, nor is what has failed.
    only: RESUMED,
  };
}

const RESUMED = 'missing,cancelled,changed';

function isNotShared(key: string): boolean {
  return (NOT_SHARED as readonly string[]).includes(key);
}

function flagsIn(argv: readonly string[]): CliValues {
  const invocation = parseArguments(argv);
  return invocation.kind === 'run' ? invocation.values : {};
}
