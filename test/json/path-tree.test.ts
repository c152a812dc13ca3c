import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PathNode, PathTree, type PathVisitor } from '../../src/json/path-tree.js';

/** Every leaf of an object as path and source text, in order; of names that are there twice only the last. */
function leaves(text: string, tree = new PathTree(), more: Partial<PathVisitor> = {}): [string, string][] {
  const found = new Map<PathNode, string>();
  tree.walk(text, 0, {
    leaf: (node, start, end) => void found.set(node, text.slice(start, end)),
    repeated: (node) => [node, ...node.below()].forEach((one) => found.delete(one)),
    mayAdd: () => true,
    passedOver: undefined,
    ...more,
  });
  return [...found].map(([node, value]) => [node.title, value]);
}

test('objects are taken apart, everything else is a value', () => {
  const text =
    ' { "a" : 1.0 , "b":{"c":{"d":null,"e":[{"x":1},"}"]},"f":{}}, "" : "\\u0041", "b.c":123456789012345678901234567890 } ';
  expect(leaves(text)).toEqual([
    ['a', '1.0'],
    ['b.c.d', 'null'],
    ['b.c.e', '[{"x":1},"}"]'],
    ['b.f', '{}'],
    ['', '"\\u0041"'],
    ['b.c', '123456789012345678901234567890'],
  ]);
  expect(leaves('{}')).toEqual([]);
});

test('of a name that is there twice the last counts, with all that is below it', () => {
  expect(leaves('{"a":{"x":1},"b":2,"a":{"y":3}}')).toEqual([
    ['b', '2'],
    ['a.y', '3'],
  ]);
  expect(leaves('{"\\u0061":1,"a":2}')).toEqual([['a', '2']]);
});

test('a new path stands after the one that came before it in its object, or at the end', () => {
  const tree = new PathTree();
  for (const text of [
    '{"id":1,"z":2}',
    '{"id":1,"m":{"b":1},"z":2}',
    '{"id":1,"m":{"a":0,"b":1}}',
    '{"z":1,"end":1}',
  ]) {
    leaves(text, tree);
  }
  expect([...tree.root.below()].map(({ title }) => title)).toEqual(['id', 'm', 'm.b', 'm.a', 'z', 'end']);
  expect(tree.size).toBe(6);
});

test('names of the language are names like any other', () => {
  expect(leaves('{"__proto__":{"constructor":1},"toString":2}')).toEqual([
    ['__proto__.constructor', '1'],
    ['toString', '2'],
  ]);
});

test('a name that may not be added has a node for this walk alone', () => {
  const tree = new PathTree();
  leaves('{"a":1}', tree);
  expect(leaves('{"a":1,"b":{"c":2},"d":3}', tree, { mayAdd: () => false })).toEqual([
    ['a', '1'],
    ['b.c', '2'],
    ['d', '3'],
  ]);
  expect([...tree.root.below()].length).toBe(1);
});

test('what is passed over is not seen', () => {
  const tree = new PathTree();
  leaves('{"a":1,"b":{"c":2}}', tree);
  expect(leaves('{"b":{"c":2},"a":1}', tree, { passedOver: tree.root.child('b') })).toEqual([['a', '1']]);
});

test('a thousand levels are no more than one', () => {
  const text = `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`;
  expect(leaves(text)).toEqual([[Array.from({ length: 1000 }, () => 'a').join('.'), '1']]);
});

test('finds what JSON.parse finds, in whatever order the objects have their members', () => {
  const tree = new PathTree();
  const name = fc.oneof(fc.constantFrom('a', 'b', 'c', '"', '\\', '__proto__'), fc.string());
  const { tree: value } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.dictionary(name, tie('tree'), { maxKeys: 4 })),
  }));
  fc.assert(
    fc.property(fc.dictionary(name, value), (object) => {
      const text = JSON.stringify(object);
      const parsed = JSON.parse(text) as object;
      expect(new Map(leaves(text, tree))).toEqual(
        new Map(Object.entries(parsed).flatMap(([one, inside]) => flat(inside, [one]))),
      );
    }),
    { seed: 2, numRuns: 500 },
  );
});

function flat(value: unknown, path: readonly string[]): [string, string][] {
  const isParent =
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
  if (!isParent) return [[path.join('.'), JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, one]) => flat(one, [...path, name]));
}
