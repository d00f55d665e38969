import type { Plot } from '../content.js';
import { numberText, shareText } from '../figures.js';
import { areWhole } from './edges.js';

/** Every figure of a plot in words. Not escaped. */
export function descriptionOf(plot: Plot): string {
  switch (plot.kind) {
    case 'histogram': {
      const { edges, run, baseline } = plot;
      const isWhole = areWhole(edges);
      return run.map((share, at) => `${rangeText(edges[at], edges[at + 1], isWhole)}: ${pairText(share, baseline?.[at])}`).join('; ');
    }
    case 'bars':
      return plot.bars.map(({ name, run, baseline }) => `${name}: ${pairText(run, baseline)}`).join('; ');
    case 'series':
      return plot.points.map(({ when, value, isFailed }) => `${when}: ${value === null ? 'no figure' : plot.show(value)}${isFailed ? ', not published' : ''}`).join('; ');
  }
} // prettier-ignore

/** What a bar holds; of whole numbers, whose edges are at halves, the least and the greatest of them. */
function rangeText(from: number | undefined, to: number | undefined, isWhole: boolean): string {
  if (!isWhole || from === undefined || to === undefined) return `${numberText(from)} to ${numberText(to)}`;
  return to - from === 1 ? numberText(from + 0.5) : `${numberText(from + 0.5)} to ${numberText(to - 0.5)}`;
}

function pairText(run: number, baseline: number | undefined): string {
  return baseline === undefined ? shareText(run) : `${shareText(run)} (baseline ${shareText(baseline)})`;
}
