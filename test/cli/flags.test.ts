import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '#src/cli/command.js';
import { cliPage } from '#src/cli/docs.js';
import { keyOf, usageOf, variableOf, type Flag } from '#src/cli/flag.js';
import { readSettings } from '#src/cli/settings.js';
import { toScoreOptions } from '#src/cli/score-options.js';
import { SCORE_FLAGS } from '#src/cli/flags.js';
import { JOURNAL_SHOW_FLAGS } from '#src/cli/journal/flags.js';

const tables = COMMANDS.map((command) => [command.name, command] as const);

describe.each(tables)('the flags of %s', (_, { flags, argument }) => {
  it('have names, short names and variables of their own', () => {
    for (const names of [flags.map(({ name }) => name), flags.flatMap(({ short }) => short ?? []), flags.map(variableOf), flags.map(keyOf)]) {
      expect(new Set(names).size).toBe(names.length);
    }
    expect(flags.every(({ name }) => /^[a-z]+(-[a-z][a-z0-9]*)*$/.test(name))).toBe(true);
  });

  it('stand in the manual with their variable', () => {
    const manual = cliPage();
    for (const flag of flags) {
      expect(manual).toContain(`- **\`${usageOf(flag)}\`** ${flag.help}`);
      if (flag.environment !== false) expect(manual).toContain(`Environment: \`${variableOf(flag)}\``);
    }
  });

  it('refer to flags that exist', () => {
    const names = flags.map(({ name }) => name);
    for (const { conflicts = [], needs } of flags)
      expect(names).toEqual(expect.arrayContaining([...conflicts, ...(needs === undefined ? [] : [needs])]));
    expect(names).toContain(argument.flag);
  });

  it('take the examples that their messages give', () => {
    for (const flag of flags) {
      const text = exampleOf(flag);
      const partner: Flag[] = flag.needs === undefined ? [] : flags.filter(({ name }) => name === flag.needs);
      const given = [flag, ...partner].map((entry) => ({ name: entry.name, text: exampleOf(entry), label: `--${entry.name}` }));
      expect(readSettings([flag, ...partner], { given, env: {}, readText: () => 'a\n' }), `--${flag.name} ${text ?? ''}`).toHaveProperty(keyOf(flag));
    }
  });
});

/** The example as a shell would pass it. */
function exampleOf(flag: Flag): string | undefined {
  if (flag.kind === 'boolean') return undefined;
  return flag.kind === 'choice' ? flag.values[0] : flag.example.replace(/^(['"])(.+)\1$/, '$2');
}

describe('settings', () => {
  const settings = (argv: [string, string?][], env: Record<string, string> = {}) =>
    readSettings(SCORE_FLAGS, { given: argv.map(([name, text]) => ({ name, text, label: `--${name}` })), env, readText: () => 'b\nc\n' });

  it('hold only what was given', () => {
    expect(settings([])).toEqual({});
  });

  it('come from the environment where the command line is silent', () => {
    const env = {
      SCORELINE_MODEL: 'env.onnx',
      SCORELINE_WORKERS: '3',
      SCORELINE_FEATURES: 'a,"b,c"',
      SCORELINE_ALLOW_EMPTY: '1',
      SCORELINE_PREFIX: '',
    };
    expect(settings([['model', 'cli.onnx']], env)).toEqual({ model: 'cli.onnx', workers: 3, features: ['a', 'b,c'], allowEmpty: true });
  });

  it('come from the environment only where a flag is read from there', () => {
    const show = (env: Record<string, string>) => readSettings(JOURNAL_SHOW_FLAGS, { given: [], env, readText: () => '' });
    expect(show({ SCORELINE_MODEL: 'churn.onnx', SCORELINE_TAG: 'team=risk', SCORELINE_JOURNAL: 'a,b.jsonl' })).toEqual({ journal: ['a,b.jsonl'] });
  });

  it('take switches set to 0 for not set', () => {
    expect(settings([], { SCORELINE_QUIET: '0', SCORELINE_NO_JOURNAL: 'off' })).toEqual({});
  });

  it('let a flag of the command line set aside a variable that contradicts it', () => {
    expect(settings([['journal', 'j.jsonl']], { SCORELINE_NO_JOURNAL: '1' })).toEqual({ journal: 'j.jsonl' });
    expect(settings([['verbose']], { SCORELINE_QUIET: '1' })).toEqual({ verbose: true });
  });

  it('refuse contradictions of one source', () => {
    expect(() => settings([['quiet'], ['verbose']])).toThrow('--quiet and --verbose contradict each other');
    expect(() => settings([], { SCORELINE_QUIET: '1', SCORELINE_VERBOSE: '1' })).toThrow(
      'SCORELINE_QUIET and SCORELINE_VERBOSE contradict each other',
    );
  });

  it('keep the last of what is given twice, and all of what is repeatable', () => {
    expect(settings([['output', 'a'], ['output', 'b'], ['null-value', 'NA'], ['null-value', ''], ['features', 'a'], ['features', '@f']])).toEqual({
      output: 'b',
      nullValue: ['NA', ''],
      features: ['a', 'b', 'c'],
    }); // prettier-ignore
  });

  it('read pairs, names as plain as __proto__ among them', () => {
    const { bind } = settings([['bind', 'x=a b'], ['bind', '"a=b"=c'], ['bind', '__proto__=d']]); // prettier-ignore
    expect(Object.entries(bind ?? {})).toEqual([['x', 'a b'], ['a=b', 'c'], ['__proto__', 'd']]); // prettier-ignore
    expect(settings([], { SCORELINE_BIND: 'x=a,y="b,c"' })).toEqual({ bind: { x: 'a', y: 'b,c' } });
    expect(() => settings([['bind', 'x']])).toThrow("--bind takes INPUT=COLUMN, found 'x'");
    expect(() => settings([['bind', 'x=a'], ['bind', 'x=b']])).toThrow("--bind names 'x' twice"); // prettier-ignore
  });

  it('tell the words of --keep from names', () => {
    expect(settings([['keep', 'all']])).toEqual({ keep: 'all' });
    expect(settings([['keep', '"all"']])).toEqual({ keep: ['all'] });
    expect(settings([['keep', 'all,id']])).toEqual({ keep: ['all', 'id'] });
  });

  it('name the variable at fault', () => {
    expect(() => settings([], { SCORELINE_THRESHOLD: 'high' })).toThrow(
      "SCORELINE_THRESHOLD takes a number from 0 to 1, or a share such as 35%, found 'high'",
    );
  });
});

describe('the options of the library', () => {
  const terminals = { stdin: { isTTY: false }, stdout: { isTTY: false } as never, env: {} };

  it('are reached by every flag that is not for people', () => {
    const [people, everything] = [['quiet', 'verbose', 'log-format', 'progress'], SCORE_FLAGS.filter(({ group }) => group !== 'people')];
    expect(SCORE_FLAGS.filter(({ group }) => group === 'people').map(({ name }) => name).sort()).toEqual(people.sort()); // prettier-ignore
    for (const flag of everything) {
      const given = { model: 'm', [keyOf(flag)]: valueOf(flag) };
      expect(JSON.stringify(toScoreOptions(given, terminals)), `--${flag.name}`).not.toBe(
        JSON.stringify(toScoreOptions({ model: 'other' }, terminals)),
      );
    }
  });

  it('take their state folder from systemd where none is given', () => {
    const env = { STATE_DIRECTORY: '/var/lib/a:/var/lib/b' };
    expect(toScoreOptions({ model: 'm' }, { ...terminals, env }).stateDir).toBe('/var/lib/a');
    expect(toScoreOptions({ model: 'm', stateDir: 's' }, { ...terminals, env }).stateDir).toBe('s');
  });
});

/** Any value of the flag's type that is not its default. */
function valueOf(flag: Flag): unknown {
  return flag.kind === 'boolean' ? true : flag.kind === 'choice' ? flag.values[0] : flag.kind === 'delimiter' ? ';' : 'value';
}

describe('the pages made from the tables', () => {
  it('are what the code says now', () => {
    expect(readFileSync('docs/cli.md', 'utf8')).toBe(cliPage());
  });
});
