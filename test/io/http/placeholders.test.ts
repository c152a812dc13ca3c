import { describe, expect, test } from 'vitest';
import { Case } from '../../../src/core/case.js';
import { compileBody } from '../../../src/io/http/body-template.js';
import { compileEndpoint } from '../../../src/io/http/endpoint.js';
import { runMain } from '../../helpers/run-main.js';
import { bodyOf, serve } from '../../helpers/fault-server.js';

const FIRST = new Case('C-1', '{"id":"C-1","title":"a","owner":{"name":"Mira"},"due":null}');

describe('a placeholder of the endpoint', () => {
  test.each([
    ['a misspelt one gets a did you mean at the first case', '{tittle}', 'has no field tittle; did you mean {title}?'],
    ['a misspelt one within a field', '{owner.nam}', 'has no field owner.nam; did you mean {owner.name}?'],
    ['one that is near nothing gets none', '{nothing}', 'has no field nothing'],
    ['null is not missing', '{due}', 'and it is null'],
    ['an object is not missing', '{owner}', 'and it is no string, number or boolean'],
    ['the name of something that every object has is a field like any other', '{toString}', 'has no field toString'],
  ])('%s', (_what, placeholder, problem) => {
    const rendered = compileEndpoint(`http://h/${placeholder}`).render(FIRST);
    expect(rendered).toEqual({ problem: expect.stringContaining(`the endpoint needs ${placeholder}, `) as string });
    expect('problem' in rendered && rendered.problem.endsWith(problem)).toBe(true);
  });

  test('the name of the export stands in the message', () => {
    const endpoint = compileEndpoint('http://h/{title}', { fieldNames: { title: 'summary', dueAt: 'deadline' } });
    expect(endpoint.render(FIRST)).toEqual({
      problem: 'the endpoint needs {title}, and the case has no field summary',
    });
    const mean = compileEndpoint('http://h/{dueat}', { fieldNames: { dueAt: 'deadline' } });
    expect(mean.render(FIRST)).toMatchObject({ problem: expect.stringContaining('did you mean {dueAt}?') as string });
  });

  test('a name that another case had is spelt right', () => {
    const endpoint = compileEndpoint('http://h/{tag}');
    expect(endpoint.render(new Case('C-1', '{"id":"C-1","tag":"x"}'))).toEqual({ path: '/x' });
    expect(endpoint.render(new Case('C-2', '{"id":"C-2","tags":"x"}'))).toEqual({
      problem: 'the endpoint needs {tag}, and the case has no field tag',
    });
  });
});

describe('a placeholder of the body', () => {
  test('a misspelt one is told of once, at the first case, and null is sent', () => {
    const told: string[] = [];
    const body = compileBody('[{tittle},{nothing},{toString}]', {
      misspelt: (name, meant) => told.push(`${name} ${meant}`),
    });
    expect([body(FIRST), body(FIRST)]).toEqual(['[null,null,null]', '[null,null,null]']);
    expect(told).toEqual(['tittle title']);
  });

  test('a run and a dry run say so', async () => {
    const bodies: string[] = [];
    const server = await serve(async (request, response) => {
      bodies.push(await bodyOf(request));
      response.end('{}');
    });
    const args = ['enrich', '-', '--endpoint', server.url, '--method', 'POST', '--body', '{"t":{tittle}}'];
    const notice = 'no field tittle for {tittle} in the body: null is sent; did you mean {title}?\n';
    for (const more of [[], ['--dry-run']]) {
      const run = await runMain([...args, ...more], {
        stdin: `${FIRST.text}\n${FIRST.text.replaceAll('C-1', 'C-2')}\n`,
      });
      expect(run.code).toBe(0);
      expect(run.stderr.split(notice)).toHaveLength(2);
    }
    expect(bodies).toEqual(['{"t":null}', '{"t":null}']);
    expect((await runMain([...args, '-q'], { stdin: `${FIRST.text}\n` })).stderr).toBe('');
  });
});

describe('a placeholder that names the id field', () => {
  const untrimmed = new Case('A-1', '{"number":" A-1 ","meta":{"id":" A-1 "},"n":7}');

  test.each([
    ['{id}', 'number'],
    ['{number}', 'number'],
    ['{meta.id}', 'meta.id'],
  ])('%s is the trimmed id with --id-field %s, in the endpoint and in the body', (placeholder, idField) => {
    expect(compileEndpoint(`http://h/${placeholder}`, { idField }).render(untrimmed)).toEqual({ path: '/A-1' });
    expect(compileBody(`{"x":${placeholder}}`, { idField })(untrimmed)).toBe('{"x":"A-1"}');
  });

  test('is as it stands in the case where there is nothing to trim', () => {
    expect(compileBody('[{number}]', { idField: 'number' })(new Case('7', '{"number":7}'))).toBe('[7]');
    const escaped = new Case('é', String.raw`{"number":"\u00e9"}`);
    expect(compileBody('[{number}]', { idField: 'number' })(escaped)).toBe(String.raw`["\u00e9"]`);
  });

  test('and that of another field is not trimmed', () => {
    expect(compileBody('[{number}]')(untrimmed)).toBe('[" A-1 "]');
  });

  test('is what enrich asks for', async () => {
    const paths: string[] = [];
    const server = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.end('{}');
    });
    const argv = ['enrich', '-', '--id-field', 'number', '--endpoint', `${server.url}/{number}`, '-q'];
    expect((await runMain(argv, { stdin: '{"number":" A-1 "}\n' })).code).toBe(0);
    expect(paths).toEqual(['/A-1']);
  });
});
