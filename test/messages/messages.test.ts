import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/command.js';
import '../support/warm.js';
import { ARROW } from './arrow.js';
import { codesInDocs, codesInSource } from './codes.js';
import { COMMAND_LINE } from './command-line.js';
import { INPUT } from './input.js';
import { JOBS } from './jobs.js';
import { JOURNAL } from './journal.js';
import { CONTRACTS, MODELS } from './models.js';
import { OUTPUT } from './output.js';
import { REJECTS } from './rejects.js';
import { play, type Scene, type Shown } from './scene.js';
import { WARNINGS } from './warnings.js';

/**
 * `docs/messages.md` holds every message as a person sees it, each provoked by a real run or call. `UPDATE_MESSAGES=1 npx vitest run test/messages` writes it
 * anew: read the diff as prose before committing it.
 */
const PAGE = join(ROOT, 'docs', 'messages.md');
const UPDATE = process.env['UPDATE_MESSAGES'] === '1';

/** Codes that no scene provokes, and why. */
const NOT_PROVOKED: Readonly<Record<string, string>> = {
  'pipe-closed': 'nothing is printed: the reader is gone',
  'no-clobber-unsupported': 'takes a filesystem without hard links',
  'journal-lock-file': 'takes a machine without flock(1)',
  'job-lock-file': 'takes a machine without flock(1)',
  'job-lock-failed': 'takes a filesystem without locks',
  'output-lock-file': 'takes a machine without flock(1)',
  recovered: 'takes a run that was killed while it published: test/command/recovery.test.ts',
  'end-not-recorded': 'takes a run that was killed, and its journal gone: test/command/recovery.test.ts',
  'not-resumed': 'takes a run that was killed after a checkpoint: test/resume/go-on.test.ts',
  'checkpoint-not-recorded': 'takes a journal that is lost while a run goes on: test/resume/go-on.test.ts',
  'gate-fallback': 'the fallback scores then: test/command/fallback.test.ts',
  'input-not-deleted': 'takes a folder of inputs that this user may read and not write',
  'syslog-failed': 'takes a machine without a system log: test/sinks/syslog.test.ts',
  'journal-head': 'takes a disk that fails between two writes',
  ...Object.fromEntries(
    ['chain-broken', 'cut-tail', 'damaged-line', 'head-damaged', 'head-mismatch', 'head-missing'].map((code) => [
      code,
      'a finding of verifyJournal(), no error',
    ]),
  ),
};
/** Nothing is left to do for whoever stopped a run. */
const WITHOUT_ADVICE = new Set(['interrupted', 'terminated', 'hung-up']);

const CHAPTERS: readonly (readonly [title: string, scenes: readonly Scene[]])[] = [
  ['The command line, and the options of the library', COMMAND_LINE],
  ['The input', INPUT],
  ['Rows that are not scored', REJECTS],
  ['Arrow', ARROW],
  ['The model', MODELS],
  ['The contract, and who contradicts whom', CONTRACTS],
  ['The output and the journal', OUTPUT],
  ['Jobs', JOBS],
  ['Reading the journal', JOURNAL],
  ['Warnings', WARNINGS],
];
const SCENES = CHAPTERS.flatMap(([, scenes]) => scenes.map((scene) => [`${scene.code}: ${scene.about}`, scene] as const));

const shown = new Map<Scene, Shown>();
beforeAll(async () => {
  for (const [, scene] of SCENES) shown.set(scene, await play(scene));
}, 120_000);

const linesOf = (scene: Scene): string[] => (shown.get(scene)?.text ?? '').trimEnd().split('\n');

describe('a scene comes to its message', () => {
  test.each(SCENES)('%s', (_, scene) => {
    const lines = linesOf(scene);
    if (WARNINGS.includes(scene)) {
      expect(lines.filter((line) => line.startsWith('scoreline: warning: ') && line.endsWith(`[${scene.code}]`))).toHaveLength(1);
      return;
    }
    const code = REJECTS.includes(scene) ? 'too-many-rejects' : scene.code;
    expect(lines[0]).toMatch(/^scoreline: error: \S/);
    expect(lines.at(-1)).toBe(`  code:  ${code} (exit status ${shown.get(scene)?.status})`);
    expect(lines.length).toBeLessThanOrEqual(4);
  });

  test.each(SCENES.filter(([, scene]) => !WARNINGS.includes(scene) && !WITHOUT_ADVICE.has(scene.code)))('%s: and says what to do', (_, scene) => {
    expect(linesOf(scene).filter((line) => line.startsWith('  to do: '))).toHaveLength(1);
  });
});

test('the page of all messages is as they are', () => {
  const page = pageOf();
  if (UPDATE) writeFileSync(PAGE, page);
  expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page);
});

describe('every code', () => {
  const provoked = new Map(SCENES.map(([, scene]) => [scene.code, scene]));

  test('in the source stands on the page, or is excused', () => {
    const codes = [...codesInSource()].filter((code) => !provoked.has(code)).sort();
    expect(codes).toEqual(Object.keys(NOT_PROVOKED).sort());
  });

  test('in the list of exit statuses stands on the page with its status, or is excused', () => {
    const ends = new Set(SCENES.map(([, scene]) => `${scene.code} ${REJECTS.includes(scene) ? 0 : shown.get(scene)?.status}`));
    const missing = codesInDocs().filter(([code, status]) => !ends.has(`${code} ${status}`) && !(code in NOT_PROVOKED));
    expect(missing).toEqual([]);
  });

  test('on the page stands in the source', () => {
    const known = new Set([...codesInSource(), ...codesInDocs().map(([code]) => code)]);
    expect([...provoked.keys()].filter((code) => !known.has(code))).toEqual([]);
  });
});

function pageOf(): string {
  const chapters = CHAPTERS.map(([title, scenes]) => [`## ${title}`, ...scenes.map(entryOf)].join('\n\n'));
  return `${[HEAD, ...chapters].join('\n\n')}\n`;
}

const HEAD = `# Messages

<!-- Made by test/messages: UPDATE_MESSAGES=1 npx vitest run test/messages -->

Every error, reject and warning, as it stands on the terminal: what was found and expected, where, what to do, and the code to look up or to match on
([exit-statuses.md](exit-statuses.md)). Codes stay; texts may change. What could not be done here (a full disk, another user) was told by the system's own error.`;

function entryOf(scene: Scene): string {
  const { line = '' } = shown.get(scene) ?? {};
  const env = Object.entries(scene.env ?? {}).map(([name, value]) => `${name}=${value} `);
  const lines = WARNINGS.includes(scene) ? linesOf(scene).filter((each) => each.endsWith(`[${scene.code}]`)) : linesOf(scene);
  return [`### \`${scene.code}\`: ${scene.about}`, '', '```', `$ ${env.join('')}${line}`, ...lines.map(stable), '```'].join('\n');
}

/** Without what the version of Node says in its own words, and with long names cut. */
function stable(line: string): string {
  return line.replace(/(no JSON in UTF-8) \(.*\)/, '$1 (…)').replace(/(.)\1{60,}/g, '$1$1$1…');
}
