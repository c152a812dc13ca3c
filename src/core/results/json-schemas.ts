/** The JSON Schemas (draft 2020-12) of what goes in and comes out. */

import { z } from 'zod';
import { NOTIFICATION } from './notification-shape.js';
import { REPORT, RESULT } from './shapes.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const string = { type: 'string' } as const;

/** An object that has all of `required` and may have `optional`; others are refused unless `open`. */
function object(required: JsonSchema, optional: JsonSchema = {}, open = false): JsonSchema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    ...(open ? {} : { additionalProperties: false }),
  };
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

const dateOrTime = {
  ...string,
  anyOf: [{ format: 'date' }, { format: 'date-time' }],
  description: 'ISO 8601 date or date-time',
} as const;

export const CASE_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'case',
  description: 'A case: a JSON object with an id. Everything else is optional and never lost.',
  ...object(
    {
      id: {
        description:
          'Trimmed of surrounding white space and otherwise compared exactly; an integer is read as its digits.',
        anyOf: [{ ...string, pattern: '\\S' }, { type: 'integer' }],
      },
    },
    {
      title: nullable(string),
      status: nullable(string),
      priority: nullable(string),
      assignee: nullable(string),
      tags: nullable({ type: 'array', items: string }),
      openedAt: nullable(dateOrTime),
      dueAt: nullable(dateOrTime),
    },
    true,
  ),
};

export const RESULT_SCHEMA: JsonSchema = schemaOf(RESULT, {
  title: 'result',
  description: 'What became of one case: one line of NDJSON output, one element of a report.',
});

export const REPORT_SCHEMA: JsonSchema = schemaOf(REPORT, {
  title: 'report',
  description: 'A whole run: its settings, every result, and the summary.',
});

export const NOTIFICATION_SCHEMA: JsonSchema = schemaOf(NOTIFICATION, {
  title: 'notification',
  description: 'What --notify posts. What is not known is null; unknown members are to be ignored.',
});

function schemaOf(shape: z.ZodType, words: { readonly title: string; readonly description: string }): JsonSchema {
  const { $schema, id: _, ...schema } = z.toJSONSchema(shape, { target: 'draft-2020-12', io: 'output' });
  return { $schema, ...words, ...schema };
}
