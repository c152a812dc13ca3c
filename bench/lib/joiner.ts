/** Somebody who watches a run from outside, as soon as it says where. */

import { WebSocket } from 'ws';
import { note } from './table.js';

/** Joins the page whose address is said on stderr, and stays until the end. Hears what the run says there. */
export function joiner(joined: (socket: WebSocket) => void): (text: string) => void {
  let said = '';
  let isJoined = false;
  return (text) => {
    if (isJoined) return;
    said += text;
    const [, host, token] = /http:\/\/(\S+?)\/#(\S+)\s/.exec(said) ?? [];
    if (host === undefined || token === undefined) return;
    isJoined = true;
    const protocols = ['case-tracker.v1', `bearer.${token}`];
    const socket = new WebSocket(`ws://${host}/api/run/events`, protocols, { origin: `http://${host}` });
    socket.on('open', () => joined(socket)).on('error', (error) => note(`watched: ${error.message}`));
  };
}
