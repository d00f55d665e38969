import type { Finding } from '../../job/check/finding.js';
import { escapeControl } from '../report/escape.js';
import { countText, plural, secondsText } from '../report/figures.js';
import { wrap } from '../wrap.js';
import { COLUMNS, linesOf, WHOLE, type Detail } from './finding-lines.js';

/** A screen, with a line for the prompt. */
const SCREEN_LINES = 23;
/** What is worst comes first. */
const LEVELS = ['failed', 'warning', 'ok'] as const;

export interface CheckScreen {
  /** What was checked. */
  readonly what: string;
  readonly findings: readonly Finding[];
  readonly seconds: number;
  /** All of it, however long that is. */
  readonly verbose: boolean;
  /** Only what failed. */
  readonly quiet: boolean;
}

/**
 * What `scoreline check` prints for people: a verdict, and what was found, the worst first; with it what to do. One screen, however much there is to say: first what is well is
 * shortened, then the evidence, then the wording, and at last what is left is counted. Nothing where it is to be quiet and nothing failed.
 */
export function checkText({ what, findings, seconds, verbose, quiet }: CheckScreen): string {
  const sorted = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  const shown = quiet ? sorted.filter(({ level }) => level === 'failed') : sorted;
  if (quiet && shown.length === 0) return '';
  const head = headOf(what, findings, seconds);
  const tell: Tell = (finding, detail) => linesOf(finding, detail, what);
  const body = verbose ? shown.flatMap((finding) => tell(finding, WHOLE)) : fitted(shown, SCREEN_LINES - head.length, tell);
  return `${[...head, ...body].join('\n')}\n`;
}

function headOf(what: string, findings: readonly Finding[], seconds: number): readonly string[] {
  const failed = findings.filter(({ level }) => level === 'failed').length;
  const warned = findings.filter(({ level }) => level === 'warning').length;
  const good = `good, ${plural(findings.length, 'check')}${warned === 0 ? '' : ` with ${plural(warned, 'warning')}`}`;
  const verdict = failed === 0 ? good : `${failed} of ${findings.length} checks failed`;
  return wrap(`${escapeControl(what)}: ${verdict} (${secondsText(seconds)}; nothing was changed)`, COLUMNS);
}

type Tell = (finding: Finding, detail: Detail) => readonly string[];

/** From what cannot be left out to all that anybody wants to read. */
const LADDER: readonly Detail[] = [
  { text: 1, evidence: 0, fix: 1 },
  { text: 2, evidence: 0, fix: 1 },
  { text: 2, evidence: 1, fix: 2 },
  ...[2, 3, 4, 6, 8].map((evidence) => ({ text: 3, evidence, fix: 3 })),
];
/** The step with some of the evidence: what is well takes no room from that. */
const SOME = 4;

/** The findings in so many lines: what is wrong in the greatest detail for which there is room; then what is well, or its names alone. */
function fitted(findings: readonly Finding[], room: number, tell: Tell): readonly string[] {
  const well = findings.filter(({ level }) => level === 'ok');
  const ill = findings.filter(({ level }) => level !== 'ok');
  const names = [...new Set(well.map(({ subject }) => subject))].join(', ');
  const counted = well.length === 0 ? [] : [`  ok       ${names.length > COLUMNS - 11 ? `${countText(well.length)} more checks` : names}`];
  for (const text of [2, 1]) {
    const good = well.flatMap((finding) => tell(finding, { text, evidence: 0, fix: 0 }));
    const told = climbed(ill, room - good.length, tell, SOME);
    if (told !== undefined) return [...told, ...good];
  }
  const told = climbed(ill, room - counted.length, tell, 0);
  return told === undefined ? cut(ill, counted, room, tell) : [...told, ...counted];
}

/** All of them from a step of the ladder on, each as far up, in turn, as there is room; undefined where there is none for that step. */
function climbed(ill: readonly Finding[], room: number, tell: Tell, from: number): readonly string[] | undefined {
  let told = ill.map((finding) => tell(finding, LADDER[from] ?? WHOLE));
  let left = room - told.reduce((sum, lines) => sum + lines.length, 0);
  if (left < 0) return undefined;
  for (const detail of LADDER.slice(from + 1)) {
    told = told.map((lines, index) => {
      const finding = ill[index];
      const more = finding === undefined ? lines : tell(finding, detail);
      if (more.length - lines.length > left) return lines;
      left -= more.length - lines.length;
      return more;
    });
  }
  return told.flat();
}

/** As many as there is room for, in a line or two each. */
function cut(ill: readonly Finding[], counted: readonly string[], room: number, tell: Tell): readonly string[] {
  const lines: string[] = [];
  let left = ill.length;
  for (const finding of ill) {
    const more = tell(finding, LADDER[0] ?? WHOLE);
    if (lines.length + more.length + counted.length + 1 > room) break;
    lines.push(...more);
    left--;
  }
  return [...lines, `  and ${countText(left)} more that failed or warn: -v lists them`, ...counted];
}
