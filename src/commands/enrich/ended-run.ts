/** Everything that a run was made of, once it is over. */

import type { Resolved } from '../../config/resolved.js';
import type { Pipeline } from '../../core/run/pipeline.js';
import type { Host } from '../../host.js';
import type { CaseSource } from '../../io/sources/file/file-source.js';
import type { GithubStep } from '../../io/watch/github-step.js';
import type { RunClient } from './client.js';
import type { Delivery } from './delivery.js';
import type { Destination } from './destination.js';
import type { Interruption } from './interruption.js';
import type { BegunRun } from './run-info.js';
import type { Screen } from './screen.js';

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
  readonly screen: Screen;
  readonly github: GithubStep;
}
