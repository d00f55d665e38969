import { describe, expect, test } from 'vitest';
import { reportPage } from '#src/report/html/page.js';
import { html } from '#src/report/html/markup.js';
import type { ReportRun } from '#src/report/material.js';
import { makeReport } from '#src/report/report.js';
import { drawPlot } from '#src/report/svg/draw.js';
import { trendPoint } from '#src/report/trend.js';
import { parsePage, type PageDocument, type PageElement } from './dom.js';
import { figures, HOSTILE, numbers, reportRun, STARTED } from './samples.js';
import { faultsOf } from './validity.js';

const time = (ms: number): string => new Date(ms).toISOString();

function pageOf(run: ReportRun, before: readonly ReportRun[] = [run]): string {
  const report = makeReport(run, { trend: [...before, run].map(trendPoint), journalFindings: [{ level: 'failed', text: HOSTILE }], time });
  return reportPage(report, { version: '9.8.7', made: `Made from ${HOSTILE}`, draw: drawPlot });
}

/** A run whose every text is hostile. */
function hostileRun(): ReportRun {
  const start = {
    versions: { scoreline: HOSTILE, node: HOSTILE, runtime: HOSTILE },
    labels: { [HOSTILE]: HOSTILE },
    model: { ...STARTED.model, path: HOSTILE, producer: HOSTILE, family: HOSTILE },
    contract: { path: HOSTILE, sha256: HOSTILE },
    input: { ...STARTED.input, path: HOSTILE, format: HOSTILE },
    output: { path: HOSTILE, format: HOSTILE },
    plan: STARTED.plan,
  };
  const error = { code: HOSTILE, status: 65, message: HOSTILE, place: { file: HOSTILE, column: HOSTILE } };
  return reportRun({ id: HOSTILE, journal: HOSTILE, start, error, status: 'failed', figures: figures(HOSTILE, HOSTILE) });
}

const KINDS: readonly (readonly [string, () => string])[] = [
  ['of a run with all there is', () => pageOf(reportRun())],
  ['of hostile names, labels and messages', () => pageOf(hostileRun())],
  ['of a run that died', () => pageOf(reportRun({ status: 'aborted', aborted: 'died', start: undefined, figures: {} }), [])],
];

describe.each(KINDS)('the page %s', (_, made) => {
  const page = made();
  const document = parsePage(page);
  const all = (selector: string): PageElement[] => [...document.querySelectorAll(selector)];

  test('is well formed: every element is closed where it should be, every attribute quoted, every id its own', () => {
    expect(faultsOf(page)).toEqual([]);
  });

  test('loads nothing and runs nothing, and forbids the browser to', () => {
    expect(all('script, link, img, iframe, object, embed, base, form, image, use, foreignObject')).toEqual([]);
    const attributes = all('*').flatMap((element) => [...element.attributes].map(({ name, value }) => ({ name, value })));
    expect(attributes.filter(({ name }) => /^on/i.test(name) || ['src', 'srcset', 'style', 'xlink:href'].includes(name))).toEqual([]);
    expect(attributes.filter(({ name, value }) => name === 'href' && !/^#[a-z-]+$/.test(value))).toEqual([]);
    expect(all('style').map(({ textContent }) => textContent ?? '').join('')).not.toMatch(/url\(|@import/i);
    expect(all('meta[http-equiv="Content-Security-Policy"]').map((meta) => meta.getAttribute('content'))).toEqual([expect.stringContaining("default-src 'none'")]);
  });

  test('can be heard: one h1, headings without a gap, a caption and headings of rows and columns for each table, title and figures for each plot', () => {
    expect(document.documentElement.getAttribute('lang')).toBe('en');
    const levels = all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName.slice(1)));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    expect(levels.every((level, at) => at === 0 || level <= (levels[at - 1] ?? 0) + 1)).toBe(true);
    for (const table of all('table')) {
      expect(table.querySelector('caption')?.textContent).toMatch(/\S/);
      expect(table.querySelectorAll('thead th[scope="col"]').length).toBe(table.querySelector('tbody tr')?.children.length);
      expect([...table.querySelectorAll('tbody tr')].every((row) => row.firstElementChild?.getAttribute('scope') === 'row')).toBe(true);
    }
    const texts = (svg: PageElement, name: string) => document.getElementById(svg.getAttribute(name) ?? '')?.textContent ?? '';
    for (const svg of all('svg')) {
      expect(svg.getAttribute('role')).toBe('img');
      expect(texts(svg, 'aria-labelledby')).toMatch(/\S: \S/);
      expect(texts(svg, 'aria-describedby')).toMatch(/: \S/);
    }
    for (const tag of all('.tag, .findings li')) expect(tag.textContent?.replace(/[✓•▲✕\s]/g, '')).not.toBe('');
  });
}); // prettier-ignore

describe('the page', () => {
  test('shows hostile texts as they are, with what cannot be seen as escapes', () => {
    const document = parsePage(pageOf(hostileRun()));
    const heading = document.querySelector('h1')?.textContent ?? '';
    expect(heading).toContain(`<img src=x onerror='alert(2)'>&lt;\\x1b[31m\\u{202e}\\x00"'`);
    const labels = [...document.querySelectorAll('dt')].map(({ textContent }) => textContent ?? '');
    expect(labels.filter((name) => name.startsWith('label </title></style></svg><script>alert("1")</script>'))).toHaveLength(1);
    const names = [...document.querySelectorAll('svg text')].map(({ textContent }) => textContent);
    expect(names).toContain('</title></style><…');
    expect(html(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
  });

  test('links to each of its sections', () => {
    const document = parsePage(pageOf(reportRun()));
    const targets = [...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href')?.slice(1) ?? '');
    expect(targets).toEqual([...document.querySelectorAll('section')].map(({ id }) => id));
    expect(targets.length).toBeGreaterThan(5);
  });

  test('is the same each time', () => {
    expect(pageOf(reportRun())).toBe(pageOf(reportRun()));
  });

  test('of 5,000 columns and 500 runs stays below 500 KB', () => {
    const columns = Array.from({ length: 5000 }, (_, at) => numbers(`column ${at}`));
    const run = reportRun({ figures: { ...figures(), profile: { rows: 997, columns, scores: columns.slice(0, 50) } } });
    const page = pageOf(
      run,
      Array.from({ length: 499 }, () => run),
    );
    expect(Buffer.byteLength(page)).toBeLessThan(500_000);
    expect(page).toContain('4,800 more are in the journal.');
  });
});

describe('a plot', () => {
  const svgOf = (plot: Parameters<typeof drawPlot>[0]) => parsePage(`<!DOCTYPE html><html><body>${drawPlot(plot, 'x1')}</body></html>`);
  const head = { title: 't', summary: 's' };
  const heights = (svg: PageDocument): number[] => [...svg.querySelectorAll('.run rect')].map((bar) => Number(bar.getAttribute('height')));
  const widths = (svg: PageDocument): number[] => [...svg.querySelectorAll('.run rect')].map((bar) => Number(bar.getAttribute('width')));

  test('of a histogram draws shares to scale, and the baseline as a line over them', () => {
    const svg = svgOf({ ...head, kind: 'histogram', edges: [0, 1, 2, 3], run: [0.2, 0.4, 0.4], baseline: [0.5, 0.25, 0.25] });
    const [low = 0, high = 0] = heights(svg);
    expect(high / low).toBeCloseTo(2, 1);
    expect(svg.querySelectorAll('.baseline path').length + svg.querySelectorAll('path.baseline').length).toBe(1);
    expect(svg.querySelector('desc')?.textContent).toBe('0 to 1: 20% (baseline 50%); 1 to 2: 40% (baseline 25%); 2 to 3: 40% (baseline 25%)');
  });

  test('does not let a value far away take the room of all others', () => {
    const svg = svgOf({ ...head, kind: 'histogram', edges: [-1e9, 0, 1, 2, 1e12], run: [0.01, 0.5, 0.48, 0.01] });
    const all = widths(svg);
    expect(all).toHaveLength(4);
    expect(Math.max(...all) / Math.min(...all)).toBeLessThan(1.1);
    const ends = (plot: PageDocument) =>
      [...plot.querySelectorAll('text')].map(({ textContent }) => textContent).filter((text) => text?.includes('bar'));
    expect(ends(svg)).toEqual(['first bar: from -1B, last bar: to 1T']);
    expect(ends(svgOf({ ...head, kind: 'histogram', edges: [0, 1, 2, 3, 4], run: [0.01, 0.5, 0.48, 0.01] }))).toEqual([]);
  });

  test('of a column with one value has a bar', () => {
    expect(heights(svgOf({ ...head, kind: 'histogram', edges: [5, 5], run: [1] }))).toHaveLength(1);
  });

  test('keeps names apart that are cut to the same letters', () => {
    const bars = ['a', 'b'].map((end) => ({ name: `a very long name of a category ${end}`, run: 0.5 }));
    const svg = svgOf({ ...head, kind: 'bars', bars });
    expect(widths(svg)).toHaveLength(2);
    expect([...svg.querySelectorAll('text')].filter(({ textContent }) => textContent === 'a very long name …')).toHaveLength(2);
  });

  test('of a trend marks a run that was not published by a cross, also where it has no figure', () => {
    const points = [1, 2, null].map((value, at) => ({ when: `2026-11-0${at + 1} 02:15:03Z`, value, isFailed: value === null }));
    const svg = svgOf({ ...head, kind: 'series', points, show: String, fromZero: true });
    expect(svg.querySelectorAll('.failed path')).toHaveLength(1);
    expect(svg.querySelector('desc')?.textContent).toContain('2026-11-03 02:15:03Z: no figure, not published');
  });
});
