/** How deep objects and arrays may be nested. */
export const MAX_LEVELS = 1000;

/** A member on the way to the target, for the message when there is no target. */
export interface SeenMember {
  readonly name: string;
  readonly kind: string;
}

const MAX_SEEN = 6;
/** In place of an index: the container is an object. */
const IS_OBJECT = -1;

/** The objects and arrays that are open at a point of a document, and how far they follow a path from the top. */
export class Containers {
  /** undefined when no value is looked for. */
  readonly #path: readonly string[] | undefined;
  /** From the outermost: the index of the current element in an array, IS_OBJECT for an object. */
  readonly #stack: number[] = [];
  /** How many of the outermost containers lie on the path. */
  #onPath = 0;
  #deepestOnPath = -1;
  #seen: SeenMember[] = [];
  /** The name of the current member, where it may lie on the path; undefined when it is too long for that. */
  name: string | undefined;

  constructor(path: readonly string[] | undefined) {
    this.#path = path;
  }

  get depth(): number {
    return this.#stack.length;
  }

  get isFull(): boolean {
    return this.#stack.length === MAX_LEVELS;
  }

  get isInObject(): boolean {
    return this.#stack.at(-1) === IS_OBJECT;
  }

  /** True when the path may go through the members of the innermost container: their names are wanted. */
  get isInnermostOnPath(): boolean {
    return this.#onPath === this.#stack.length;
  }

  /** The members of the innermost container on the path that was reached, and that container's depth. */
  get seen(): { readonly depth: number; readonly members: readonly SeenMember[] } {
    return { depth: Math.max(this.#deepestOnPath, 0), members: this.#seen };
  }

  /** How the value that begins now lies to the path: it is what the path leads to, contains that, or neither. */
  relationToPath(): 'target' | 'way' | 'aside' {
    const depth = this.#stack.length;
    const path = this.#path;
    if (path === undefined || this.#onPath !== depth || depth > path.length) return 'aside';
    if (depth > 0 && this.#current() !== path[depth - 1]) return 'aside';
    return depth === path.length ? 'target' : 'way';
  }

  /** Notes a value that begins now, for `seen`. */
  note(kind: string): void {
    const depth = this.#stack.length;
    if (depth === 0 || this.#onPath !== depth || depth - 1 !== this.#deepestOnPath) return;
    if (this.#seen.length < MAX_SEEN) this.#seen.push({ name: this.#current() ?? '…', kind });
  }

  open(kind: 'object' | 'array', isOnPath: boolean): void {
    this.#stack.push(kind === 'object' ? IS_OBJECT : 0);
    if (!isOnPath) return;
    this.#onPath = this.#stack.length;
    if (this.#onPath - 1 > this.#deepestOnPath) {
      this.#deepestOnPath = this.#onPath - 1;
      this.#seen = [];
    }
  }

  close(): void {
    if (this.#onPath === this.#stack.length) this.#onPath--;
    this.#stack.pop();
  }

  /** A comma was read in an array. */
  nextElement(): void {
    const top = this.#stack.length - 1;
    this.#stack[top] = (this.#stack[top] as number) + 1;
  }

  /** The current member's name or the current element's index. */
  #current(): string | undefined {
    const index = this.#stack.at(-1);
    return index === IS_OBJECT ? this.name : String(index);
  }
}
