/** The OpenAPI 3.1 document of the API. Its schemas are those by which the answers are made. */

import { z } from 'zod';
import { API_RUN, HEALTH, ID_PATTERN, REFUSAL, RUN_LIST } from './shapes.js';

type Json = Readonly<Record<string, unknown>>;

const REFS = '#/components/schemas/';
const TAG = '#/$defs/';

/** The document, for this version of the program. */
export function openApi(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'case-tracker api',
      version,
      description:
        'Hand in cases, follow the run, fetch the results. Experimental: it may change in any version. Endpoint, headers and limits are those of the operator.',
    },
    security: [{ bearer: [] }],
    paths: PATHS,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: schemas(),
    },
  };
}

function schemas(): Json {
  const all = z.object({ Run: API_RUN, RunList: RUN_LIST, Health: HEALTH, Refusal: REFUSAL });
  const { $defs } = z.toJSONSchema(all, { target: 'draft-2020-12', io: 'output' });
  const texts = JSON.stringify($defs).replaceAll(TAG, REFS);
  const found = JSON.parse(texts) as Record<string, Record<string, unknown>>;
  for (const schema of Object.values(found)) delete schema['id'];
  return found;
}

function content(type: string, schema: Json): Json {
  return { content: { [type]: { schema } } };
}

function json(name: string, description: string, headers?: Json): Json {
  const shown = content('application/json', { $ref: `${REFS}${name}` });
  return { description, ...shown, ...(headers === undefined ? {} : { headers }) };
}

const text = (description: string): Json => ({ description, schema: { type: 'string' } });
const LOCATION = { Location: text('the path of the run') };

/** What the guard, or a bug, may answer to any request. */
const ALWAYS = {
  401: json('Refusal', 'no token, or a wrong one'),
  403: json('Refusal', 'another page of a browser asks'),
  421: json('Refusal', 'for another host name'),
  500: json('Refusal', 'a bug, or the folder cannot be written'),
};

function operation(summary: string, id: string, responses: Json, more: Json = {}): Json {
  return { operationId: id, summary, ...more, responses: { ...responses, ...ALWAYS } };
}

const NO_RUN = json('Refusal', 'there is no such run');
const RUN_ID = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: ID_PATTERN.source },
};

const CASES = { description: 'a case a line' };
const DOCUMENT = { description: 'an array of cases, or an object whose `cases` is one' };

const CREATE = operation(
  'Hand in cases',
  'createRun',
  {
    200: json('Run', 'a request with this key and this body was taken before', LOCATION),
    202: json('Run', 'taken; all of it is on the disk', LOCATION),
    400: json('Refusal', 'a key that is none, or a body that was cut off'),
    408: json('Refusal', 'the body stopped arriving'),
    409: json('Refusal', 'a request with this key had another body'),
    413: json('Refusal', 'more than --max-body, unpacked'),
    415: json('Refusal', 'another type or coding'),
    422: json('Refusal', 'no case can be read in it'),
    429: json('Refusal', 'a hundred runs wait already', { 'Retry-After': text('in seconds') }),
    503: json('Refusal', 'the server is stopping'),
    507: json('Refusal', 'the disk is full'),
  },
  {
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
        description: 'a request that is repeated with the same key makes no second run',
      },
      {
        name: 'Content-Encoding',
        in: 'header',
        schema: { type: 'string', enum: ['identity', 'gzip', 'x-gzip'] },
      },
    ],
    requestBody: {
      required: true,
      content: { 'application/x-ndjson': { schema: CASES }, 'application/json': { schema: DOCUMENT } },
    },
  },
);

const LIST = operation(
  'The runs, the newest first',
  'listRuns',
  { 200: json('RunList', 'a page of them'), 400: json('Refusal', 'a limit or before that is none') },
  {
    parameters: [
      { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 100 } },
      { name: 'before', in: 'query', schema: RUN_ID.schema, description: 'only those older than this one' },
    ],
  },
);

const RANGE = {
  parameters: [{ name: 'Range', in: 'header', schema: { type: 'string' }, description: 'one range of bytes' }],
};
const NDJSON = content('application/x-ndjson', { description: 'results, one a line' });

const PATHS: Json = {
  '/runs': { post: CREATE, get: LIST },
  '/runs/{id}': {
    parameters: [RUN_ID],
    get: operation('One run', 'getRun', { 200: json('Run', 'as it stands'), 404: NO_RUN }),
    delete: operation('Delete a run and its files', 'deleteRun', {
      204: { description: 'gone' },
      404: NO_RUN,
      409: json('Refusal', 'it is under way'),
    }),
  },
  '/runs/{id}/results': {
    parameters: [RUN_ID],
    get: operation(
      'The journal so far, whole lines only',
      'getResults',
      {
        200: { description: 'all of it', ...NDJSON },
        206: { description: 'a part', ...NDJSON },
        404: NO_RUN,
        416: json('Refusal', 'it has no such bytes'),
      },
      RANGE,
    ),
  },
  '/runs/{id}/stop': {
    parameters: [RUN_ID],
    post: operation('Stop a run softly', 'stopRun', {
      202: json('Run', 'calls in flight end first'),
      404: NO_RUN,
      409: json('Refusal', 'it has ended'),
      507: json('Refusal', 'the disk is full'),
    }),
  },
  '/runs/{id}/events': {
    parameters: [RUN_ID],
    get: operation('Follow a run by WebSocket: subprotocols case-tracker.v1 and bearer.TOKEN', 'watchRun', {
      101: { description: 'messages: snapshot, update, end' },
      404: NO_RUN,
      426: json('Refusal', 'this is no WebSocket'),
      503: json('Refusal', 'there are 16 WebSockets already'),
    }),
  },
  '/healthz': { get: operation('Whether it takes runs', 'getHealth', { 200: json('Health', 'as it stands') }) },
  '/openapi.json': {
    get: operation('This document', 'getOpenApi', {
      200: { description: 'OpenAPI 3.1', ...content('application/json', {}) },
    }),
  },
};
