// Figures as text for the terminal, and as tables for the page.
import { fillMarks } from '../../bench/marks.mjs';
import { CONTROLS } from './controls.mjs';
import { PARTS } from './parts.mjs';
import { PROMISES } from './promises.mjs';

const SHOWN = 12;

/** A part that has just been run. */
export function partLines({ name }, { points, seconds, promises, violations, notes }) {
  const tallies = Object.entries(promises).map(([promise, tally]) => `${promise} ${tally.violations}/${tally.points}`);
  const said = Object.entries(notes).map(([what, value]) => `, ${what}: ${value}`);
  const found = violations.slice(0, SHOWN).map(({ promise, point, message }) => `  ${promise} violated: ${point}: ${message}\n`);
  const more = violations.length > SHOWN ? `  and ${violations.length - SHOWN} more\n` : '';
  return `${name}: ${points} points, ${violations.length} violations, ${seconds} s (${tallies.join(', ')}${said.join('')})\n${found.join('')}${more}`;
}

export function controlLines({ name, promise, caught, points, by, seconds }) {
  return `control '${name}': ${caught ? `caught at point ${points} of ${promise}, ${by}` : `NOT CAUGHT in ${points} points`}, ${Math.round(seconds)} s\n`;
}

/** One line a promise: points tried, violations. */
export function promiseLines(figures) {
  return promiseRows(figures)
    .map(([promise, text, points, violations]) => `${promise.padEnd(4)} ${points.padStart(7)} points ${violations.padStart(4)} violations  ${text}\n`)
    .join('');
}

function promiseRows({ parts }) {
  return Object.entries(PROMISES).map(([promise, text]) => {
    const tallies = parts.flatMap(({ part, promises }) => (promises[promise] === undefined ? [] : { part, ...promises[promise] }));
    const sum = (key) => tallies.reduce((total, tally) => total + tally[key], 0);
    return [promise, text, sum('points').toLocaleString('en'), String(sum('violations')), tallies.map(({ part }) => `\`${part}\``).join(', ')];
  });
}

/** The page with the tables of a record. */
export function fillPage(page, record) {
  return fillMarks(page, { promises: promiseTable(record), parts: partTable(record), controls: controlTable(record) });
}

function promiseTable(record) {
  const { date, commit, machine } = record;
  const where = `${date}, Scoreline of ${commit}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}.`;
  return `${where}\n\n${table(['', 'promise', 'points tried', 'violations', 'shown by'], promiseRows(record))}`;
}

function partTable({ parts }) {
  const rows = parts.map(({ part, points, seconds, notes }) => {
    const said = Object.entries(notes).map(([what, value]) => `; ${what}: at most ${value}`);
    return [
      `\`${part}\``,
      `${PARTS.find(({ name }) => name === part).about}${said.join('')}`,
      points.toLocaleString('en'),
      Math.round(seconds).toString(),
    ];
  });
  const sum = (key) => parts.reduce((total, each) => total + each[key], 0);
  return table(
    ['part', 'what is tried', 'points', 'seconds'],
    [...rows, ['', 'all', sum('points').toLocaleString('en'), Math.round(sum('seconds')).toString()]],
  );
}

function controlTable({ controls }) {
  const rows = controls.map(({ name, promise, caught, points, by }) => [
    name,
    CONTROLS.find((control) => control.name === name).about,
    caught ? `yes, ${promise}` : '**no**',
    String(points),
    by === undefined ? '' : by.replace(/\/\S*\//g, '').replace(/\.[0-9a-f]{12}\./g, '.XXXX.'),
  ]);
  return table(['control', 'what it is', 'caught', 'at point', 'by'], rows);
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}
