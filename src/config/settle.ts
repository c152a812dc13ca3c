/** Values of `enrich` that follow from other settings. Nothing is refused here: contradictions.ts does that. */

import { defaultOf, type Merged } from './merge.js';
import { isGiven, type MergedSettings, valueOf, writtenName } from './merged.js';
import { LEVELS } from './settings/setting.js';

/** The settings with values that follow from other settings filled in. */
export function settleEnrich(settings: MergedSettings): MergedSettings {
  return [oneOfResumeAndOverwrite, oneOfFailFastAndMaxFailures, batchPosts].reduce((now, step) => step(now), settings);
}

function oneOfResumeAndOverwrite(settings: MergedSettings): MergedSettings {
  const both = valueOf(settings, 'resume') === true && valueOf(settings, 'overwrite') === true;
  return both ? withoutLower(settings, 'resume', 'overwrite') : settings;
}

function oneOfFailFastAndMaxFailures(settings: MergedSettings): MergedSettings {
  const both = valueOf(settings, 'onFailure') === 'fail-fast' && isGiven(settings, 'maxFailures');
  return both ? withoutLower(settings, 'onFailure', 'maxFailures') : settings;
}

/** A batch is sent by POST: it changes the default of the method. */
function batchPosts(settings: MergedSettings): MergedSettings {
  const method = settings.get('method');
  if (!isGiven(settings, 'batch') || isGiven(settings, 'method') || method === undefined) return settings;
  return replaced(settings, { ...method, value: 'POST', shown: `POST (${writtenName(settings, 'batch')})` });
}

/** The one from the lower source gets its default; both stay when they come from the same source. */
function withoutLower(settings: MergedSettings, one: string, other: string): MergedSettings {
  const rank = (key: string): number => LEVELS.indexOf(settings.get(key)?.given[0]?.origin.from ?? 'file');
  const lower = settings.get(rank(one) > rank(other) ? one : other);
  if (rank(one) === rank(other) || lower === undefined) return settings;
  return replaced(settings, { ...lower, value: defaultOf(lower.setting), given: [] });
}

function replaced(settings: MergedSettings, one: Merged): MergedSettings {
  return new Map(settings).set(one.key, one);
}
