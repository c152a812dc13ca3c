/** One client that watches, as the feed sees it. */
export interface FeedSocket {
  /** Bytes that were sent and that the client has not taken yet. */
  readonly bufferedBytes: number;
  send(message: string): void;
  /** Ends it with this WebSocket close code; terminated where the client does not answer soon. */
  close(code: number): void;
  /** Ends it at once. */
  terminate(): void;
  /** Calls back once when it has ended, whoever ended it. */
  onClose(listener: () => void): void;
}
