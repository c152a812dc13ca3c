/** Settings of `api`: its own, and those of `enrich` by which each run goes. */

import { READING } from './cases.js';
import { CERTIFICATES } from './certificates.js';
import { CREDENTIALS } from './credentials.js';
import { NOTIFY } from './notify.js';
import { PACE, POLL, REQUEST, RETRY } from './enrich.js';
import { SERVE } from './other.js';
import type { Group, Settings } from './setting.js';
import * as type from './value-types.js';

export const API = {
  dir: { type: type.path('runs/', 'FOLDER'), common: true, help: 'Folder of the runs; it is made where there is none' },
  port: { ...SERVE.port, default: '8484', help: 'Port on loopback; 0 is a free one' },
  token: {
    type: type.accessToken(),
    private: true,
    common: true,
    defaultText: 'a new one, printed on stderr',
    help: 'Bearer token that every request must have; the first line of the file',
  },
  maxBody: {
    type: type.size(),
    default: '256MiB',
    common: true,
    help: 'Largest body of cases, unpacked; beyond it the request is refused',
  },
} as const satisfies Settings;

/** How the cases that are handed in are read. Their form is what the request says. */
export const RUN_READING = {
  root: READING.root,
  idField: READING.idField,
  fieldNames: READING.fieldNames,
} as const satisfies Settings;

export const API_GROUPS: readonly Group[] = [
  { title: 'Server', settings: API },
  { title: 'Request', settings: REQUEST },
  { title: 'Answers that come later', settings: POLL },
  { title: 'Credentials', settings: CREDENTIALS },
  { title: 'Certificates', settings: CERTIFICATES },
  { title: 'Pace', settings: PACE },
  { title: 'Retries and failures', settings: RETRY },
  { title: 'Notifications', settings: NOTIFY },
  { title: 'Reading', settings: RUN_READING },
];
