import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { BarsPlot, HistogramPlot, Plot as PlotContent, SeriesPlot } from '../content.js';
import { escapeControl } from '../escape.js';
import { axisText, shareText } from '../figures.js';
import { descriptionOf } from './description.js';
import { areWhole, shownEdges } from './edges.js';

/** Draws a plot as a text of SVG that stands in a page without more: its colours are the page's (classes run, baseline, failed). `id` is unique in the page. */
export function drawPlot(plot: PlotContent, id: string): string {
  const { document } = parsePage('<!DOCTYPE html><html><body></body></html>');
  const options = { document, className: 'plot', width: WIDTH, marginRight: 14, marginTop: 10, marginBottom: 22, ...optionsOf(plot) };
  const svg = makeSvg(options);
  tidy(svg);
  name(svg, document, id, plot);
  return svg.outerHTML;
}

const WIDTH = 320;
const HEIGHT = 150;
const BAND_HEIGHT = 20;
const LONGEST_NAME = 18;

function optionsOf(plot: PlotContent): Plot.PlotOptions {
  switch (plot.kind) {
    case 'histogram':
      return histogram(plot);
    case 'bars':
      return bars(plot);
    case 'series':
      return series(plot);
  }
}

/** Bars of the run, and a line over them for the baseline: told apart by form, not only by colour. */
function histogram({ edges, run, baseline }: HistogramPlot): Plot.PlotOptions {
  const shown = shownEdges(edges);
  const bins = run.map((share, at) => ({ from: shown[at] ?? 0, to: shown[at + 1] ?? 0, share }));
  const steps = baseline?.flatMap((share, at) => [{ x: shown[at] ?? 0, y: share }, { x: shown[at + 1] ?? 0, y: share }]) ?? []; // prettier-ignore
  const ends = [{ x: shown[0] ?? 0, y: 0 }, ...steps, { x: shown.at(-1) ?? 0, y: 0 }];
  const beyond = beyondText(edges, shown);
  return {
    height: HEIGHT,
    marginLeft: 42,
    marginTop: beyond === '' ? 10 : 20,
    x: { label: null, ticks: 5, tickFormat: axisText, domain: [shown[0] ?? 0, shown.at(-1) ?? 1] },
    y: { label: null, ticks: 3, grid: true, tickFormat: shareText },
    marks: [
      Plot.rectY(bins, { x1: 'from', x2: 'to', y: 'share', inset: 0.5, className: 'run' }),
      ...(baseline === undefined ? [] : [Plot.line(ends, { x: 'x', y: 'y', strokeWidth: 1.8, strokeLinejoin: 'miter', className: 'baseline' })]),
      Plot.ruleY([0]),
      ...(beyond === '' ? [] : [Plot.text([beyond], { frameAnchor: 'top-right', dy: -14 })]),
    ],
  };
}

/** What the bars at the ends reach to, where that is farther by another bar than they are drawn. */
function beyondText(edges: readonly number[], shown: readonly number[]): string {
  const [least, most] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const [first, second, last] = [shown[0] ?? 0, shown[1] ?? 0, shown.at(-1) ?? 0];
  const inward = areWhole(edges) ? 0.5 : 0;
  const parts = [
    ...(first - least > second - first ? [`first bar: from ${axisText(least + inward)}`] : []),
    ...(most - last > second - first ? [`last bar: to ${axisText(most - inward)}`] : []),
  ];
  return parts.join(', ');
}

/** Names are told apart by their place: two that are cut to the same letters stay two. */
function bars({ bars: all }: BarsPlot): Plot.PlotOptions {
  const places = all.map((bar, place) => ({ ...bar, place }));
  return {
    height: 34 + all.length * BAND_HEIGHT,
    marginLeft: 116,
    x: { label: null, ticks: 4, grid: true, tickFormat: shareText, nice: true },
    y: { label: null, domain: places.map(({ place }) => place), tickFormat: (place: number) => shortName(all[place]?.name ?? ''), tickSize: 0 },
    marks: [
      Plot.barX(places, { x: 'run', y: 'place', inset: 2, className: 'run' }),
      ...(all.some(({ baseline }) => baseline !== undefined) ? [Plot.tickX(places, { x: 'baseline', y: 'place', strokeWidth: 2.5, className: 'baseline' })] : []),
      Plot.ruleX([0]),
    ],
  };
} // prettier-ignore

/** One step a run, whatever the time between them; a run that was not published is a cross, below the axis where it has no figure. */
function series({ points, show, fromZero }: SeriesPlot): Plot.PlotOptions {
  const places = points.map((point, place) => ({ ...point, place }));
  const known = places.filter(({ value }) => value !== null);
  const failed = places.filter(({ isFailed }) => isFailed);
  const last = points.length - 1;
  const values = known.map(({ value }) => value ?? 0);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // where all is zero there is no scale to draw, only the axis
  const scale = fromZero && most <= 0 ? { domain: [0, 1], ticks: [0] } : { ticks: 3, zero: fromZero, nice: true };
  return {
    height: 120,
    marginLeft: 64,
    x: { label: null, domain: [-0.3, last + 0.3], ticks: [] },
    y: { label: null, grid: true, tickFormat: show, ...scale },
    marks: [
      Plot.line(places, { x: 'place', y: (point: { value: number | null }) => point.value ?? Number.NaN, className: 'trend' }),
      Plot.dot(known.filter(({ isFailed }) => !isFailed), { x: 'place', y: 'value', r: 2.4, className: 'run' }),
      Plot.dot(known.slice(-1), { x: 'place', y: 'value', r: 4.5, strokeWidth: 1.5, className: 'trend' }),
      Plot.dot(failed, { x: 'place', y: ({ value }: { value: number | null }) => value ?? (fromZero ? 0 : least), symbol: 'times', r: 4, strokeWidth: 2, className: 'failed' }),
      Plot.text([{ place: 0, text: day(points[0]?.when) }], { x: 'place', frameAnchor: 'bottom', textAnchor: 'start', dy: 16, text: 'text' }),
      Plot.text([{ place: last, text: day(points[last]?.when) }], { x: 'place', frameAnchor: 'bottom', textAnchor: 'end', dy: 16, text: 'text' }),
      ...(fromZero ? [Plot.ruleY([0])] : []),
    ],
  };
} // prettier-ignore

/** Date, hour and minute of a time that is written in full. */
function day(when: string | undefined): string {
  return when?.slice(0, 16) ?? '';
}

function shortName(name: string): string {
  const points = Array.from(escapeControl(name));
  return points.length <= LONGEST_NAME ? points.join('') : `${points.slice(0, LONGEST_NAME - 1).join('')}…`;
}

/** As much of the DOM as is used here: the compiler's own types of it are those of browsers, which this is not. */
interface SvgElement {
  readonly outerHTML: string;
  readonly attributes: Iterable<{ readonly name: string; value: string }>;
  readonly querySelectorAll: (selector: string) => Iterable<SvgElement>;
  readonly setAttribute: (name: string, value: string) => void;
  readonly removeAttribute: (name: string) => void;
  readonly remove: () => void;
  readonly prepend: (...nodes: SvgElement[]) => void;
  textContent: string | null;
}

interface SvgDocument {
  readonly createElementNS: (namespace: string, name: string) => SvgElement;
}

/** The library takes any document, and gives an element of it. */
const makeSvg = Plot.plot as unknown as (options: Omit<Plot.PlotOptions, 'document'> & { readonly document: SvgDocument }) => SvgElement;

const parsePage = parseHTML as unknown as (text: string) => { readonly document: SvgDocument };

/** The page has one style for all plots, a picture is named as a whole, and a hundredth of a pixel is enough. */
function tidy(svg: SvgElement): void {
  for (const style of svg.querySelectorAll('style')) style.remove();
  for (const element of svg.querySelectorAll('*')) {
    for (const each of ['aria-label', 'aria-hidden']) element.removeAttribute(each);
    for (const attribute of element.attributes) {
      if (attribute.value.includes('.')) attribute.value = attribute.value.replace(/-?\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2))));
    }
  }
} // prettier-ignore

/** For those who hear the page: what it is, and every figure in it. */
function name(svg: SvgElement, document: SvgDocument, id: string, plot: PlotContent): void {
  const [title, description] = ['title', 'desc'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  if (title === undefined || description === undefined) return;
  title.setAttribute('id', `${id}-title`);
  title.textContent = escapeControl(`${plot.title}: ${plot.summary}`);
  description.setAttribute('id', `${id}-figures`);
  description.textContent = escapeControl(descriptionOf(plot));
  svg.prepend(title, description);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-labelledby', `${id}-title`);
  svg.setAttribute('aria-describedby', `${id}-figures`);
}
