/** What a queue needs of its Redis, asked once at the start. */

import { InputError, UsageError } from '../../errors.js';

/** The parts of INFO that matter here. */
export interface ServerFacts {
  readonly version: string;
  readonly isReplica: boolean;
  readonly maxMemory: number;
  readonly policy: string;
  readonly hasAppendOnlyFile: boolean;
}

export function serverFacts(info: string): ServerFacts {
  const of = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  return {
    version: of('redis_version'),
    isReplica: of('role') === 'slave',
    maxMemory: Number(of('maxmemory') || '0'),
    policy: of('maxmemory_policy'),
    hasAppendOnlyFile: of('aof_enabled') === '1',
  };
}

const OLDEST = 7;

/** Throws where cases could get lost, or nothing would work. */
export function checkServer(facts: ServerFacts, where: string): void {
  const major = Number(facts.version.split('.', 1)[0]);
  if (major < OLDEST) {
    throw new InputError(`${where}: Redis ${facts.version} is too old for a queue`, {
      hint: `Redis 7.0 or newer, or Valkey`,
    });
  }
  if (facts.isReplica) {
    throw new InputError(`${where} is a replica, which takes no writes`, { hint: 'name the primary' });
  }
  if (facts.maxMemory > 0 && facts.policy !== '' && facts.policy !== 'noeviction') {
    throw new UsageError(
      `${where}: Redis may throw cases away when its memory is full (maxmemory-policy ${facts.policy})`,
      {
        hint: 'redis-cli config set maxmemory-policy noeviction',
      },
    );
  }
}

/** What a power cut, or a killed Redis, would cost. */
export function durabilityNotice(facts: ServerFacts): string | undefined {
  if (facts.hasAppendOnlyFile) return undefined;
  return 'Redis has no append-only file: when it is killed, or the power fails, it loses what came since its last snapshot, or all (appendonly yes)';
}
