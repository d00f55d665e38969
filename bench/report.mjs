// A record as text for the terminal, and as Markdown for the documentation.
import { figuresOf, judge } from './claims.mjs';
import { spread } from './measure.mjs';

/** Two tables: what was claimed, and every entrant's figures. */
export function report(record) {
  return [
    `\n${claimRows(record, plain).map(aligned).join('\n')}\n`,
    ...record.results.map((work) => `\n${headOf(work)}\n${figureLines(work)}\n`),
  ].join('');
}

/** The table of claims in Markdown, under a line that says when and where it was measured. */
export function claimsInMarkdown(record) {
  return `${where(record)}\n\n${markdown(['work', 'rows', 'Scoreline', 'against', 'ratio', 'must', 'aim', ''], claimRows(record, marked))}`;
}

/** Every entrant's figures in Markdown, a table a work. */
export function figuresInMarkdown(record) {
  const columns = ['', 'wall, median', 'least to most', 'CPU', 'peak memory', 'runs'];
  return record.results
    .map(
      (work) =>
        `**${headOf(work)}**\n\n${markdown(
          columns,
          work.entrants.map(({ name }) => figureCells(work, name)),
        )}`,
    )
    .join('\n\n');
}

/** Where the time of our own runs went, in Markdown, as their journals say: a line an entrant, the median of each stage. */
export function stagesInMarkdown(record) {
  const stages = ['decode', 'check', 'score', 'encode', 'read', 'write'];
  const lines = record.results.flatMap(({ name: work, entrants }) =>
    entrants
      .filter(({ runs }) => runs[0]?.stages !== undefined)
      .map(({ name, runs }) => {
        const medians = ['total', ...stages].map((stage) => `${spread(runs.map((run) => run.stages[stage])).median.toFixed(2)} s`);
        const { chunks, declined } = runs[0].decoder;
        return [`${work}: ${name}`, ...medians, `${declined} of ${chunks}`];
      }),
  );
  return markdown(['', 'run', ...stages, 'chunks declined'], lines);
}

/** Of the cores, taken by others before the run began: more than this and the table says so. */
const BUSY = 0.25;

const plain = { aim: 'reaches the aim', must: 'reaches the must', short: 'FALLS SHORT' };
const marked = { aim: 'aim', must: 'must', short: '**short**' };

function claimRows(record, words) {
  return judge(record).map(({ claim, rows, ours, theirs, value, verdict }) => {
    const sign = claim.least ? '>=' : '<=';
    const bound = (number) => `${sign} ${claim.unit ? `${number} ${claim.unit}` : number.toFixed(2)}`;
    return [
      claim.title,
      rows.toLocaleString('en'),
      quantity(claim.figure, ours.median),
      theirs ? `${quantity(claim.figure, theirs.median)} ${claim.against}` : '',
      claim.unit ? `${Math.round(value)} ${claim.unit}` : value.toFixed(2),
      bound(claim.must),
      bound(claim.aim),
      words[verdict],
    ];
  });
}

const WIDTHS = [42, 11, 9, 30, 8, 10, 10];
const aligned = (cells) => cells.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index] ?? 0))).join('  ');

function headOf({ title, rows }) {
  return `${title}, ${rows.toLocaleString('en')} rows`;
}

function figureLines(work) {
  return work.entrants
    .map(({ name }) => figureCells(work, name))
    .map(
      ([name, wall, range, cpu, peak, runs]) =>
        `  ${name.padEnd(22)}${wall.padStart(9)}  ${range.padStart(14)}  CPU ${cpu.padStart(8)}  peak ${peak.padStart(8)}  ${runs} runs`,
    )
    .join('\n');
}

/** Of the runtime alone the seconds inside are what counts: a second line of cells would only repeat what no claim uses. */
function figureCells(work, name) {
  const of = (figure) => figuresOf(work, name, figure);
  const inside = of('insideSeconds');
  const wall = inside ?? of('seconds');
  const shown = (figure) => (of(figure) ? quantity(figure, of(figure).median) : '-');
  const runs = work.entrants.find((entrant) => entrant.name === name).runs.length;
  return [
    inside ? `${name} (inside)` : name,
    quantity('seconds', wall.median),
    `${wall.least.toFixed(2)}-${wall.most.toFixed(2)}`,
    shown('cpuSeconds'),
    shown('peakMB'),
    String(runs),
  ];
}

function quantity(figure, value) {
  return figure === 'peakMB' ? `${Math.round(value)} MB` : `${value.toFixed(2)} s`;
}

function where({ date, machine, threads, scoreline, commit }) {
  const version = commit === undefined ? scoreline : `${scoreline} (${commit})`;
  const busy =
    machine.loadBefore >= BUSY * threads ? ` The machine was busy with other things (load ${machine.loadBefore}): wall times mean little.` : '';
  return `Scoreline ${version}, ${date.slice(0, 10)}, ${machine.cpu}, ${threads} cores, ${machine.memoryGB} GB, ${machine.system}, Node ${machine.node}. Medians; contenders have as many threads as cores.${busy}`;
}

function markdown(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
