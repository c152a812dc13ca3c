/** A terminal window as SVG: frames shown one after the other; without animation only the last one. */

import { displayWidth } from '../src/text/printable.js';
import { type Span, spansOf } from './terminal.js';

export interface Frame {
  readonly lines: readonly string[];
  readonly seconds: number;
}

const FONT_SIZE = 14;
const CELL = { width: 8.4, height: 19 };
const MARGIN = { left: 16, top: 46, bottom: 14 };
const COLORS: Readonly<Record<number, string>> = {
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  36: '#76e3ea',
};
const FAMILY = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** `columns` is the terminal's width; its height is that of the longest frame. */
export function terminalSvg(frames: readonly Frame[], columns: number, description: string): string {
  const rows = Math.max(...frames.map(({ lines }) => lines.length));
  const width = Math.round(columns * CELL.width + 2 * MARGIN.left);
  const height = rows * CELL.height + MARGIN.top + MARGIN.bottom;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, index) => `<circle cx="${22 + 20 * index}" cy="20" r="6" fill="${color}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(description)}</title>`,
    `<style>${css(frames)}</style>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    ...dots,
    ...frames.map(frameSvg),
    '</svg>\n',
  ].join('\n');
}

function css(frames: readonly Frame[]): string {
  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  let from = 0;
  const rules = frames.map(({ seconds }, index) => {
    const [begin, end] = [percent(from, total), percent((from += seconds), total)];
    const hiddenBefore = begin === '0%' ? '' : `0%{opacity:0}`;
    const hiddenAfter = index === frames.length - 1 ? '' : `${end}{opacity:0}`;
    return `@keyframes f${index}{${hiddenBefore}${begin}{opacity:1}${hiddenAfter}}.f${index}{animation:f${index} ${total}s step-end infinite}`;
  });
  return [
    `text{font:${FONT_SIZE}px ${FAMILY};fill:#e6edf3;white-space:pre}`,
    `.f{opacity:0}.f${frames.length - 1}{opacity:1}`,
    `@media (prefers-reduced-motion:no-preference){${rules.join('')}}`,
  ].join('');
}

function percent(part: number, total: number): string {
  return `${Number(((part / total) * 100).toFixed(2))}%`;
}

function frameSvg({ lines }: Frame, index: number): string {
  const rows = lines.map((line, row) => {
    const y = MARGIN.top + row * CELL.height + FONT_SIZE;
    const spans = spansOf(line).filter(({ text }) => text.trim() !== '');
    return spans.length === 0 ? '' : `<text y="${y}" xml:space="preserve">${spans.map(spanSvg).join('')}</text>\n`;
  });
  return `<g class="f f${index}">\n${rows.join('')}</g>`;
}

/** The position and length of each run are fixed, so that columns stay in line whatever font is there. */
function spanSvg({ column, text, codes }: Span): string {
  const lead = text.length - text.trimStart().length;
  const shown = text.trim();
  const x = (MARGIN.left + (column + lead) * CELL.width).toFixed(1);
  const length = (displayWidth(shown) * CELL.width).toFixed(1);
  return `<tspan x="${x}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${look(codes)}>${escaped(shown)}</tspan>`;
}

function look(codes: readonly number[]): string {
  const color = codes.map((code) => COLORS[code]).find((one) => one !== undefined);
  const parts = [
    color === undefined ? '' : ` fill="${color}"`,
    codes.includes(1) ? ' font-weight="bold"' : '',
    codes.includes(2) ? ' opacity="0.6"' : '',
  ];
  return parts.join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
