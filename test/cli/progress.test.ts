import { describe, expect, it } from 'vitest';
import { openProgress, progressMode, progressText } from '#src/cli/progress.js';
import type { Progress } from '#src/run/options.js';
import { cli, recorder, SUMMARY } from './world.js';

const HALF: Progress = { rows: 50_000, rejected: 0, bytes: 500, totalBytes: 1000, seconds: 2 };
const people = { quiet: false, verbose: false, logFormat: 'text' } as const;

describe('the line of figures', () => {
  it('has percent, rate and time left for files', () => {
    expect(progressText(HALF)).toBe(' 50%  50,000 rows  25,000 rows/s  ETA 2.00 s');
    expect(progressText({ ...HALF, bytes: 1000, rejected: 2 })).toBe('100%  50,000 rows  25,000 rows/s  2 rejected  ETA 0.00 s');
    expect(progressText({ ...HALF, bytes: 0, rows: 0, seconds: 0 })).toBe('  0%  0 rows  - rows/s  ETA -');
  });

  it('has rows, rate and bytes for pipes', () => {
    expect(progressText({ ...HALF, totalBytes: undefined, bytes: 3_000_000 })).toBe('50,000 rows  25,000 rows/s  2.9 MB  2.00 s');
  });
});

describe('how it is shown', () => {
  const mode = (
    asked: 'auto' | 'always' | 'never' | undefined,
    terminal: boolean,
    over: { env?: Record<string, string>; quiet?: boolean; output?: string; json?: boolean } = {},
  ) =>
    progressMode(asked, { ...people, quiet: over.quiet ?? false, logFormat: over.json === true ? 'json' : 'text' }, over.output ?? 'out.csv', {
      stderr: recorder(terminal),
      stdout: recorder(terminal),
      env: over.env ?? {},
    });

  it('is a bar on a terminal, nothing elsewhere, lines where asked for', () => {
    expect([mode(undefined, true), mode('auto', false), mode('always', false), mode('never', true)]).toEqual(['bar', 'none', 'lines', 'none']);
  });

  it('keeps to lines, or still, where a bar would spoil the screen', () => {
    expect([mode('auto', true, { env: { TERM: 'dumb' } }), mode('always', true, { env: { TERM: 'dumb' } })]).toEqual(['none', 'lines']);
    expect([mode('auto', true, { output: '-' }), mode('auto', true, { json: true }), mode('always', true, { json: true })]).toEqual([
      'none',
      'none',
      'lines',
    ]);
    expect([mode('always', true, { quiet: true }), mode('auto', true, { env: { NO_COLOR: '1' } })]).toEqual(['none', 'bar']);
  });
});

describe('lines', () => {
  it('come at most once a second', async () => {
    let time = 0;
    const stderr = recorder();
    const view = await openProgress('lines', people, { stderr, now: () => new Date(time) });
    for (time = 0; time < 2500; time += 100) view.update(HALF);
    view.close();
    expect(stderr.text).toBe(`scoreline: ${progressText(HALF)}\n`.repeat(3));
  });

  it('are JSON where asked for', async () => {
    const stderr = recorder();
    const view = await openProgress('lines', { ...people, logFormat: 'json' }, { stderr, now: () => new Date(0) });
    view.update(HALF);
    expect(JSON.parse(stderr.text)).toMatchObject({ event: 'progress', rows: 50_000, bytes: 500, totalBytes: 1000 });
  });
});

describe('the bar', () => {
  it('shows percent and rate within the width, and is gone before the summary', async () => {
    const { stderr } = await cli(['score', '-m', 'm', 'in.csv', '-o', 'out.csv'], {
      stderr: true,
      env: { NO_COLOR: '1' },
      score: async (options) => {
        options.onProgress?.(HALF);
        return SUMMARY;
      },
    });
    expect(stderr).toContain('50%  50,000 rows  25,000 rows/s');
    const cleared = stderr.lastIndexOf('\u001b[2K');
    expect(cleared).toBeGreaterThan(stderr.lastIndexOf('rows/s  ETA'));
    expect(stderr.slice(cleared)).toMatch(/\[2Kscoreline: warning: [^]*scoreline: scored 48,839 rows/);
    // nothing is left changed on the terminal: the cursor is shown, lines wrap
    expect(stderr).not.toContain('\u001b[?');
  });

  it('is gone before an error too', async () => {
    const { stderr } = await cli(['score', '-m', 'm', 'in.csv', '-o', 'out.csv'], {
      stderr: true,
      env: { NO_COLOR: '1' },
      score: () => Promise.reject(new Error('x')),
    });
    expect(stderr.indexOf('scoreline: error')).toBeGreaterThan(stderr.lastIndexOf('\u001b[2K'));
  });
});
