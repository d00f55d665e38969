import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stampOf } from '#src/job/inputs.js';
import { appendToLedger } from '#src/publish/ledger.js';
import { fixture } from '../support/command.js';
import { jobFolder, MODEL, scores, table, type JobFolder } from './folder.js';

const commits = (job: JobFolder): number => job.journal().filter((kind) => kind === 'COMMIT').length;

describe('a job publishes each input once', () => {
  test('and a second run has nothing to do and prints nothing', async () => {
    const job = jobFolder();
    job.input('a.csv', 1, 2);
    job.input('b.csv', 3);
    const first = await job.run();
    expect({ status: first.status, stdout: first.stdout.toString(), stderr: first.stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(job.read('scores/a.csv')).toBe(scores([1, 2]));
    expect(job.read('scores/b.csv')).toBe(scores([3]));
    const again = await job.run();
    expect(again).toMatchObject({ status: 0, stderr: '' });
    expect(commits(job)).toBe(2);
    expect(readdirSync(job.file('inbox'))).toEqual(['a.csv', 'b.csv']);
  });

  test('whatever becomes of the journal, the model and the output', async () => {
    const job = jobFolder(['model: churn.onnx']);
    copyFileSync(MODEL, job.file('churn.onnx'));
    job.input('a.csv', 1);
    await job.run();
    for (const name of ['nightly.journal.jsonl', 'nightly.journal.jsonl.head', 'scores/a.csv']) rmSync(job.file(name));
    copyFileSync(fixture('types', 'two-outputs.onnx'), job.file('churn.onnx'));
    expect((await job.run()).status).toBe(0);
    expect(job.has('scores/a.csv')).toBe(false);
    expect(job.journal()).toEqual([]);
  });

  test('unless --rescore asks for all of them again', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    await job.run();
    rmSync(job.file('scores/a.csv'));
    expect((await job.run('--rescore')).status).toBe(0);
    expect(job.read('scores/a.csv')).toBe(scores([1]));
    expect(commits(job)).toBe(2);
  });

  test('a file of the same name with another content is another input, and one touched or copied anew is not', async () => {
    const job = jobFolder();
    const path = job.input('a.csv', 1);
    await job.run();
    utimesSync(path, new Date(), new Date());
    await job.run();
    unlinkSync(path);
    job.input('a.csv', 1);
    await job.run();
    expect(commits(job)).toBe(1);
    job.input('a.csv', 7);
    await job.run();
    expect(commits(job)).toBe(2);
    expect(job.read('scores/a.csv')).toBe(scores([7]));
  });

  test('by content alone, where the job says so: two names of one content are one input', async () => {
    const job = jobFolder(['identity: content']);
    job.input('a.csv', 1);
    job.input('b.csv', 1);
    expect((await job.run()).status).toBe(0);
    expect(readdirSync(job.file('scores'))).toHaveLength(1);
    job.input('c.csv', 1);
    await job.run();
    expect(commits(job)).toBe(1);
  });

  test('started ten times at once: one works, the others end with 75 or find it done', async () => {
    const job = jobFolder();
    for (let index = 0; index < 3; index++) job.input(`${index}.csv`, index);
    const ended = await Promise.all(Array.from({ length: 10 }, () => job.run()));
    const statuses = ended.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 75 && status !== 0)).toEqual([]);
    expect(statuses).toContain(0);
    expect(ended.map(({ stderr }) => stderr).join('')).toBe('');
    expect(commits(job)).toBe(3);
  }, 60_000);
});

test('a run that may wait for another one does, and finds its work done', async () => {
  const job = jobFolder(['settle: 1s']);
  job.input('a.csv', 1);
  const ended = await Promise.all([job.run('--lock-wait', '30s'), job.run('--lock-wait', '30s')]);
  expect(ended.map(({ status }) => status)).toEqual([0, 0]);
  expect(commits(job)).toBe(1);
}, 60_000);

describe('inputs of one run', () => {
  test('are scored oldest first, and one that is bad keeps no other back and is tried again', async () => {
    const job = jobFolder();
    job.input('new.csv', 3);
    utimesSync(job.input('old.csv', 1), 1e9, 1e9);
    utimesSync(job.input('bad.csv', 'x'), 1.1e9, 1.1e9);
    const first = await job.run();
    expect(first.status).toBe(65);
    expect(first.stderr).toContain('inbox/bad.csv');
    expect(first.stderr).toContain('job nightly: 2 published, 1 failed');
    const order = job.ledger().filter(({ kind }) => kind === 'attempt').map(({ name }) => name); // prettier-ignore
    expect(order).toEqual(['old.csv', 'bad.csv', 'new.csv']);
    const second = await job.run();
    expect(second.status).toBe(65);
    expect(second.stderr).toContain('(attempt 2)');
    job.input('bad.csv', 5);
    expect((await job.run()).status).toBe(0);
    expect(job.read('scores/bad.csv')).toBe(scores([5]));
  });

  test('that fail alike are told in full once', async () => {
    const job = jobFolder(['model: gone.onnx']);
    for (const name of ['a', 'b', 'c']) job.input(`${name}.csv`, 1);
    const { status, stderr } = await job.run();
    expect(status).toBe(66);
    expect(stderr.match(/to do/g)).toHaveLength(2);
    expect(stderr).toContain('2 more inputs failed in the same way');
    expect(stderr).toContain('0 published, 3 failed');
  });

  test('that were changed a moment ago are waited for', async () => {
    const job = jobFolder(['settle: 1s']);
    job.input('a.csv', 1);
    expect((await job.run()).status).toBe(0);
    expect(job.has('scores/a.csv')).toBe(true);
  });

  test('wait for their marker, where the job has one, and it goes with them', async () => {
    const job = jobFolder(['doneMarker: .done', 'input: inbox', 'after: delete']);
    job.input('a.csv', 1);
    job.input('b.csv', 2);
    writeFileSync(job.file('inbox/a.csv.done'), '');
    expect((await job.run()).status).toBe(0);
    expect(readdirSync(job.file('scores'))).toEqual(['a.csv']);
    expect(readdirSync(job.file('inbox'))).toEqual(['b.csv']);
  });

  test('older than maxInputAge are not scored', async () => {
    const job = jobFolder(['maxInputAge: 26h']);
    utimesSync(job.input('a.csv', 1), 1e9, 1e9);
    const { status, stderr } = await job.run();
    expect(status).toBe(66);
    expect(stderr).toContain('input-too-old');
    expect(job.has('scores/a.csv')).toBe(false);
  });

  test('of hostile names stay what they are, and links are passed over', async () => {
    const job = jobFolder();
    const names = ['-rf.csv', 'a\nb.csv', '$(touch x).csv', '{date}.csv', "it's.csv", 'ü.csv', '*.csv', '[a].csv'];
    names.forEach((name, index) => job.input(name, index));
    writeFileSync(job.file('secret.csv'), table([42]));
    symlinkSync(job.file('secret.csv'), job.file('inbox/link.csv'));
    mkdirSync(job.file('elsewhere'));
    symlinkSync(job.file('elsewhere'), job.file('inbox/folder.csv'));
    symlinkSync(job.file('elsewhere/planted'), job.file('scores/planted.csv'));
    job.input('planted.csv', 1);
    const { status, stderr } = await job.run('-v');
    expect(status).toBe(77);
    expect(stderr).toContain('output-escapes');
    expect(stderr).toContain('(2 times) [input-is-link]');
    expect(readdirSync(job.file('scores')).sort()).toEqual([...names, 'planted.csv'].sort());
    expect(readdirSync(job.file('elsewhere'))).toEqual([]);
    names.forEach((name, index) => expect(job.read(`scores/${name}`)).toBe(scores([index])));
  }, 60_000);

  test('whose name would lead an output out of its folder are refused', async () => {
    const job = jobFolder(['output: scores/{stem}', 'input: inbox/*']);
    job.input('...csv', 1); // a name that starts with a dot is passed over
    job.input('x.csv', 1);
    expect((await job.run()).status).toBe(0);
    expect(readdirSync(job.file('scores'))).toEqual(['x']);
  });

  test('that would share an output are refused, now and later', async () => {
    const job = jobFolder(['input: inbox/*']);
    job.input('a.csv', 1);
    writeFileSync(job.file('inbox/a.txt'), table([2]));
    const both = await job.run();
    expect(both.status).toBe(78);
    expect(both.stderr).toContain('job-shared-output');
    expect(readdirSync(job.file('scores'))).toEqual([]);
    rmSync(job.file('inbox/a.txt'));
    expect((await job.run()).status).toBe(0);
    writeFileSync(job.file('inbox/a.txt'), table([2]));
    expect((await job.run()).status).toBe(78);
    expect(job.read('scores/a.csv')).toBe(scores([1]));
  });

  test('of one name in two folders that would share an output are told what helps', async () => {
    const job = jobFolder(['input: inbox/**/*.csv']);
    for (const folder of ['north', 'south']) {
      mkdirSync(job.file(`inbox/${folder}`));
      job.input(`${folder}/a.csv`, 1);
    }
    const { status, stderr } = await job.run();
    expect(status).toBe(78);
    expect(stderr).toContain('give each folder a job of its own');
    expect(stderr).not.toContain('with {stem} or {name}');
  });

  test('that are not what their digest says are not published', async () => {
    const job = jobFolder();
    const stamp = stampOf(lstatSync(job.input('a.csv', 1), { bigint: true }));
    const paths = { output: 'x', rejects: null, journal: null, templates: '' };
    await appendToLedger(job.file('nightly.ledger.jsonl'), [{ kind: 'attempt', at: '2026-01-01T00:00:00.000Z', name: 'b.csv', sha256: 'f'.repeat(64), path: 'b', stamp, paths }]);
    const { status, stderr } = await job.run();
    expect(status).toBe(65);
    expect(stderr).toContain('digest-mismatch');
    expect(readdirSync(job.file('scores'))).toEqual([]);
  }); // prettier-ignore

  test('past the deadline of the run wait for the next one', async () => {
    const job = jobFolder(['runDeadline: 1ms']);
    job.input('a.csv', 1);
    const { status, stderr } = await job.run();
    expect(status).toBe(124);
    expect(stderr).toContain('run-deadline');
  });
});

describe('what becomes of an input that is published', () => {
  test('it is moved, never onto another file', async () => {
    const job = jobFolder(['after:', '  move: done/{date}']);
    mkdirSync(job.file('done'));
    job.input('a.csv', 1);
    await job.run();
    job.input('a.csv', 2);
    expect((await job.run()).status).toBe(0);
    expect(readdirSync(job.file('inbox'))).toEqual([]);
    const [day] = readdirSync(job.file('done'));
    const kept = readdirSync(job.file(`done/${day}`));
    expect(kept).toHaveLength(2);
    expect(kept.map((name) => readFileSync(job.file(`done/${day}/${name}`), 'utf8')).sort()).toEqual([table([1]), table([2])]);
  });

  test('it stays where its archive is not there, and what failed is the move, not the scoring', async () => {
    const job = jobFolder(['after:', '  move: done']);
    job.input('a.csv', 1);
    const first = await job.run();
    expect(first.status).toBe(73);
    expect(first.stderr).toContain('input-not-moved');
    expect(first.stderr).toContain('job nightly: 1 published, 1 not moved or deleted (0');
    expect(first.stderr).toContain('the predictions are published, but the input could not be moved');
    expect(first.stderr).not.toContain('name another output');
    expect(job.read('scores/a.csv')).toBe(scores([1]));
    expect(job.has('done')).toBe(false);
    mkdirSync(job.file('done'));
    expect((await job.run()).status).toBe(0);
    expect(job.read('done/a.csv')).toBe(table([1]));
    expect(job.ledger().filter(({ kind }) => kind === 'published')).toHaveLength(1);
  });

  test('it is deleted, and only when the predictions can be read back', async () => {
    const job = jobFolder(['after: delete']);
    job.input('a.csv', 1);
    job.input('b.csv', 2);
    expect((await job.run()).status).toBe(0);
    expect(readdirSync(job.file('inbox'))).toEqual([]);
    writeFileSync(job.file('scores/a.csv'), 'other');
    job.input('a.csv', 1);
    const again = await job.run();
    expect(again.status).toBe(74);
    expect(again.stderr).toContain('output-not-as-published');
    expect(again.stderr).toContain('(2 published before)'); // one of them is not there any more
    expect(readdirSync(job.file('inbox'))).toEqual(['a.csv']);
  });

  test('it stays, by default', async () => {
    const job = jobFolder();
    job.input('a.csv', 1);
    await job.run();
    expect(job.has('inbox/a.csv')).toBe(true);
  });
});

describe('what a job expects', () => {
  const past = ['expect: { new: 2, by: "00:00" }', 'zone: UTC'];

  test('and did not come is said, with 66, until it comes', async () => {
    const job = jobFolder(past);
    job.input('a.csv', 1);
    const missing = await job.run();
    expect(missing.status).toBe(66);
    expect(missing.stderr).toContain('2 new inputs were expected by 00:00, and 1 came since');
    expect(missing.stderr).toContain('job nightly: 1 published, not all that was expected (0 published before)');
    job.input('b.csv', 1);
    expect((await job.run()).status).toBe(0);
  });
});

describe('a dry run', () => {
  test('says what would be done and changes nothing', async () => {
    const job = jobFolder(['settle: 1h']);
    utimesSync(job.input('a.csv', 1), 1e9, 1e9);
    job.input('b.csv', 1);
    symlinkSync(job.file('inbox/a.csv'), job.file('inbox/l.csv'));
    const before = readdirSync(job.path).sort();
    const { status, stdout } = await job.run('--dry-run');
    expect(status).toBe(0);
    expect(stdout.toString()).toContain('job nightly: 1 to score, 1 waiting, 0 published before');
    expect(stdout.toString()).toMatch(/score {3}inbox\/a\.csv \(10 B\) -> scores\/a\.csv/);
    expect(stdout.toString()).toContain('wait    inbox/b.csv');
    expect(stdout.toString()).toContain('pass    inbox/l.csv (a symbolic link)');
    expect(readdirSync(job.path).sort()).toEqual(before);
    expect(existsSync(job.file('scores/a.csv'))).toBe(false);
  });
});
