import type { Plot } from '../content.js';
import { numberText, shareText } from '../figures.js';

/** Every figure of a plot in words. Not escaped. */
export function descriptionOf(plot: Plot): string {
  switch (plot.kind) {
    case 'histogram': {
      const { edges, run, baseline } = plot;
      return run.map((share, at) => `${numberText(edges[at])} to ${numberText(edges[at + 1])}: ${pairText(share, baseline?.[at])}`).join('; ');
    }
    case 'bars':
      return plot.bars.map(({ name, run, baseline }) => `${name}: ${pairText(run, baseline)}`).join('; ');
    case 'series':
      return plot.points.map(({ when, value, isFailed }) => `${when}: ${value === null ? 'no figure' : plot.show(value)}${isFailed ? ', not published' : ''}`).join('; ');
  }
} // prettier-ignore

function pairText(run: number, baseline: number | undefined): string {
  return baseline === undefined ? shareText(run) : `${shareText(run)} (baseline ${shareText(baseline)})`;
}
