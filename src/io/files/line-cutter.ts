import { isAscii, isUtf8 } from 'node:buffer';
import { CARRIAGE_RETURN, LINE_FEED } from '../../json/bytes.js';
import { Carry } from '../../json/carry.js';

/** Receives lines in order, blank ones included, numbered from 1. */
export interface LineSink {
  /** A line without its line feed; a carriage return before that is still there. */
  line(text: string, number: number): void;
  /** The bytes are only valid during the call. */
  notUtf8(bytes: Buffer, number: number): void;
  /** A line of more bytes than the limit, whose content is skipped. */
  tooLong(number: number): void;
}

/** Splits bytes that arrive in chunks into lines. */
export class LineCutter {
  readonly #maxBytes: number;
  readonly #sink: LineSink;
  /** The beginning of a line whose end is yet to come. */
  readonly #carry: Carry;
  #number = 1;
  /** Where the carried line, or the block of lines that is being cut, begins in the file. */
  #start = 0;
  #block: Block = NO_BLOCK;
  /** Where the current line begins in that block. */
  #from = 0;

  /** `maxBytes` is the longest allowed line, without its line break. */
  constructor(maxBytes: number, sink: LineSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
    this.#carry = new Carry(maxBytes + 1);
  }

  /** `chunk` is not retained: the caller may reuse its buffer. */
  push(chunk: Buffer): void {
    const firstEnd = this.#carry.length === 0 ? -1 : chunk.indexOf(LINE_FEED);
    if (firstEnd === -1 && this.#carry.length > 0) return this.#carry.add(chunk);
    if (firstEnd !== -1) this.#endCarried(chunk.subarray(0, firstEnd));
    const lastEnd = chunk.lastIndexOf(LINE_FEED);
    if (lastEnd > firstEnd) this.#lines(chunk.subarray(firstEnd + 1, lastEnd));
    this.#carry.add(chunk.subarray(lastEnd + 1));
  }

  /** The number of the next line, after those passed to the sink. */
  get number(): number {
    return this.#number;
  }

  /** Byte offset in the file of the current line, during a call to the sink; otherwise of the next line. */
  get offset(): number {
    const { text, isAscii: isSameInBytes } = this.#block;
    if (text === undefined || isSameInBytes) return this.#start + this.#from;
    return this.#start + Buffer.byteLength(text.slice(0, this.#from));
  }

  /** How many bytes there are after the last line feed. */
  get restLength(): number {
    return this.#carry.length;
  }

  /** Those bytes; undefined when there are more than a line may have. */
  get rest(): Buffer | undefined {
    return this.#carry.bytes;
  }

  /** Ends the input: the bytes after the last line feed are passed on as a line. */
  endLine(): void {
    if (this.#carry.length > 0) this.#endCarried(Buffer.alloc(0));
  }

  #endCarried(rest: Buffer): void {
    this.#carry.add(rest);
    const { length } = this.#carry;
    const line = this.#carry.take();
    if (line === undefined) this.#sink.tooLong(this.#number++);
    else this.#lineOfBytes(line);
    this.#start += length + 1;
  }

  /** Whole lines, without the last one's line feed: decoded in one go, which is much faster than line by line. */
  #lines(bytes: Buffer): void {
    const ascii = isAscii(bytes);
    if (ascii || isUtf8(bytes)) this.#linesOfText(ascii ? bytes.toString('latin1') : bytes.toString(), ascii);
    else this.#linesOfBytes(bytes);
    this.#block = NO_BLOCK;
    this.#from = 0;
    this.#start += bytes.length + 1;
  }

  #linesOfText(text: string, ascii: boolean): void {
    this.#block = { text, isAscii: ascii };
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#from = from;
      this.#line(text.slice(from, end));
      from = end + 1;
    }
    this.#from = from;
    this.#line(text.slice(from));
  }

  #linesOfBytes(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, from)) {
      this.#from = from;
      this.#lineOfBytes(bytes.subarray(from, end));
      from = end + 1;
    }
    this.#from = from;
    this.#lineOfBytes(bytes.subarray(from));
  }

  #lineOfBytes(bytes: Buffer): void {
    const lineEnd = bytes[bytes.length - 1] === CARRIAGE_RETURN ? 1 : 0;
    if (bytes.length - lineEnd > this.#maxBytes) this.#sink.tooLong(this.#number++);
    else if (isUtf8(bytes)) this.#sink.line(bytes.toString(), this.#number++);
    else this.#sink.notUtf8(bytes, this.#number++);
  }

  #line(text: string): void {
    if (this.#isTooLong(text)) this.#sink.tooLong(this.#number++);
    else this.#sink.line(text, this.#number++);
  }

  #isTooLong(line: string): boolean {
    // A code unit has at most three bytes, so nearly every line passes without its bytes being counted.
    if (line.length * 3 <= this.#maxBytes) return false;
    const lineEnd = line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? 1 : 0;
    return Buffer.byteLength(line) - lineEnd > this.#maxBytes;
  }
}

/** Lines that are being split; `text` is absent where they are split as bytes. */
interface Block {
  readonly text: string | undefined;
  readonly isAscii: boolean;
}

const NO_BLOCK: Block = { text: undefined, isAscii: false };
