/** `case-tracker help [TOPIC]`: a command's help, or a topic. */

import { helpText } from '../cli/help.js';
import { print } from '../io/sinks/print.js';
import { TOPIC_TEXTS, type Topic } from '../cli/topics.js';
import { shellQuote } from '../text/shell.js';
import { COMMAND_NAMES } from '../config/settings/index.js';
import { TOPICS } from '../config/settings/other.js';
import type { Resolved } from '../config/resolved.js';
import { closest } from '../text/did-you-mean.js';
import { EXIT, UsageError } from '../errors.js';
import type { Host } from '../host.js';

export async function run({ values: { topic } }: Resolved<'help'>, host: Host): Promise<number> {
  await print(textAbout(topic, host.stdout.columns), host);
  return EXIT.ok;
}

function textAbout(topic: string | undefined, columns: number | undefined): string {
  if (topic === undefined) return helpText(undefined, true, columns);
  const command = COMMAND_NAMES.find((name) => name === topic);
  if (command !== undefined) return helpText(command, true, columns);
  const found = TOPICS.find((name) => name === topic);
  if (found !== undefined) return TOPIC_TEXTS[found satisfies Topic];
  throw unknownTopic(topic);
}

function unknownTopic(topic: string): UsageError {
  const topics = [...TOPICS, ...COMMAND_NAMES];
  const near = closest(topic, topics);
  const hint = near === undefined ? `the topics are ${topics.join(', ')}` : `did you mean case-tracker help ${near}?`;
  return new UsageError(`no help on ${shellQuote(topic)}`, { hint });
}
