/** The least that undici's `dispatch` wants: `done` is called with the only chunk of an answer, an error ends the program. */
export class Handler {
  constructor(done) {
    this.done = done;
  }
  onRequestStart() {}
  onResponseStart() {}
  onResponseData(_controller, chunk) {
    this.chunk = chunk;
  }
  onResponseEnd() {
    this.done(this.chunk);
  }
  onResponseError(_controller, error) {
    throw error;
  }
}
