import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unknownVariables } from '#src/cli/variables.js';
import type { EndFacts, SinkEvent } from '#src/sinks/event.js';
import { openNotify } from '#src/sinks/notify/notify.js';
import { joinSinks } from '#src/sinks/sinks.js';
import { tempFolder } from '../support/command.js';
import { BEGUN, ENDED, FULL, NASTY, RUN, START, started } from './records.js';

const ENV = {
  PATH: process.env['PATH'],
  HOME: '/home/ops',
  LC_ALL: 'C',
  OPENLINEAGE_API_KEY: 'canary',
  SCORELINE_OUTPUT: 'canary',
  NODE_OPTIONS: 'canary',
};
const gate = { name: 'psi', column: 'age', value: 0.31, min: null, max: 0.25, verdict: 'fail' };
const warned = {
  ...FULL,
  fallback: null,
  gates: [{ ...gate, level: 'warn' }],
  warnings: [{ code: 'gate-failed', message: 'psi of "age" is 0.31, expected at most 0.25', count: 1 }],
};
const withheld = (code = 'gate-withheld'): EndFacts => ({
  ...FULL,
  fallback: null,
  gates: [
    { ...gate, level: 'withhold' },
    { ...gate, name: 'rows', column: null, level: 'warn' },
  ],
  error: { code, status: 76, message: `the predictions are withheld: ${NASTY}` },
});
const failed: EndFacts = { gates: null, error: { code: 'too-many-rejects', status: 65, message: '' } };
const whole = {
  ...FULL,
  fallback: null,
  gates: [
    { ...gate, verdict: 'pass', level: 'withhold' },
    { ...gate, verdict: 'unknown', level: 'warn' },
  ],
};
const end = (kind: 'COMMIT' | 'FAIL', record: EndFacts, run = RUN): SinkEvent => ({ kind, run, at: ENDED, record });
const instead = (run: string, of = RUN): SinkEvent => ({ kind: 'START', run, at: BEGUN, record: { ...START, fallback: { of } }, columns: null }); // prettier-ignore

/** A command that writes down what it is given; each call is one object. */
function recorder(): { readonly folder: string; readonly argv: readonly string[]; readonly calls: () => readonly Call[] } {
  const folder = tempFolder();
  const path = join(folder, 'told.mjs');
  writeFileSync(path, `#!${process.execPath}
import { appendFileSync, readFileSync } from 'node:fs';
const { argv, env } = process;
appendFileSync('told.jsonl', JSON.stringify({ args: argv.slice(2), env, cwd: process.cwd(), stdin: JSON.parse(readFileSync(0, 'utf8')) }) + '\\n');
console.log('on stdout');
`);
  chmodSync(path, 0o755);
  const told = join(folder, 'told.jsonl');
  return {
    folder,
    argv: [path],
    calls: () => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Call) : []),
  };
} // prettier-ignore

interface Call {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: { readonly verdict: string; readonly run: string; readonly kind: string; readonly start: unknown; readonly record: unknown };
}

/** Tells a command of events; gives its calls, and what went wrong. */
async function tell(events: readonly SinkEvent[], command = recorder()) {
  const sinks = joinSinks([openNotify(command, ENV)]);
  for (const event of events) sinks.tell(event);
  const warnings = await sinks.close();
  return { calls: command.calls(), warnings };
}

/** The same by a line of sh. */
async function sh(line: string, events: readonly SinkEvent[] = [end('FAIL', withheld())]) {
  return (await tell(events, { folder: tempFolder(), argv: ['sh', '-c', line], calls: () => [] })).warnings;
}

describe('a command is run for a verdict', () => {
  test.each<[string, SinkEvent, string | undefined, string]>([
    ['all gates hold or are unknown', end('COMMIT', whole), undefined, ''],
    ['a gate warns', end('COMMIT', warned), 'warned', '3'],
    ['the fallback scored rows', end('COMMIT', { ...warned, fallback: { kind: 'model', why: 'rows', rows: 5 } }), 'fallback', '3'],
    ['a gate withholds', end('FAIL', withheld()), 'withheld', '76'],
    ['the run failed otherwise', end('FAIL', failed), undefined, ''],
    ['a gate warns, of a run that had died', { ...end('COMMIT', warned), dead: { start: START } }, 'warned', '3'],
    ['it died', { kind: 'ABORT', run: RUN, at: ENDED, record: { reason: 'died' } }, undefined, ''],
  ])('%s', async (_, event, verdict, status) => {
    const { calls, warnings } = await tell(event.dead === undefined ? [started(), event] : [event]);
    expect(warnings).toEqual([]);
    expect(calls.map(({ env }) => [env['SCORELINE_NOTIFY_VERDICT'], env['SCORELINE_NOTIFY_STATUS'], env['SCORELINE_NOTIFY_JOB']])).toEqual(verdict === undefined ? [] : [[verdict, status, 'nightly']]);
  }); // prettier-ignore

  test('with what programs need of the environment, what happened, and the records on stdin', async () => {
    const start = started({ ...START, options: { journal: '/srv/churn/churn.journal.jsonl' } });
    const { calls } = await tell([start, end('FAIL', withheld())]);
    expect(calls[0]?.env).toEqual({
      ...{ PATH: ENV.PATH, HOME: ENV.HOME, LC_ALL: 'C' },
      SCORELINE_NOTIFY_VERDICT: 'withheld',
      SCORELINE_NOTIFY_STATUS: '76',
      SCORELINE_NOTIFY_MESSAGE: `the predictions are withheld: ${NASTY}`,
      SCORELINE_NOTIFY_GATES: 'psi(age), rows',
      SCORELINE_NOTIFY_RUN: RUN,
      SCORELINE_NOTIFY_JOB: 'nightly',
      SCORELINE_NOTIFY_INPUT: '/srv/churn/in.csv',
      SCORELINE_NOTIFY_OUTPUT: '/srv/churn/scores.csv',
      SCORELINE_NOTIFY_JOURNAL: '/srv/churn/churn.journal.jsonl',
    });
    expect(calls[0]?.stdin).toMatchObject({ verdict: 'withheld', status: 76, run: RUN, kind: 'FAIL', start: { labels: START.labels }, record: { error: { code: 'gate-withheld' }, rows: FULL.rows } });
    expect(unknownVariables(calls[0]?.env ?? {})).toEqual([]); // it may call Scoreline
  }); // prettier-ignore

  test('without a shell: its arguments are what they are, its folder is that of the job', async () => {
    const command = recorder();
    const args = ['a b', '$HOME', '*', '; exit 3', '', '{run}', `'"`];
    const { calls } = await tell([end('COMMIT', warned)], { ...command, argv: [...command.argv, ...args] });
    expect(calls.map(({ args: given, cwd }) => ({ given, cwd }))).toEqual([{ given: args, cwd: command.folder }]);
  });

  test.each<[string, readonly SinkEvent[], string, string]>([
    ['published by it', [instead('B'), end('COMMIT', { ...whole, fallback: { kind: 'rules', why: 'gate-fallback', rows: 97 } }, 'B')], 'fallback', 'B'],
    ['the fallback failed', [instead('B'), end('FAIL', failed, 'B')], 'withheld', RUN],
    ['it could not begin', [], 'withheld', RUN],
    ['another input comes', [started(START, 'C'), end('COMMIT', whole, 'C')], 'withheld', RUN],
  ])('once, where a gate asks for the fallback: %s', async (_, events, verdict, run) => {
    const { calls } = await tell([started(), end('FAIL', withheld('gate-fallback')), ...events]);
    expect(calls.map(({ env, stdin }) => [env['SCORELINE_NOTIFY_VERDICT'], env['SCORELINE_NOTIFY_RUN'], env['SCORELINE_NOTIFY_GATES'], stdin.run])).toEqual([[verdict, run, 'psi(age), rows', run]]);
  }); // prettier-ignore
});

describe('a command that fails is a warning', () => {
  test.each([
    ['exit 4', 'it ended with status 4'],
    ['echo >&2; echo "  no route " >&2; echo more >&2; exit 1', 'it ended with status 1: no route'],
    ['kill -9 $$', 'it ended with SIGKILL'],
  ])('%s', async (line, found) => {
    expect(await sh(line)).toEqual([{ code: 'notify-failed', message: `the command of notify, sh, failed: ${found}`, count: 1 }]);
  });

  test('told once for each kind, with how often it was', async () => {
    const events = [end('COMMIT', warned, 'A'), end('COMMIT', warned, 'B')];
    expect(await sh('exit 4', events)).toMatchObject([{ count: 2 }]);
  });

  test('that is not there, or may not be executed', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'plain'), '');
    for (const [program, found] of [['no-such-command', 'there is no such command'], [join(folder, 'plain'), 'it may not be executed']] as const) {
      const { warnings } = await tell([end('COMMIT', warned)], { folder, argv: [program], calls: () => [] });
      expect(warnings.map(({ message }) => message)).toEqual([`the command of notify, ${program}, failed: ${found}`]);
    }
  }); // prettier-ignore

  test('not one that does not read, writes much, or leaves something running', async () => {
    const large: EndFacts = { ...warned, ranges: Array.from({ length: 20_000 }, (_, column) => ({ column: `c${column}`, min: 0, max: 1 })) };
    const begun = performance.now();
    expect(await sh('head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; sleep 20 & exit 0', [end('COMMIT', large)])).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test('that takes too long is killed with all that it has started, and waited for', async () => {
    const folder = tempFolder();
    const sink = openNotify({ folder, argv: ['sh', '-c', 'sleep 60 & echo $! > child; echo $$ > own; wait'] }, ENV);
    const late = new AbortController();
    const told = sink.tell(end('COMMIT', warned), late.signal);
    await expect.poll(() => existsSync(join(folder, 'own')) && readFileSync(join(folder, 'own'), 'utf8').trim(), { timeout: 10_000 }).toMatch(/\d/);
    late.abort(new Error('no answer within 30 s'));
    await expect(told).rejects.toThrow('no answer within 30 s');
    const isAlive = (name: string): boolean => {
      const status = join('/proc', readFileSync(join(folder, name), 'utf8').trim(), 'stat');
      return existsSync(status) && !/\) Z /.test(readFileSync(status, 'utf8')); // one whose parent has not looked yet is dead all the same
    };
    expect(isAlive('own')).toBe(false);
    await expect.poll(() => isAlive('child')).toBe(false);
  });
});
