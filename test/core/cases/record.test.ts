import { describe, expect, test } from 'vitest';

import { RecordShape } from '../../../src/core/cases/record.js';
import type { FieldOptions } from '../../../src/core/cases/record.js';

function check(text: string, options?: FieldOptions) {
  return new RecordShape(options).check(JSON.parse(text), text);
}

describe('the id of a case', () => {
  test.each([
    ['a string', '{"id":"CASE-001"}', 'CASE-001'],
    ['a string in white space', '{"id":" \\t a b \\n"}', 'a b'],
    ['an integer', '{"id":42}', '42'],
    ['an integer beyond 2^53, with every digit', '{"id":12345678901234567890}', '12345678901234567890'],
    ['a negative integer', '{"id":-7}', '-7'],
    ['a name that means something in paths', '{"id":".."}', '..'],
    ['the last of several', '{"id":"a","id":2}', '2'],
  ])('may be %s', (_, text, id) => {
    expect(check(text)).toEqual({ ok: true, id });
  });

  test.each([
    ['{"title":"a"}', 'no id; expected a non-empty string or an integer'],
    ['{"id":null}', 'no id; expected a non-empty string or an integer'],
    ['{"id":"  "}', 'id is empty; expected a non-empty string or an integer'],
    ['{"id":1.0}', 'id is 1.0; expected a non-empty string or an integer'],
    ['{"id":1e3}', 'id is 1e3; expected a non-empty string or an integer'],
    ['{"id":true}', 'id is true; expected a non-empty string or an integer'],
    ['{"id":["a"]}', 'id is an array; expected a non-empty string or an integer'],
    ['{"id":{}}', 'id is an object; expected a non-empty string or an integer'],
    ['{"__proto__":{"id":"a"}}', 'no id; expected a non-empty string or an integer'],
    ['[1]', 'found an array; expected an object'],
    ['null', 'found null; expected an object'],
    ['"a"', 'found a string; expected an object'],
    ['5', 'found a number; expected an object'],
  ])('is missing in %s', (text, message) => {
    expect(check(text)).toMatchObject({ ok: false, caseId: null, message });
  });

  test.each([
    ['another field', '{"number":17,"id":"x"}', { idField: 'number' }, '17'],
    ['a nested field', '{"fields":{"key":99999999999999999999}}', { idField: 'fields.key' }, '99999999999999999999'],
    ['a field with a dot in its name', '{"a.b":"x","a":{"b":"y"}}', { idField: 'a.b' }, 'x'],
    ['a field called like a method of objects', '{"constructor":"x"}', { idField: 'constructor' }, 'x'],
    ['the name that fieldNames gives', '{"_id":"x"}', { fieldNames: { id: '_id' } }, 'x'],
  ])('is read from %s', (_, text, options, id) => {
    expect(check(text, options)).toEqual({ ok: true, id });
  });

  test('is not taken from what every object inherits', () => {
    expect(check('{}', { idField: 'constructor' })).toMatchObject({ ok: false, caseId: null });
    expect(check('{}', { idField: '__proto__.constructor.name' })).toMatchObject({ ok: false, caseId: null });
  });
});

describe('known fields', () => {
  test('may be there, absent or null, beside anything else', () => {
    const text = `{"id":"a","title":"t","status":null,"tags":["x"],"openedAt":"2026-01-01","dueAt":"2026-01-01T10:00Z",
      "assignee":null,"dueOn":5,"__proto__":{"status":5},"extra":{"status":[]}}`;
    expect(check(text)).toEqual({ ok: true, id: 'a' });
  });

  test('are all named when several are wrong, the id too', () => {
    const text = '{"status":3,"tags":"x","dueAt":"tomorrow"}';
    const wrong =
      'status is 3; expected a string; and tags is "x"; expected an array of strings; and dueAt is "tomorrow"';
    const date = 'expected an ISO 8601 date or date-time';
    expect(check(text)).toMatchObject({
      ok: false,
      caseId: null,
      message: `no id; expected a non-empty string or an integer; and ${wrong}; ${date}`,
    });
    expect(check(`{"id":1,${text.slice(1)}`)).toMatchObject({ ok: false, caseId: '1', message: `${wrong}; ${date}` });
  });

  test.each([
    ['"title":5', 'title is 5; expected a string'],
    ['"status":true', 'status is true; expected a string'],
    ['"priority":{}', 'priority is an object; expected a string'],
    ['"assignee":["mira"]', 'assignee is an array; expected a string'],
    ['"tags":"x"', 'tags is "x"; expected an array of strings'],
    ['"tags":["x",5]', 'tags is an array with 5 in it; expected an array of strings'],
    ['"tags":[null]', 'tags is an array with null in it; expected an array of strings'],
    ['"openedAt":"yesterday"', 'openedAt is "yesterday"; expected an ISO 8601 date or date-time'],
    ['"dueAt":"2026-02-30"', 'dueAt is "2026-02-30"; expected an ISO 8601 date or date-time'],
    ['"dueAt":1767225600', 'dueAt is 1767225600; expected an ISO 8601 date or date-time'],
  ])('refuses %s', (member, message) => {
    expect(check(`{"id":"a",${member}}`)).toMatchObject({ ok: false, caseId: 'a', message });
  });

  test('shows only the beginning of a long value', () => {
    const result = check(`{"id":"a","dueAt":"${'x'.repeat(1000)}"}`);
    expect(result.ok ? '' : result.message.length).toBeLessThan(150);
  });

  test('are read under the names of the export', () => {
    const options = { fieldNames: { status: 'state', assignee: 'assignee.login' } };
    const text = '{"id":1,"state":"open","status":5,"assignee":{"login":"mira"}}';
    const shape = new RecordShape(options);
    expect(check(text, options)).toEqual({ ok: true, id: '1' });
    expect(shape.field(JSON.parse(text) as Record<string, unknown>, 'status')).toBe('open');
    expect(shape.field(JSON.parse(text) as Record<string, unknown>, 'assignee')).toBe('mira');
    expect(shape.field({ id: 1, state: null }, 'status')).toBeUndefined();
  });

  test('name both names when one is wrong', () => {
    const result = check('{"id":1,"state":5}', { fieldNames: { status: 'state' } });
    expect(result).toMatchObject({ ok: false, caseId: '1', message: 'state (status) is 5; expected a string' });
  });
});
