/** The parts of a run after its end. */

import type { Resolved } from '../../config/resolved.js';
import type { CaseSource } from '../../core/ports.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import type { Host } from '../../host.js';
import type { RunClient } from './client.js';
import type { Delivery } from './delivery.js';
import type { Destination } from './destination.js';
import type { Interruption } from './interruption.js';
import type { BegunRun } from './run-info.js';
import type { Watchers } from './watchers.js';

export interface EndedRun {
  readonly settings: Resolved<'enrich'>;
  readonly host: Host;
  readonly begun: BegunRun;
  readonly client: RunClient;
  readonly destination: Destination;
  readonly delivery: Delivery;
  readonly pipeline: Pipeline;
  readonly source: CaseSource;
  readonly interruption: Interruption;
  readonly watchers: Watchers;
}
