/**
 * Objects as flat lists of values: one walk over the source text finds every value that is no object with members, and
 * the path of names that leads to it. Paths are kept in a tree, so that many objects of the same kind share them.
 */

import { CLOSE_OBJECT, COMMA, OPEN_OBJECT, QUOTE } from './bytes.js';
import { skipSpace, skipString, skipValue } from './text.js';

/** A path of member names, as a node of the tree. */
export class PathNode {
  readonly name: string;
  readonly parent: PathNode | undefined;
  /** The name as JSON text has it most of the time. */
  readonly quoted: string;
  /** The members below it, in order: the first one, and after each the next. */
  first: PathNode | undefined;
  next: PathNode | undefined;
  /** The last object (by number) in which it was seen: twice in one is a name that is there twice. */
  seenIn = 0;
  /** A value was found here. */
  isLeaf = false;
  /** One that is not null. */
  hasValue = false;
  /** A number that the owner of the tree gives it. */
  column = -1;
  /** It is part of the tree, and not for one walk alone. */
  isAdded = false;
  #last: PathNode | undefined;
  #byName: Map<string, PathNode> | undefined;

  constructor(name: string, parent: PathNode | undefined) {
    this.name = name;
    this.parent = parent;
    this.quoted = JSON.stringify(name);
  }

  /** Its names from the top. */
  get path(): readonly string[] {
    return this.parent === undefined ? [] : [...this.parent.path, this.name];
  }

  /** Its names joined by dots. */
  get title(): string {
    return this.path.join('.');
  }

  child(name: string): PathNode | undefined {
    return this.#byName?.get(name);
  }

  /** Adds a member below, after `before` or at the end. */
  add(name: string, before = this.#last): PathNode {
    const child = new PathNode(name, this);
    child.isAdded = true;
    if (before === undefined) this.first = child;
    else [child.next, before.next] = [before.next, child];
    if (before === this.#last) this.#last = child;
    (this.#byName ??= new Map()).set(name, child);
    return child;
  }

  /** The nodes below it, depth first, in order. */
  *below(): Generator<PathNode, void> {
    for (let child = this.first; child !== undefined; child = child.next) {
      yield child;
      yield* child.below();
    }
  }
}

/** Is told what a walk finds. */
export interface PathVisitor {
  /** A value that is no object with members, from `start` to `end` of the text. */
  leaf(node: PathNode, start: number, end: number): void;
  /** The object has this name a second time: the last one counts, so what was found there before does not. */
  repeated(node: PathNode): void;
  /** Whether a name that is not in the tree yet may be added to it; else its node is for this walk alone. */
  mayAdd(name: string): boolean;
  /** Members that are passed over. */
  readonly passedOver: PathNode | undefined;
}

export class PathTree {
  readonly root = new PathNode('', undefined);
  #objects = 0;
  #size = 0;

  /** How many paths the walks have added. */
  get size(): number {
    return this.#size;
  }

  /** Walks over one object, which begins at `start` of the text. */
  walk(text: string, start: number, visitor: PathVisitor): void {
    this.#object(text, skipSpace(text, start), this.root, visitor);
  }

  /** `start` is at the object's brace; returns where it ends. */
  #object(text: string, start: number, node: PathNode, visitor: PathVisitor): number {
    const number = ++this.#objects;
    let before: PathNode | undefined;
    let at = skipSpace(text, start + 1);
    while (text.charCodeAt(at) === QUOTE) {
      // Objects of the same kind mostly have their members in the same order: then no name has to be cut out.
      const expected: PathNode | undefined = before === undefined ? node.first : before.next;
      const isExpected = expected !== undefined && text.startsWith(expected.quoted, at);
      const nameEnd: number = isExpected ? at + expected.quoted.length : skipString(text, at);
      const child: PathNode = isExpected ? expected : this.#member(node, text.slice(at, nameEnd), before, visitor);
      if (child.seenIn === number) visitor.repeated(child);
      child.seenIn = number;
      at = skipSpace(text, this.#value(text, skipSpace(text, skipSpace(text, nameEnd) + 1), child, visitor));
      if (child.isAdded) before = child;
      if (text.charCodeAt(at) !== COMMA) break;
      at = skipSpace(text, at + 1);
    }
    return at + 1;
  }

  #value(text: string, start: number, node: PathNode, visitor: PathVisitor): number {
    if (text.charCodeAt(start) === OPEN_OBJECT && node !== visitor.passedOver) {
      if (text.charCodeAt(skipSpace(text, start + 1)) !== CLOSE_OBJECT) return this.#object(text, start, node, visitor);
    }
    const end = skipValue(text, start);
    if (node !== visitor.passedOver) visitor.leaf(node, start, end);
    return end;
  }

  #member(node: PathNode, quoted: string, before: PathNode | undefined, visitor: PathVisitor): PathNode {
    const name = JSON.parse(quoted) as string;
    const known = node.child(name);
    if (known !== undefined) return known;
    if (!visitor.mayAdd(name)) return new PathNode(name, node);
    this.#size++;
    return node.add(name, before);
  }
}
