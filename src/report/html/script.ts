/**
 * The page's script: search, filters, sorting and virtual rows of the failure table, and the numbers that charts show
 * when pointed at. It never changes, so that the page can name its hash. Data reaches the page as text nodes only.
 */

/** The source expression of SCRIPT for the page's Content-Security-Policy; a test computes it again. */
export const SCRIPT_HASH = 'sha256-py2FjcdkKlYIQ2pMws/cbF2esyl0/lUYpSAjNZpEeDM=';

export const SCRIPT = String.raw`'use strict';
(() => {
const find = (selector) => document.querySelector(selector);
const make = (tag, properties, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/gu;
const NAMED = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
const printable = (text) => text.replace(UNPRINTABLE, (char) => {
  const code = char.codePointAt(0);
  return NAMED[char] || (code < 256 ? '\\x' + code.toString(16).padStart(2, '0') : '\\u' + code.toString(16).padStart(4, '0'));
});
const number = (value) => value.toLocaleString('en-US');
const time = (ms) => ms < 1000 ? ms + 'ms' : ms < 59950 ? Math.round(ms / 100) / 10 + 's'
  : Math.floor(Math.round(ms / 1000) / 60) + 'm ' + String(Math.round(ms / 1000) % 60).padStart(2, '0') + 's';

for (const node of document.querySelectorAll('time')) {
  const date = new Date(node.dateTime);
  if (!isNaN(date)) node.title = date.toLocaleString() + ' here';
}
for (const figure of document.querySelectorAll('figure.chart')) chartTips(figure);
if (find('#rows')) failureTable(JSON.parse(find('#failure-data').textContent));

function chartTips(figure) {
  const table = figure.nextElementSibling.querySelector('table');
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows];
  const xs = rows.map((row) => Number(row.dataset.x));
  const tip = make('div', { className: 'tip', hidden: true });
  const areas = [...figure.querySelectorAll('.area')];
  const crosses = areas.map((area) => area.appendChild(make('div', { className: 'cross', hidden: true })));
  areas[0].append(tip);
  const hide = () => { for (const node of [tip, ...crosses]) node.hidden = true; };
  const show = (event) => {
    const box = areas[0].getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    if (x < 0 || x > 1) return hide();
    let best = 0;
    for (let i = 1; i < xs.length; i++) if (Math.abs(xs[i] - x) < Math.abs(xs[best] - x)) best = i;
    tip.replaceChildren(make('dl', {}, ...[...rows[best].cells].flatMap((cell, i) => [
      make('dt', { textContent: heads[i] }), make('dd', { textContent: cell.textContent })])));
    for (const node of [tip, ...crosses]) node.hidden = false;
    for (const cross of crosses) cross.style.left = xs[best] * 100 + '%';
    tip.style.left = xs[best] < 0.5 ? 'calc(' + xs[best] * 100 + '% + 10px)' : 'auto';
    tip.style.right = xs[best] < 0.5 ? 'auto' : 'calc(' + (1 - xs[best]) * 100 + '% + 10px)';
  };
  for (const area of areas) {
    area.addEventListener('pointermove', show);
    area.addEventListener('pointerleave', hide);
  }
}

function failureTable({ groups, strings, rows, cutIds, left }) {
  const ID = 0, GROUP = 1, ATTEMPTS = 2, TIME = 3, MESSAGE = 4, BODY = 5, REQUEST = 6, FILE = 7, LINE = 8;
  const HEIGHT = 37, MORE = 12, PRINTED = 200;
  const box = find('#rows'), body = box.querySelector('tbody'), query = find('#query');
  const heads = [...box.querySelectorAll('thead th')];
  // A narrow screen hides columns; a cell over more columns than there are would make new ones.
  const shownColumns = () => heads.filter((head) => head.offsetParent !== null).length || heads.length;
  const lower = strings.map((text) => text.toLowerCase());
  const ids = rows.map((row) => row[ID].toLowerCase());
  const isCut = new Set(cutIds);
  const place = (row) => {
    const file = strings[row[FILE]], line = row[LINE];
    return !file ? '' : line > 0 ? file + ':' + line : line < 0 ? file + '[' + (-1 - line) + ']' : file;
  };
  const facets = facetCounts();
  let matches = [], sort = '', open = -1, openHeight = 0, drawn = '', printing = false;

  box.classList.add('live');
  find('.tools').hidden = false;
  find('#static-note').hidden = true;
  box.querySelector('table').setAttribute('aria-rowcount', rows.length + 1);
  for (const head of heads) head.replaceChildren(make('button', { type: 'button', textContent: head.textContent, onclick: () => sortBy(head.dataset.sort) }));
  query.addEventListener('input', () => apply(true));
  box.addEventListener('scroll', draw, { passive: true });
  body.addEventListener('click', toggleRow);
  find('#copy').addEventListener('click', copyIds);
  find('#save').addEventListener('click', saveIds);
  addEventListener('hashchange', () => { if (readHash()) find('#failures').scrollIntoView(); });
  addEventListener('resize', draw);
  addEventListener('beforeprint', () => { printing = true; draw(); });
  addEventListener('afterprint', () => { printing = false; draw(); });
  if (!readHash()) apply(false);

  function readHash() {
    const found = new URLSearchParams(location.hash.slice(1));
    if (!found.has('q') && !found.has('sort')) return false;
    query.value = found.get('q') || '';
    sort = found.get('sort') || '';
    apply(false);
    return true;
  }

  function writeHash() {
    const parts = [];
    if (query.value.trim()) parts.push('q=' + encodeURIComponent(query.value.trim().replace(/\p{Cs}/gu, '*')));
    if (sort) parts.push('sort=' + encodeURIComponent(sort));
    history.replaceState(null, '', '#' + parts.join('&'));
  }

  function apply(write) {
    const tokens = parse(query.value);
    const accepts = matcher(tokens);
    matches = [];
    for (let i = 0; i < rows.length; i++) if (accepts(rows[i], i)) matches.push(i);
    if (sort) sortMatches();
    open = -1;
    drawn = '';
    box.scrollTop = 0;
    draw();
    drawChips(tokens);
    drawHeads();
    const all = number(rows.length) + (left ? ' of ' + number(rows.length + left) : '');
    say(matches.length === rows.length ? 'All ' + all + ' failed cases' : number(matches.length) + ' of ' + all + ' failed cases');
    if (write) writeHash();
  }

  function parse(text) {
    const token = /(?:(kind|status|code|phase|not-retried|id|file):)?(?:"([^"]*)"|(\S+))/gi;
    return [...text.matchAll(token)].map(([source, field, quoted, bare]) => ({ source, field: field && field.toLowerCase(), value: (quoted ?? bare).toLowerCase() }));
  }

  function matcher(tokens) {
    const fields = groupByField(tokens);
    const tests = Object.entries(fields).map(([field, some]) => [field, some.map((token) => glob(token.value))]);
    const inGroup = groups.map((group) => tests.every(([field, globs]) => field === 'id' || field === 'file' || globs.some((test) => test(String(group[field] ?? '').toLowerCase()))));
    const idTests = tests.find(([field]) => field === 'id')?.[1];
    const fileTests = tests.find(([field]) => field === 'file')?.[1];
    const words = tokens.filter((token) => !token.field).map(({ value }) => ({
      value, strings: lower.map((text) => text.includes(value)), groups: groups.map((group) => group.label.toLowerCase().includes(value)) }));
    return (row, i) => inGroup[row[GROUP]]
      && (!idTests || idTests.some((test) => test(ids[i])))
      && (!fileTests || fileTests.some((test) => test(place(row).toLowerCase())))
      && words.every((word) => word.strings[row[MESSAGE]] || word.strings[row[BODY]] || word.strings[row[FILE]] || word.groups[row[GROUP]] || ids[i].includes(word.value) || row[REQUEST].toLowerCase().includes(word.value));
  }

  function groupByField(tokens) {
    const fields = {};
    for (const token of tokens) if (token.field) (fields[token.field] ||= []).push(token);
    return fields;
  }

  function glob(pattern) {
    if (!pattern.includes('*')) return (text) => text === pattern;
    const source = pattern.replace(/[.+?^$(){}|[\]\\]/g, '\\$&').replace(/\*+/g, '.*');
    const expression = new RegExp('^' + source + '$', 's');
    return (text) => expression.test(text);
  }

  function sortBy(name) {
    sort = sort === name ? '-' + name : sort === '-' + name ? '' : name;
    apply(true);
  }

  function sortMatches() {
    const down = sort.startsWith('-'), name = down ? sort.slice(1) : sort;
    const value = { id: (i) => ids[i], cause: (i) => groups[rows[i][GROUP]].label, attempts: (i) => rows[i][ATTEMPTS], time: (i) => rows[i][TIME],
      message: (i) => lower[rows[i][MESSAGE]], source: (i) => strings[rows[i][FILE]] + String(Math.abs(rows[i][LINE])).padStart(12, '0') }[name];
    if (!value) return;
    const keyed = matches.map((i) => [value(i), i]);
    keyed.sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j));
    if (down) keyed.reverse();
    matches = keyed.map(([, i]) => i);
  }

  function draw() {
    const [first, last] = visible();
    const key = [first, last, open, printing, shownColumns()].join();
    if (key === drawn) return;
    drawn = key;
    const focused = body.contains(document.activeElement) ? document.activeElement.closest('tr').dataset.at : undefined;
    const lines = [];
    for (let at = first; at < last; at++) {
      lines.push(rowNode(at));
      if (at === open) lines.push(detailNode(rows[matches[at]]));
    }
    const detail = lines.find((line) => line.className === 'detail');
    body.replaceChildren(...lines);
    if (detail) openHeight = detail.offsetHeight;
    const gone = open >= 0 && open < first ? openHeight : 0;
    const coming = open >= last ? openHeight : 0;
    body.prepend(space(first * HEIGHT + gone));
    body.append(space(printing ? 0 : (matches.length - last) * HEIGHT + coming));
    if (focused !== undefined) body.querySelector('tr[data-at="' + focused + '"] button')?.focus({ preventScroll: true });
    if (!matches.length) body.replaceChildren(make('tr', {}, make('td', { colSpan: shownColumns(), textContent: 'No failed case matches.' })));
  }

  function visible() {
    if (printing) return [0, Math.min(matches.length, PRINTED)];
    const y = box.scrollTop;
    const opened = open >= 0 && y > (open + 1) * HEIGHT ? Math.min(openHeight, y - (open + 1) * HEIGHT) : 0;
    const first = Math.max(0, Math.floor((y - opened) / HEIGHT) - MORE);
    return [first, Math.min(matches.length, first + Math.ceil(box.clientHeight / HEIGHT) + 2 * MORE)];
  }

  function space(height) {
    const cell = make('td');
    cell.style.height = height + 'px';
    const line = make('tr', { className: 'space', hidden: height <= 0 }, cell);
    line.setAttribute('aria-hidden', 'true');
    return line;
  }

  function rowNode(at) {
    const row = rows[matches[at]];
    const button = make('button', { type: 'button' }, make('code', { textContent: printable(row[ID]) }));
    button.setAttribute('aria-expanded', String(at === open));
    const line = make('tr', { className: 'row' }, cell('th', 'id', '', button), cell('td', 'cause', printable(groups[row[GROUP]].label)), cell('td', 'attempts num', row[ATTEMPTS]),
      cell('td', 'time num', time(row[TIME])), cell('td', 'message', printable(strings[row[MESSAGE]])), cell('td', 'source', printable(place(row)) || '–'));
    line.dataset.at = at;
    line.setAttribute('aria-rowindex', at + 2);
    return line;
  }

  function cell(tag, className, text, ...children) {
    return make(tag, { className, title: typeof text === 'string' ? text : '' }, String(text), ...children);
  }

  function detailNode(row) {
    const facts = [['Case', row[ID]], ['Cause', groups[row[GROUP]].label], ['Message', strings[row[MESSAGE]]], ['Attempts', String(row[ATTEMPTS])], ['Time', time(row[TIME])], ['Request id', row[REQUEST]], ['Source', place(row)]];
    const list = make('dl', {}, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [make('dt', { textContent: name }), make('dd', { textContent: printable(value) })]));
    const answer = strings[row[BODY]];
    const parts = answer ? [list, make('p', { textContent: 'Answer' }), make('pre', { textContent: answer.split('\n').map(printable).join('\n') })] : [list];
    return make('tr', { className: 'detail' }, make('td', { colSpan: shownColumns() }, ...parts));
  }

  function toggleRow(event) {
    const line = event.target.closest('tr.row');
    if (!line || String(getSelection())) return;
    open = open === Number(line.dataset.at) ? -1 : Number(line.dataset.at);
    draw();
  }

  function facetCounts() {
    const counts = new Map();
    const add = (field, value) => {
      if (value === undefined) return;
      const typed = String(value).replace(/["\p{Cs}\p{Cc}]/gu, '*');
      const source = field + ':' + (/[\s*]/.test(typed) ? '"' + typed + '"' : typed);
      counts.set(source, (counts.get(source) || 0) + 1);
    };
    for (const row of rows) {
      const group = groups[row[GROUP]];
      add('kind', group.kind);
      if (group.kind === 'http') add('status', group.status);
      else if (group.kind === 'timeout') add('phase', group.phase);
      else add('code', group.code);
      add('not-retried', group['not-retried']);
    }
    return [...counts].sort((a, b) => a[0].startsWith('kind:') === b[0].startsWith('kind:') ? b[1] - a[1] : a[0].startsWith('kind:') ? -1 : 1).slice(0, 16);
  }

  function drawChips(tokens) {
    const used = new Set(tokens.map((token) => token.source.toLowerCase()));
    const known = new Set(facets.map(([source]) => source.toLowerCase()));
    const others = tokens.filter((token) => token.field && !known.has(token.source.toLowerCase())).map((token) => [token.source, '×']);
    const chips = [...facets.map(([source, amount]) => [source, number(amount)]), ...others].map(([source, more]) => {
      const chip = make('button', { type: 'button', onclick: () => toggleToken(source) }, printable(source) + ' ', make('small', { textContent: more }));
      chip.setAttribute('aria-pressed', String(used.has(source.toLowerCase())));
      chip.dataset.token = source;
      return chip;
    });
    const focused = document.activeElement.dataset?.token;
    find('#chips').replaceChildren(...chips);
    if (focused) chips.find((chip) => chip.dataset.token === focused)?.focus();
  }

  function toggleToken(source) {
    const tokens = parse(query.value);
    const rest = tokens.filter((token) => token.source.toLowerCase() !== source.toLowerCase());
    if (rest.length === tokens.length) rest.push({ source });
    query.value = rest.map((token) => token.source).join(' ');
    apply(true);
  }

  function drawHeads() {
    for (const head of heads) {
      if (sort === head.dataset.sort) head.setAttribute('aria-sort', 'ascending');
      else if (sort === '-' + head.dataset.sort) head.setAttribute('aria-sort', 'descending');
      else head.removeAttribute('aria-sort');
    }
  }

  function wholeIds() {
    return matches.filter((i) => !isCut.has(i)).map((i) => rows[i][ID]);
  }

  function copyIds() {
    const all = wholeIds(), text = all.join('\n');
    const done = () => say('Copied ' + number(all.length) + ' ids' + leftOut(all));
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => copyOldWay(text, done));
    else copyOldWay(text, done);
  }

  function copyOldWay(text, done) {
    const area = make('textarea', { value: text });
    document.body.append(area);
    area.select();
    if (document.execCommand('copy')) done();
    else say('The browser does not allow copying');
    area.remove();
  }

  function saveIds() {
    const all = wholeIds();
    const url = URL.createObjectURL(new Blob(all.map((id) => JSON.stringify({ id }) + '\n'), { type: 'application/x-ndjson' }));
    make('a', { href: url, download: 'failed-ids.ndjson' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    say('Saved ' + number(all.length) + ' ids' + leftOut(all));
  }

  function leftOut(all) {
    const amount = matches.length - all.length;
    return amount ? '; ' + number(amount) + ' too long for this page are left out' : '';
  }

  function say(text) {
    find('#found').textContent = text;
  }
}
})();
`;
