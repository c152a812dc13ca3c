/** Messages as they come over the WebSocket: text that may be anything. */

import { LIVE_VERSION, type LiveMessage } from '../../../core/live/messages.js';

/** The message in this text; `other version` for one that only another page understands, undefined for none. */
export function readMessage(text: unknown): LiveMessage | 'other version' | undefined {
  const value = typeof text === 'string' ? parsed(text) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const { v, type, seq } = value as Partial<LiveMessage>;
  if (typeof v === 'number' && v !== LIVE_VERSION) return 'other version';
  if (v !== LIVE_VERSION || typeof seq !== 'number') return undefined;
  return type === 'snapshot' || type === 'update' || type === 'end' ? (value as LiveMessage) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
