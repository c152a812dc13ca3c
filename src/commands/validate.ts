import type { Resolved } from '../config/values.js';
import type { Host } from '../host.js';

export function run(_settings: Resolved<'validate'>, _host: Host): Promise<number> {
  return Promise.reject(new Error('validate is not here yet'));
}
