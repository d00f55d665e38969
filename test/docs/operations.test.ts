import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { STATUSES } from '#src/errors/statuses.js';
import { COMMAND, fixture, ROOT, tempFolder } from '../support/command.js';
import { hasTool, toolPath } from '../support/tools.js';

/*
 * docs/operations.md, run as it stands there: only the places are others (`/srv/churn`, `/backup`, `/usr/local/bin`), and times of cron.
 */
const PAGE = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
const FENCES = [...PAGE.matchAll(/(?:<!-- block: (\w+) -->\n)?^```\w+\n([^]*?)^```$/gm)].map(([, name, text]) => [name, text ?? ''] as const);
const BLOCKS = new Map(FENCES);

let folder: string;
beforeEach(() => {
  folder = tempFolder();
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'srv'));
  symlinkSync(COMMAND, join(folder, 'bin', 'scoreline'));
  symlinkSync(process.execPath, join(folder, 'bin', 'node'));
  script('curl', `echo "$@" >> ${folder}/pings`);
  copyFileSync(fixture('types', 'single.onnx'), join(folder, 'srv', 'churn.onnx'));
  writeFileSync(join(folder, 'srv', 'in.csv'), 'id,x\na,1\nb,2\n');
  for (const name of ['inbox', 'scores']) mkdirSync(join(folder, 'srv', name));
  writeFileSync(join(folder, 'srv', 'churn.yaml'), block('job'));
  arrives('monday.csv', 'id,x\na,1\n');
});

/** An input of the job, left alone for long enough. */
function arrives(name: string, text: string): void {
  const path = join(folder, 'srv', 'inbox', name);
  writeFileSync(path, text);
  utimesSync(path, 1e9, 1e9);
}

/** A command of the test's own, found before all others. */
function script(name: string, text: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

/** A block of the page, in the places of this test. */
function block(name: string): string {
  const text = BLOCKS.get(name);
  if (text === undefined) throw new Error(`docs/operations.md has no block '${name}'`);
  return text
    .replaceAll('/srv/churn', join(folder, 'srv'))
    .replaceAll('/backup', join(folder, 'backup'))
    .replaceAll('/usr/local/bin', join(folder, 'bin'));
}

function sh(text: string): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', text], { cwd: '/', env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const score = () => sh(`scoreline score -m ${folder}/srv/churn.onnx ${folder}/srv/in.csv -o ${folder}/srv/scores.csv`);
const journal = () => join(folder, 'srv', 'scores.csv.journal.jsonl');
const pings = () => (existsSync(join(folder, 'pings')) ? readFileSync(join(folder, 'pings'), 'utf8') : '');

test('every block of the page is run or checked here', () => {
  const tested = [...readFileSync(import.meta.filename, 'utf8').matchAll(/block\('(\w+)'\)/g)].map(([, name]) => name);
  expect([...new Set(tested)].sort()).toEqual(FENCES.map(([name]) => name).sort());
});

test('the table has every exit status', () => {
  const [table = ''] = /^\| status[^]*?\n\n/m.exec(PAGE) ?? [];
  const listed = [...table.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = '']) => cell.split(', ').map(Number));
  expect(STATUSES.map(({ status }): number => status).sort()).toEqual(listed.sort());
});

/** The commands of the crontab, in order; its settings left out. */
const jobs = () => block('crontab').split('\n').filter((line) => /^ *[*\d]/.test(line)); // prettier-ignore

describe('the crontab', () => {
  const OUTPUTS = ['scores.csv', /^scores-\d{4}-\d\d-\d\d\.csv$/];
  const expectJob = (): void => expect(readFileSync(join(folder, 'srv', 'scores', 'monday.csv'), 'utf8')).toBe('id,prediction\na,3\n');

  // Stands in where there is no cron: its shell, its environment, its reading of `%`, and nothing else of it.
  test('runs by /bin/sh with what cron gives: each line scores, prints nothing, and the ping follows a success only', () => {
    for (const line of jobs()) {
      const command = line.replace(/^ *(?:\S+ +){5}/, '').replace(/([^\\])%[^]*/, '$1').replaceAll('\\%', '%'); // prettier-ignore
      expect(sh(command), line).toEqual({ status: 0, stdout: '', stderr: '' });
    }
    for (const name of OUTPUTS) expect(readdirSync(join(folder, 'srv'))).toContainEqual(expect.stringMatching(name));
    expectJob();
    expect(pings()).toBe('-fsS -m 10 --retry 3 -o /dev/null https://hc-ping.com/your-uuid\n');
  });

  const canRunCron = hasTool('cron') && process.getuid?.() === 0 && spawnSync('unshare', ['-mp', '--fork', 'true']).status === 0;

  test.runIf(canRunCron)(
    'runs under a real cron: no mail where all is well, the one screen where it is not',
    async () => {
      // its own folders in a mount namespace; a pid namespace, so that nothing outlives the test
      for (const name of ['spool/crontabs', 'sbin', 'cron.d']) mkdirSync(join(folder, name), { recursive: true });
      copyFileSync(toolPath('cron') ?? '', join(folder, 'sbin', 'cron'));
      chmodSync(join(folder, 'sbin', 'cron'), 0o755);
      const done = (name: string) => `; echo $? > ${folder}/done-${name}`;
      const timed = (line: string, name: string) => line.replace(/^ *(?:\S+ +){5}/, '@reboot ').concat(done(name));
      // the weekly line comes when the nightly ones are done
      const after = `until [ -e ${folder}/done-0 ] && [ -e ${folder}/done-1 ] && [ -e ${folder}/done-2 ]; do sleep 0.1; done; `;
      const bad = `scoreline score -m ${folder}/srv/churn.onnx ${folder}/srv/bad.csv -o ${folder}/srv/bad-scores.csv --max-rejects 1\\%`;
      writeFileSync(join(folder, 'srv', 'bad.csv'), 'id,x\na,one\n');
      const settings = block('crontab').split('\n').filter((line) => /^[A-Z]+=/.test(line)); // prettier-ignore
      const crontab = [
        ...settings,
        ...jobs().map((line, at) => timed(at === 3 ? line.replace('scoreline', `${after}scoreline`) : line, String(at))),
        `@reboot ${bad}${done('bad')}`,
      ];
      writeFileSync(join(folder, 'spool', 'crontabs', 'root'), `${crontab.join('\n')}\n`, { mode: 0o600 });
      writeFileSync(join(folder, 'sbin', 'sendmail'), `#!/bin/sh\ncat > ${folder}/mail.part && mv ${folder}/mail.part ${folder}/mail.$$\n`);
      chmodSync(join(folder, 'sbin', 'sendmail'), 0o755);
      const setup = [
        'set -e',
        'mount --make-rprivate /',
        `mount --bind ${folder}/spool /var/spool/cron`,
        'mount -t tmpfs tmpfs /run',
        `mount --bind ${folder}/cron.d /etc/cron.d`,
        'if [ -e /etc/crontab ]; then mount --bind /dev/null /etc/crontab; fi',
        `mount --bind ${folder}/sbin /usr/sbin`,
        'exec /usr/sbin/cron -f',
      ];
      const cron = spawn('unshare', ['-mp', '--fork', '--kill-child', '--mount-proc', '/bin/sh', '-c', setup.join('\n')], { stdio: 'ignore' });
      onTestFinished(async () => {
        const gone = once(cron, 'exit');
        cron.kill('SIGKILL');
        await gone;
      });
      const names = ['done-0', 'done-1', 'done-2', 'done-3', 'done-bad'];
      const mails = () => readdirSync(folder).filter((name) => /^mail\.\d+$/.test(name));
      await until(() => names.every((name) => existsSync(join(folder, name))) && mails().length > 0);
      expect(names.map((name) => readFileSync(join(folder, name), 'utf8').trim())).toEqual(['0', '0', '0', '0', '65']);
      expect(mails()).toHaveLength(1);
      const mail = readFileSync(join(folder, mails()[0] ?? ''), 'utf8');
      expect(mail).toContain('To: ops@example.org');
      expect(mail.split('\n\n')[1]?.trimEnd().split('\n')).toEqual([
        expect.stringContaining('scoreline: error: 1 of 1 row was rejected'),
        expect.stringContaining('where: '),
        expect.stringContaining('to do: '),
        expect.stringContaining('too-many-rejects (exit status 65)'),
      ]);
      for (const name of OUTPUTS) expect(readdirSync(join(folder, 'srv'))).toContainEqual(expect.stringMatching(name));
      expectJob();
      expect(pings().split('\n')).toHaveLength(2);
    },
    60_000,
  );
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries++) await wait(100);
  expect(holds()).toBe(true);
}

describe("the dead man's switch", () => {
  test('pings a success, and says a failure where it pings', () => {
    expect(sh(block('ping'))).toEqual({ status: 0, stdout: '', stderr: '' });
    writeFileSync(join(folder, 'srv', 'in.csv'), 'id,x\na,one\n');
    expect(sh(block('ping')).stderr).toContain('too-many-rejects');
    expect(pings().split('\n').map((line) => line.split('hc-ping.com').at(-1))).toEqual(['/your-uuid', '/your-uuid/fail', '']); // prettier-ignore
  });

  test('asks the job what was published of late', () => {
    expect(sh(block('monitor')).status).toBe(2); // an input of long ago, and nothing published
    sh(`scoreline run ${folder}/srv/churn.yaml`);
    expect(sh(block('monitor'))).toMatchObject({ status: 0, stderr: '' });
    expect(sh(block('monitor').replace('26h', '1ms')).status).toBe(2);
    arrives('tuesday.csv', 'id,x\na,one\n');
    expect(sh(`scoreline run ${folder}/srv/churn.yaml`).status).toBe(65);
    expect(sh(block('monitor')).status).toBe(2);
  });
});

describe('systemd units', () => {
  const analyze = hasTool('systemd-analyze');

  test.runIf(analyze)('are verified without a word, and leave little to attack', () => {
    script('mail', '');
    const units = join(folder, 'units');
    mkdirSync(units);
    for (const text of [block('service'), block('timer'), block('failed')]) {
      const [, name = ''] = /^# \S*\/(\S+)$/m.exec(text) ?? [];
      writeFileSync(join(units, name), text);
    }
    mkdirSync(join(units, 'churn.service.d'));
    const withJob = (): void => writeFileSync(join(units, 'churn.service.d', 'job.conf'), block('dropin'));
    writeFileSync(join(folder, 'srv', 'README'), '');
    const files = readdirSync(units).filter((name) => !name.endsWith('.d')).sort(); // prettier-ignore
    expect(files).toEqual(['churn-failed.service', 'churn.service', 'churn.timer']);
    for (const prepare of [() => undefined, withJob]) {
      prepare();
      const verify = spawnSync('systemd-analyze', ['verify', ...files.map((name) => join(units, name))], { encoding: 'utf8' });
      expect([verify.status, verify.stderr.split('\n').filter((line) => line.includes(units))]).toEqual([0, []]);
      const exposure = ['security', '--offline=true', '--threshold=20', join(units, 'churn.service')];
      expect(spawnSync('systemd-analyze', exposure, { encoding: 'utf8' }).status).toBe(0);
    }
  });

  test('run what the command takes: with what systemd sets, the journal stands in the state folder', () => {
    const [, exec = ''] = /^ExecStart=(.*)$/m.exec(block('service')) ?? [];
    const state = join(folder, 'state');
    mkdirSync(join(state, 'scoreline'), { recursive: true });
    const line = exec.replaceAll('%S', state).replaceAll('%%', '%');
    expect(sh(`STATE_DIRECTORY=${state}/scoreline ${line}`)).toEqual({ status: 0, stdout: '', stderr: '' });
    const names = readdirSync(join(state, 'scoreline'));
    expect(names).toEqual(expect.arrayContaining(['scores.csv', expect.stringMatching(/^scores\.csv\.[0-9a-f]{16}\.journal\.jsonl$/)]));
    expect(sh(`STATE_DIRECTORY=${state}/scoreline scoreline journal verify -q`)).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

test('the unit of a job runs what the command takes: its state stands in the state folder', () => {
  const [, exec = ''] = /^ExecStart=(.+)$/m.exec(block('dropin')) ?? [];
  const state = join(folder, 'state');
  mkdirSync(state);
  expect(sh(`STATE_DIRECTORY=${state} ${exec}`)).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(readdirSync(state)).toEqual(expect.arrayContaining(['churn.journal.jsonl', 'churn.ledger.jsonl']));
  expect(readdirSync(join(folder, 'srv', 'scores'))).toEqual(['monday.csv']);
});

describe('two starters on one line of the crontab', () => {
  /** Two shells at once, as two cron daemons or a slow night and the next tick start them. */
  async function twice(line: string): Promise<{ statuses: unknown[]; said: string }> {
    const command = line.replace(/^ *(?:\S+ +){5}/, '').replaceAll('\\%', '%');
    let said = '';
    const statuses = await Promise.all(
      [1, 2].map(async () => {
        const child = spawn('/bin/sh', ['-c', command], {
          cwd: '/',
          env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
        return (await once(child, 'close'))[0] as unknown;
      }),
    );
    return { statuses: statuses.sort(), said };
  }

  test('of a job: one scores, the other ends with 75, and neither prints a word', async () => {
    // new enough that the one that works waits for it to settle, so that the other comes meanwhile
    writeFileSync(join(folder, 'srv', 'inbox', 'monday.csv'), 'id,x\na,1\n');
    expect(await twice(jobs()[0] ?? '')).toEqual({ statuses: [0, 75], said: '' });
    const kinds = readFileSync(join(folder, 'srv', 'churn.journal.jsonl'), 'utf8').match(/"kind":"[A-Z]+"/g);
    expect(kinds).toEqual(['"kind":"START"', '"kind":"PREPARE"', '"kind":"COMMIT"']);
  });
});

describe('logrotate', () => {
  const logrotate = toolPath('logrotate') ?? '';

  test.runIf(hasTool('logrotate'))(
    'rotates by rename while ten processes write: no line is lost, and all files are one journal',
    async () => {
      expect(score().status).toBe(0);
      const config = join(folder, 'logrotate.conf');
      writeFileSync(config, block('logrotate'), { mode: 0o644 });
      const rotate = () => spawnSync(logrotate, ['-f', '-s', join(folder, 'logrotate.state'), config], { encoding: 'utf8' });
      const writers = Array.from({ length: 10 }, () =>
        spawn(process.execPath, [join(ROOT, 'test', 'journal', 'child.mjs'), journal(), '15'], { stdio: ['ignore', 'ignore', 'inherit'] }),
      );
      const ends = Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0] as unknown));
      let rotations = 0;
      // fewer than are kept, so that none is deleted
      for (let running = true; running && rotations < 40; rotations++) {
        const { status, stderr } = rotate();
        expect([status, stderr]).toEqual([0, '']);
        running = await Promise.race([ends.then(() => false), wait(150, true)]);
      }
      expect(await ends).toEqual(Array.from({ length: 10 }, () => 0));
      expect(rotations).toBeGreaterThan(2);
      expect(score().status).toBe(0);
      const shown = sh(block('rotated'));
      expect([shown.status, shown.stderr]).toEqual([0, '']);
      expect(shown.stdout).toContain('scores.csv.journal.jsonl: whole\n  306 lines, 152 runs, the head names the last line');
      expect(readdirSync(join(folder, 'srv'))).toContain(`${basename(journal())}.2.gz`);
    },
    60_000,
  );
});

test('a journal is backed up under its lock and restored', () => {
  score();
  expect(sh(block('backup'))).toEqual({ status: 0, stdout: '', stderr: '' });
  const before = readFileSync(journal());
  writeFileSync(journal(), 'lost');
  expect(sh(block('restore'))).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(journal())).toEqual(before);
});

test('a full disk is looked into', () => {
  score();
  const { status, stdout, stderr } = sh(block('disk'));
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/Filesystem[^]*Inodes/);
});
