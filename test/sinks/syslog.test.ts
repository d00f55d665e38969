import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { isJournalStream } from '#src/cli/journald.js';
import { logLines } from '#src/sinks/syslog/line.js';
import { until } from '../job/processes.js';
import { COMMAND, fixture, tempFolder } from '../support/command.js';
import { hasTool, toolPath } from '../support/tools.js';
import { committed, failed, FULL, NASTY, RUN, START, started } from './records.js';

const MODEL = fixture('types', 'single.onnx');

let folder: string;
beforeEach(() => {
  folder = tempFolder();
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\nb,\nSECRET,SECRET\n');
});

describe('a line for the log', () => {
  test('says at a glance what became of the run; one more for each warning, and none at the start', () => {
    expect(logLines(started(), START)).toEqual([]);
    const [warning, second, end, ...others] = logLines(committed(), START);
    expect(others).toEqual([]);
    expect(warning).toEqual({ level: 'warning', text: `event=warning run=${RUN} job=nightly model=churn code=non-finite-prediction count=2 message="2 values of probability_yes are NaN or infinite"` });
    expect(second?.text).toContain('code=not-resumed');
    expect(end).toEqual({ level: 'warning', text: `event=published run=${RUN} job=nightly model=churn status=3 rows=100 scored=97 rejected=3 seconds=3.5 gates=psi:age fallback=rules fallback_rows=5 input=/srv/churn/in.csv output=/srv/churn/scores.csv` });
    expect(logLines(failed(), undefined)).toEqual([{ level: 'err', text: `event=failed run=${RUN} status=65 code=too-many-rejects message="3 of 100 rows were rejected"` }]);
    expect(logLines({ kind: 'ABORT', run: RUN, at: '', record: { reason: 'died' } }, START)).toEqual([{ level: 'warning', text: `event=aborted run=${RUN} job=nightly model=churn reason=died` }]);
    expect(logLines(committed({ ...FULL, gates: null, fallback: null, warnings: [] }), START)[0]?.level).toBe('info');
  }); // prettier-ignore

  test('is one line of at most 1,000 bytes, whatever stands in it', () => {
    const messages = [NASTY, '\u202e\u0007\u009b', 'ü'.repeat(2000), '🙂'.repeat(700)];
    for (const message of messages) {
      const [{ text } = { text: '' }] = logLines({ ...failed(), record: { error: { code: 'c', status: 65, message } } } as Parameters<typeof logLines>[0], START);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1000);
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\uFFFD]/u);
    }
  }); // prettier-ignore
});

/** A run whose stderr is a file that $JOURNAL_STREAM names, as systemd does with its socket. */
function underJournal(args: readonly string[], change: (stream: string) => string = (stream) => stream) {
  const path = join(folder, 'stderr');
  const stderr = openSync(path, 'w');
  try {
    const { dev, ino } = fstatSync(stderr, { bigint: true });
    const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, JOURNAL_STREAM: change(`${dev}:${ino}`) };
    const { status } = spawnSync(process.execPath, [COMMAND, ...args], { cwd: folder, env, stdio: ['ignore', 'ignore', stderr] });
    return { status, lines: readFileSync(path, 'utf8').split('\n').slice(0, -1) };
  } finally {
    closeSync(stderr);
  }
}

/** A server of syslog over UDP, and the flags by which logger(1) finds it. */
async function syslogServer() {
  const socket = createSocket('udp4');
  const received: string[] = [];
  socket.on('message', (message) => received.push(message.toString()));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  return {
    flags: ['--udp', '--server', '127.0.0.1', '--port', String(socket.address().port)],
    async messages(count: number) {
      await until(() => received.length >= count);
      return received.map((message) => {
        // RFC 5424, 6: PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG
        const [, priority, tag, text] = /^<(\d+)>1 \S+ \S+ (\S+) \S+ \S+ (?:-|\[.*?\]) (.*)$/.exec(message) ?? [];
        return { priority: Number(priority), tag, text };
      });
    },
  };
}

const score = (...args: string[]): string[] => ['score', '-m', MODEL, 'in.csv', '-o', 'out.csv', ...args];

describe('the journal of systemd', () => {
  test('gets one line of a run with its priority, where $JOURNAL_STREAM names stderr', () => {
    const { status, lines } = underJournal(score('--max-rejects', '1'));
    expect(status).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^<4>event=warning run=\S+ job=out model=single code=non-finite-prediction count=1 message="/),
      expect.stringMatching(/^<6>event=published run=\S+ job=out model=single status=0 rows=3 scored=2 rejected=1 seconds=\S+ input=in.csv output=out.csv$/),
    ]);
  });

  test('of a failure every line has the priority of an error, and none a value of a row', () => {
    const { status, lines } = underJournal(score());
    expect(status).toBe(65);
    expect(lines[0]).toMatch(/^<4>event=warning /);
    expect(lines[1]).toMatch(/^<3>event=failed run=\S+ job=out model=single status=65 code=too-many-rejects rows=3 scored=2 rejected=1 /);
    expect(lines[2]).toMatch(/^<3>scoreline: error: 1 of 3 rows/);
    expect(lines.slice(2).every((line) => line.startsWith('<3>'))).toBe(true);
    expect(lines.join('\n')).not.toContain('SECRET');
  });

  test('gets nothing where another stream is named, with --syslog never, and with -q but of failures', () => {
    const plain = score('--max-rejects', '1');
    expect(underJournal(plain, (stream) => `${stream}0`).lines).toEqual([]);
    expect(underJournal(plain, () => '').lines).toEqual([]);
    expect(underJournal([...plain, '--syslog', 'never']).lines).toEqual([]);
    expect(underJournal([...plain, '-q']).lines).toEqual([]);
    expect(underJournal(score('--syslog', 'never')).lines[0]).toMatch(/^scoreline: error: /);
    expect(underJournal(score('-q')).lines[0]).toMatch(/^<3>event=failed /);
  });

  test('is known by device and inode of stderr alone', () => {
    const { dev, ino } = fstatSync(2, { bigint: true });
    expect([`${dev}:${ino}`, `${ino}:${dev}`, `${dev}:${ino} `, '', undefined].map((text) => isJournalStream(text))).toEqual([true, dev === ino, false, false, false]);
    expect(isJournalStream('1:1', 987)).toBe(false);
  });

  test.runIf(hasTool('logger'))('what reads such lines takes the priority and leaves the text', async () => {
    const { lines } = underJournal(score('--max-rejects', '1'));
    const log = await syslogServer();
    spawnSync(toolPath('logger') ?? '', ['--prio-prefix', ...log.flags, '-t', 'unit'], { input: `${lines.join('\n')}\n` });
    expect(await log.messages(2)).toEqual([
      { priority: 12, tag: 'unit', text: expect.stringMatching(/^event=warning run=/) as string }, // facility user: 8 + 4
      { priority: 14, tag: 'unit', text: expect.stringMatching(/^event=published .* status=0 rows=3 /) as string },
    ]);
  });
}); // prettier-ignore

describe('logger', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [COMMAND, ...score(...args)], {
      cwd: folder,
      env: { PATH: join(folder, 'bin') },
      encoding: 'utf8',
    });
  const script = (text: string): void => {
    writeFileSync(join(folder, 'bin', 'logger'), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', 'logger'), 0o755);
  };

  test.runIf(hasTool('logger'))('gets each line with its priority, where --syslog always says so; a server of syslog reads what the real one makes of it', async () => {
    const log = await syslogServer();
    script(`exec ${toolPath('logger')} ${log.flags.join(' ')} "$@"`);
    expect(run('--max-rejects', '1', '--syslog', 'always')).toMatchObject({ status: 0, stderr: '' });
    expect(await log.messages(2)).toEqual([
      { priority: 12, tag: 'scoreline', text: expect.stringMatching(/ code=non-finite-prediction count=1 /) as string },
      { priority: 14, tag: 'scoreline', text: expect.stringMatching(/^event=published .* status=0 rows=3 scored=2 rejected=1 /) as string },
    ]);
  });

  test('that is not there, or fails, is a warning, and the run has not failed; without --syslog nobody asks for it', () => {
    const told = (args: readonly string[]) => run('--max-rejects', '1', '-v', ...args);
    expect(told(['--syslog', 'always'])).toMatchObject({ status: 0, stderr: expect.stringContaining('logger(1) is not installed [syslog-failed]') as string });
    script('echo no socket >&2; exit 1');
    expect(told(['--syslog', 'always'])).toMatchObject({ status: 0, stderr: expect.stringContaining('logger(1) said: no socket [syslog-failed]') as string });
    expect(told([]).stderr).not.toContain('syslog');
  });
}); // prettier-ignore
