import type { Resolved } from '../config/values.js';
import type { Host } from '../host.js';

export function run(_settings: Resolved<'enrich'>, _host: Host): Promise<number> {
  return Promise.reject(new Error('enrich is not here yet'));
}
