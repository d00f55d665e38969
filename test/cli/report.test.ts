import { describe, expect, it } from 'vitest';
import { DefectError, InputError, ScorelineError } from '#src/errors/errors.js';
import { STATUSES } from '#src/errors/statuses.js';
import type { RunSummary } from '#src/run/options.js';
import { cli, INTERRUPTED, SUMMARY, type WorldOptions } from './world.js';

const WRONG = new InputError('bad-rows', 'found 3 rejected rows, expected none', {
  place: { file: 'in\u001b[2J.csv', row: 1234, line: 1236, column: 'age', byte: 99 },
  fix: 'See out.csv.rejects.csv, or allow some: --max-rejects 1%',
  details: { value: 'canary-cell' },
  cause: new Error('canary-cause'),
});

const score = (error: Error, argv: string[] = [], world: WorldOptions = {}) =>
  cli(['score', '-m', 'm', 'in.csv', '-o', 'out.csv', ...argv], { ...world, score: () => Promise.reject(error) });
const done = (argv: string[] = [], world: WorldOptions = {}) => cli(['score', '-m', 'm', 'in.csv', '-o', 'out.csv', ...argv], world);

describe('an error as text', () => {
  it('says what, where, what to do, and which code', async () => {
    const { status, stdout, stderr } = await score(WRONG);
    expect([status, stdout]).toEqual([65, '']);
    expect(stderr).toBe(
      [
        'scoreline: error: found 3 rejected rows, expected none',
        "  where: in\\x1b[2J.csv, row 1,234, line 1,236, column 'age'",
        '  to do: See out.csv.rejects.csv, or allow some: --max-rejects 1%',
        '  code:  bad-rows (exit status 65)',
        '',
      ].join('\n'),
    );
  });

  it('shows details and causes with -v only, because they may hold values', async () => {
    expect((await score(WRONG)).stderr).not.toContain('canary');
    const { stderr } = await score(WRONG, ['-v']);
    expect(stderr).toContain("value: 'canary-cell'");
    expect(stderr).toContain('cause: Error: canary-cause');
  });

  it('shows the stack of a defect with -v only', async () => {
    const quiet = await score(new TypeError('x is not a function'));
    expect(quiet.status).toBe(70);
    expect(quiet.stderr).toContain('scoreline: error: unexpected error: x is not a function');
    expect(quiet.stderr).not.toContain('    at ');
    expect((await score(new DefectError('impossible'), ['-v'])).stderr).toMatch(/\n {6}at /);
  });

  it('is coloured on a terminal, unless NO_COLOR or TERM=dumb', async () => {
    expect((await score(WRONG, [], { stderr: true })).stderr).toContain('\u001b[1m');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
      expect((await score(WRONG, ['--progress', 'never'], { stderr: true, env })).stderr).not.toContain('\u001b');
  });

  it('is printed with -q too', async () => {
    expect((await score(WRONG, ['-q'])).stderr).toContain('bad-rows');
  });
});

describe('an error as JSON', () => {
  it('is one line with code, place and fix as fields', async () => {
    const { stderr } = await score(WRONG, ['--log-format', 'json']);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(stderr)).toEqual({
      time: '2026-01-02T03:04:05.000Z',
      level: 'error',
      event: 'error',
      code: 'bad-rows',
      message: 'found 3 rejected rows, expected none',
      status: 65,
      statusName: 'data',
      place: { file: 'in\u001b[2J.csv', row: 1234, line: 1236, column: 'age', byte: 99 },
      fix: 'See out.csv.rejects.csv, or allow some: --max-rejects 1%',
    });
  });

  it('has details with -v, 64-bit integers among them', async () => {
    const error = new InputError('odd', 'odd', { details: { id: 2n ** 60n } });
    expect(JSON.parse((await score(error, ['-v', '--log-format', 'json'])).stderr)).toMatchObject({ details: { id: '1152921504606846976' } });
  });
});

describe('statuses', () => {
  it.each(STATUSES.map(({ name, status }) => [name, status] as const))('%s ends with %d', async (name, status) => {
    expect((await score(new ScorelineError('some-code', 'something', name))).status).toBe(status);
  });

  it('say nothing of a reader that went away, nor of a lock where nobody watches', async () => {
    const locked = new ScorelineError('locked', 'another run has the lock', 'locked');
    expect((await score(locked)).stderr).toBe('');
    expect((await score(locked, [], { stderr: true })).stderr).toContain('another run');
    const hangs = new ScorelineError('journal-locked', 'another process has held the lock for too long', 'locked');
    expect((await score(hangs)).stderr).toContain('for too long');
    expect((await score(new ScorelineError('pipe-closed', 'gone', 'pipe'), [], { stderr: true })).stderr).not.toContain('gone');
    const broken = new ScorelineError('write-failed', 'writing failed', 'io', { cause: Object.assign(new Error('write'), { code: 'EPIPE' }) });
    expect(await cli(['score', '-m', 'm', 'in.csv'], { score: () => Promise.reject(broken) })).toMatchObject({ status: 141, stderr: '' });
    expect((await score(broken)).status).toBe(74);
  });

  it('are those of the signal, whatever the abort is thrown as', async () => {
    const controller = new AbortController();
    controller.abort(INTERRUPTED);
    const thrown = Object.assign(new Error('aborted'), { name: 'AbortError' });
    expect(await score(thrown, [], { signal: controller.signal })).toMatchObject({ status: 130 });
  });
});

describe('success', () => {
  it('prints nothing where stderr is no terminal', async () => {
    for (const argv of [[], ['--log-format', 'json'], ['-q']]) expect(await done(argv)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('says with -v what was planned, and why', async () => {
    const { stderr } = await done(['-v']);
    expect(stderr).toContain('\n  plan      2 workers (one a core) of 1 thread, chunks of 1.0 MB, 2,048 rows a call\n');
  });

  it('closes with a summary and warnings on a terminal', async () => {
    const { stderr } = await done(['--progress', 'never'], { stderr: true, env: { NO_COLOR: '1' } });
    expect(stderr).toBe(
      [
        'scoreline: warning: 7 labels contradict their own probabilities [label-contradiction]',
        'scoreline: scored 48,839 rows in 0.84 s, 58,145 rows/s, 2 workers, 171 MB peak',
        '  rows      48,842 in = 48,839 scored + 3 rejected',
        '  rejected  not-a-number 2, ragged-row 1',
        '  output    out.csv',
        '  rejects   out.csv.rejects.csv',
        '  journal   out.csv.journal.jsonl',
        '  model     m.onnx (sha256 abababababab)',
        '  warnings  1 kind',
        '',
      ].join('\n'),
    );
  });

  it('says how the data stands to what the model was trained on, where anything is known of that', async () => {
    const of = async (data: NonNullable<RunSummary['data']>) =>
      (await done(['-v'], { score: () => Promise.resolve({ ...SUMMARY, data }) })).stderr.match(/ {2}data {6}(.*)/)?.[1];
    expect(await of({ against: 'baseline', compared: 17, drifted: ['age', 'a\u001b', 'c', 'd', 'e'], untold: 3, unseen: 1, outOfRange: 1467 })).toBe(
      '5 of 17 columns drifted (age, a\\x1b, c and 2 more), 1 value never seen in training, 1,467 numbers out of range',
    );
    expect(await of({ against: 'baseline', compared: 17, drifted: [], untold: 0, unseen: 0, outOfRange: 0 })).toBe('no drift in 17 columns');
    expect(await of({ against: 'graph', compared: 14, drifted: [], untold: 0, unseen: 0, outOfRange: 0 })).toBe(
      'no unseen values or far means in 14 columns (no baseline to tell more)',
    );
    expect(await of({ against: 'baseline', compared: 17, drifted: [], untold: 2, unseen: 0, outOfRange: 0 })).toBe(
      'no drift in 17 columns, 2 of them with too few rows to tell',
    );
    expect(await of({ against: 'baseline', compared: 17, drifted: [], untold: 17, unseen: 0, outOfRange: 0 })).toBe(
      'too few rows to tell whether 17 columns drifted',
    );
    expect(await of({ against: 'baseline', compared: 0, drifted: [], untold: 0, unseen: 3, outOfRange: 0 })).toBe('3 values never seen in training');
    expect(await of({ against: 'baseline', compared: 0, drifted: [], untold: 0, unseen: 0, outOfRange: 0 })).toBeUndefined();
  });

  it('is shown with -v anywhere, and never with -q', async () => {
    expect((await done(['-v'])).stderr).toContain('48,839 scored + 3 rejected');
    expect((await done(['-q'], { stderr: true })).stderr).toBe('');
  });

  it('is JSON where asked for, without a cell of the data', async () => {
    const { stderr } = await done(['-v', '--log-format', 'json']);
    const lines = stderr.trimEnd().split('\n').map((line) => JSON.parse(line)); // prettier-ignore
    expect(lines.map(({ event }) => event)).toEqual(['warning', 'summary']);
    expect(lines[1]).toMatchObject({ rowsIn: 48_842, scored: 48_839, rejected: 3, rejectedByCode: { 'not-a-number': 2 }, runId: SUMMARY.runId });
    expect(stderr).not.toContain('canary');
  });

  it('shows warnings of a failed run, each once', async () => {
    const fail = async (options: Parameters<NonNullable<WorldOptions['score']>>[0]) => {
      for (const count of [1, 5]) options.onWarning?.({ code: 'odd', message: 'an odd thing', count });
      throw WRONG;
    };
    const { stderr } = await done(['-v'], { score: fail });
    expect(stderr.match(/an odd thing/g)).toHaveLength(1);
    expect(stderr).toContain('an odd thing (5 times) [odd]');
  });

  it('warns of a variable that was probably mistyped', async () => {
    const { stderr } = await done(['-v'], { env: { SCORELINE_MAX_REJECT: '1%' } });
    expect(stderr).toContain('SCORELINE_MAX_REJECT means nothing to Scoreline; did you mean SCORELINE_MAX_REJECTS?');
  });
});
