/** The least that undici's `dispatch` wants: `done` is called with the bytes of an answer, an error ends the program. */
export class Handler {
  constructor(done) {
    this.done = done;
  }
  onRequestStart() {}
  onResponseStart() {}
  onResponseData(_controller, chunk) {
    if (this.chunk === undefined) this.chunk = chunk;
    else (this.chunks ??= [this.chunk]).push(chunk);
  }
  onResponseEnd() {
    this.done(this.chunks === undefined ? this.chunk : Buffer.concat(this.chunks));
  }
  onResponseError(_controller, error) {
    throw error;
  }
}
