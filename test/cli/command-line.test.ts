import { describe, expect, it } from 'vitest';
import { cli } from './world.js';

describe('help and version', () => {
  const asked = [
    '--help',
    '-h',
    'help',
    'score --help',
    'help score',
    'inspect -h',
    'journal --help',
    'help journal',
    'help journal show',
    'journal verify -h',
  ];

  it.each(asked.map((line) => [line.split(' ')]))('%j goes to stdout, fits, and ends with 0', async (argv) => {
    const { status, stdout, stderr } = await cli(argv);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^(Scores CSV|Usage: scoreline)/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('shows examples by hand, from cron and in a pipe', async () => {
    const { stdout } = await cli(['score', '--help']);
    for (const part of ['By hand:', 'cron', 'In a pipe', '-m, --model MODEL', '--max-rejects N|P%', 'SCORELINE_MODEL', 'People:'])
      expect(stdout).toContain(part);
  });

  it('prints the version', async () => {
    expect(await cli(['--version'])).toMatchObject({ status: 0, stdout: 'scoreline 9.8.7\n', stderr: '' });
  });
});

describe('a wrong command line', () => {
  const refusals: [argv: string[], code: string, message: string, fix: string][] = [
    [[], 'missing-command', 'no command is given', 'scoreline --help lists the commands'],
    [['scor'], 'unknown-command', "there is no command 'scor'", 'Did you mean: scoreline score'],
    [['data.csv'], 'unknown-command', "there is no command 'data.csv'", 'scoreline score -m MODEL data.csv'],
    [['frobnicate'], 'unknown-command', "there is no command 'frobnicate'", 'Commands are: score, run, status, check, inspect'],
    [['journal'], 'missing-command', 'scoreline journal needs to be told what to do', 'scoreline journal show, or scoreline journal verify'],
    [['journal', 'shwo'], 'unknown-command', "there is no command 'journal shwo'", 'Did you mean: scoreline journal show'],
    [['journal', 'a.jsonl'], 'unknown-command', "there is no command 'journal a.jsonl'", 'Write: scoreline journal show a.jsonl'],
    [['help', 'journal', 'frob'], 'unknown-command', "there is no command 'journal frob'", 'Commands are: journal show, journal verify'],
    [['verify'], 'unknown-command', "there is no command 'verify'", 'Did you mean: scoreline journal verify'],
    [['journal', 'show', '--statsu', 'failed'], 'unknown-flag', 'scoreline journal show has no flag --statsu', 'Did you mean --status?'],
    [['journal', 'show', '--status', 'died'], 'bad-value', "one of committed, failed, aborted, open, found 'died'", '--status failed,aborted'],
    [['journal', 'show', '--since', '2026-02-30'], 'bad-value', "found '2026-02-30'", '--since 2d'],
    [['journal', 'show', '--until'], 'missing-argument', '--until stands without its argument', '--until TIME'],
    [['journal', 'show', '-f', '-'], 'conflicting-flags', '--follow and stdin contradict each other', 'Name the journal'],
    [['score', '-m', 'm', 'a', '-o', 'b', '--journal', '-'], 'bad-value', "--journal takes the path of a file, found '-'", './-'],
    [['score', '--modle', 'x'], 'unknown-flag', 'scoreline score has no flag --modle', 'Did you mean --model?'],
    [['score', '--max-reject=5%'], 'unknown-flag', 'has no flag --max-reject', 'Did you mean --max-rejects?'],
    [['score', '--sample-input'], 'unknown-flag', 'has no flag --sample-input', 'It is a flag of: scoreline inspect'],
    [['-v', 'score'], 'unknown-flag', 'scoreline has no flag -v', 'It is a flag of: scoreline score'],
    [['score', '-m'], 'missing-argument', '-m, --model stands without its argument', 'Write it as: -m, --model MODEL'],
    [['score', '-m', '-o', 'x'], 'missing-argument', "--model takes an argument, found the flag '-o'", '-m, --model MODEL'],
    [['score', '-m', 'm', 'a', 'b'], 'too-many-arguments', 'takes one INPUT', 'for f in'],
    [['score', 'm.onnx', 'a.csv'], 'too-many-arguments', 'takes one INPUT', 'Put -m before the model: scoreline score -m m.onnx'],
    [['score', '-m', 'm', 'a', '-i', 'b'], 'conflicting-flags', 'given twice', 'Leave one'],
    [['score', 'a'], 'missing-model', 'needs a model', 'scoreline score -m MODEL'],
    [['inspect'], 'missing-model', 'needs a model', 'scoreline inspect churn.onnx'],
    [['score', '-m', 'm', '--no-header', 'a'], 'missing-flag', '--no-header needs --columns', 'Add --columns'],
    [['score', '-m', 'm', '--workers', '0', 'a'], 'bad-value', "a whole number from 1 to 256, found '0'", '--workers 2'],
    [['score', '-m', 'm', '--label', 'best', 'a'], 'bad-value', "one of model, argmax, threshold, found 'best'", '--label model'],
    [['score', '-m', 'm', '--label', 'argmax', '--threshold', '0.5', 'a'], 'conflicting-flags', '--label argmax', 'Leave --threshold out'],
    [['score', '-m', 'm', '-d', "'", '--quote', "'", 'a'], 'conflicting-flags', 'the same character', '--quote none'],
    [['score', '-m', 'm', '--features', '@gone', 'a'], 'list-unreadable', "the file 'gone'", 'one name a line'],
    [['score', '-m', '', 'a'], 'bad-value', '--model takes a path', '--model churn.onnx'],
  ];

  it.each(refusals)('%j is %s', async (argv, code, message, fix) => {
    const { status, stdout, stderr, options } = await cli(argv);
    expect([status, stdout, options]).toEqual([64, '', undefined]);
    const [head, ...rest] = stderr.split('\n');
    expect(head).toMatch(/^scoreline: error: /);
    expect(head).toContain(message);
    expect(rest.join('\n')).toContain(fix);
    expect(rest.join('\n')).toContain(`code:  ${code} (exit status 64)`);
  });

  it('is reported as asked for, although it was not understood', async () => {
    const { stderr } = await cli(['score', '--log-format', 'json', '--modle', 'x']);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', code: 'unknown-flag', status: 64, fix: 'Did you mean --model?' });
    expect(JSON.parse((await cli(['score'], { env: { SCORELINE_LOG_FORMAT: 'json' } })).stderr)).toMatchObject({ code: 'missing-model' });
  });

  it('does not wait for a person to type data', async () => {
    const { status, stderr } = await cli(['score', '-m', 'm.onnx'], { stdin: true, stderr: true, env: { NO_COLOR: '1' } });
    expect(status).toBe(64);
    expect(stderr).toContain('no input is given, and stdin is a terminal');
    expect(stderr).toContain('scoreline score -m m.onnx INPUT');
    expect((await cli(['score', '-m', 'm.onnx', '-'], { stdin: true })).options).toMatchObject({ input: '-' });
  });

  it('puts no Arrow on a terminal', async () => {
    const { status, stderr } = await cli(['score', '-m', 'm', 'a.csv', '--output-format', 'arrows'], { stdout: true });
    expect([status, stderr.includes('terminal-output')]).toEqual([64, true]);
  });
});

describe('a right command line', () => {
  it('defaults to stdin and stdout', async () => {
    expect((await cli(['score', '-m', 'm'])).options).toEqual({ model: 'm', input: '-', output: '-', csv: {} });
  });

  it('reaches the engine flag by flag', async () => {
    const argv = [
      'score', '-mm.onnx', 'in.csv', '-o', 'out.csv', '-d', '\\t', '--quote=none', '--no-header', '--columns', 'a,b', '--null-value', 'NULL', '--null-value', '-',
      '--features', '@f.txt', '--bind', 'x=a', '--keep', 'none', '--max-rejects', '1%', '--chunk-size', '64KB', '--no-journal', '--tag', 'team=risk', '--tag', 'env=prod',
      '--input-format', 'csv', '--allow-unterminated', '--rejected-rows', 'blank', '--threads', '2', '-v', '--progress', 'never',
    ]; // prettier-ignore
    expect((await cli(argv, { files: { 'f.txt': 'b\na\n' } })).options).toEqual({
      model: 'm.onnx',
      input: 'in.csv',
      output: 'out.csv',
      csv: { delimiter: '\t', quote: '', header: false, columns: ['a', 'b'], allowUnterminated: true },
      outputDelimiter: '\t',
      nullValues: ['NULL', '-'],
      features: ['b', 'a'],
      bind: { x: 'a' },
      keep: 'none',
      maxRejects: { kind: 'share', share: 0.01 },
      chunkBytes: 65_536,
      journal: false,
      labels: { team: 'risk', env: 'prod' },
      inputFormat: 'csv',
      rejectedRows: 'blank',
      threads: 2,
    });
  });

  it('takes a file that is called like a flag after --', async () => {
    expect((await cli(['score', '-m', 'm', '--', '-in.csv'])).options).toMatchObject({ input: '-in.csv' });
  });
});
