/** Settings of the queue: those that every command on it has, those of a worker, and those of its own commands. */

import type { Settings } from './setting.js';
import * as type from './value-types.js';

const DAY_MS = 24 * 3_600_000;

/** Which queue, and how it is reached. */
export const QUEUE = {
  queue: {
    type: type.queueUrl(),
    common: true,
    private: true,
    help: 'The queue in Redis; redis://host/0#name, or rediss:// for TLS',
  },
  queueTimeout: {
    type: type.duration(1, '5m'),
    default: '5m',
    help: 'How long Redis may be away before the command gives up',
  },
} as const satisfies Settings;

const AUTHORITY = {
  ca: {
    type: type.path('ca.pem'),
    defaultText: 'those of Node.js',
    help: 'Further trusted authorities (PEM) for rediss://',
  },
} as const satisfies Settings;

/** Of `enrich`, which then takes its cases from the queue. */
export const WORKER = {
  queue: {
    type: QUEUE.queue.type,
    private: true,
    help: 'Take the cases from this queue in Redis instead of files; redis://host/0#name',
  },
  follow: { type: type.flag(), help: 'With --queue: wait for further cases for ever' },
  lease: {
    type: type.duration(1_000, '15s', DAY_MS),
    default: '15s',
    help: 'With --queue: how long a worker that is not heard of keeps its cases',
  },
  maxDeliveries: {
    type: type.count(1, 1_000),
    default: '10',
    help: 'With --queue: a case that so many workers died with is failed',
  },
  maxResults: {
    type: type.count(1),
    defaultText: 'any number',
    help: 'With --queue: wait while so many results are not collected',
  },
  queueTimeout: { ...QUEUE.queueTimeout, help: 'With --queue: how long Redis may be away before the worker gives up' },
} as const satisfies Settings;

export const ENQUEUE = {
  ...QUEUE,
  again: { type: type.flag(), from: ['flag'], common: true, help: 'Queue all cases, whatever became of them' },
  maxQueue: {
    type: type.count(1),
    defaultText: 'any number',
    common: true,
    help: 'Wait while so many cases wait in the queue',
  },
  ...AUTHORITY,
} as const satisfies Settings;

export const QUEUE_STATUS = {
  ...QUEUE,
  format: {
    type: type.choice('F', 'table', 'json'),
    default: 'table',
    from: ['flag'],
    common: true,
    help: 'table or json',
  },
  watch: { type: type.flag(), from: ['flag'], common: true, help: 'Show it again every second until Ctrl-C' },
  ...AUTHORITY,
} as const satisfies Settings;

/** Of `report`, which then collects the results of the queue. */
export const COLLECT = {
  queue: { ...QUEUE.queue, help: 'Collect the results of this queue in Redis; with -o run.ndjson they move there' },
  follow: { type: type.flag(), from: ['flag'], help: 'With --queue and -o: go on collecting until Ctrl-C' },
  queueTimeout: QUEUE.queueTimeout,
  ...AUTHORITY,
} as const satisfies Settings;
