import { listedFlags, type Command, type Example } from './command.js';
import { GROUPS, usageOf, variableOf, type Flag, type Group } from './flag.js';
import { definitions, wrap } from './wrap.js';

const MIN_WIDTH = 80;
const MAX_WIDTH = 100;
const TERM_WIDTH = 26;

/** The width of help on a terminal of so many columns; undefined: no terminal. */
export function helpWidth(columns: number | undefined): number {
  return Math.max(MIN_WIDTH, Math.min(columns ?? MIN_WIDTH, MAX_WIDTH));
}

/** What `scoreline --help` prints. */
export function mainHelp(commands: readonly Command[], width: number): string {
  const lines = [
    'Scores CSV and Arrow files with an ONNX model, in one process, every row accounted for.',
    '',
    'Usage: scoreline COMMAND [flags]',
    '',
    'Commands:',
    ...definitions(commands.map(({ name, summary }) => [name, summary]), TERM_WIDTH, width), // prettier-ignore
    '',
    'Flags:',
    ...definitions(
      [
        ['-h, --help', 'Print help; also of a command: scoreline score --help'],
        ['-V, --version', 'Print the version.'],
      ],
      TERM_WIDTH,
      width,
    ),
    '',
    ...examplesOf(commands[0]?.examples ?? []),
    '',
    ...wrap(
      'Exit statuses: 0 published, 3 published with a warning, 64 usage, 65 input data, 66 file missing, 69 model, 70 defect, 73-74 output, 75 another run is at work, 76 withheld by a gate, 77 permission, 78 configuration, 124 deadline.',
      width,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** What `scoreline journal --help` prints: the commands of two words that begin with this one. */
export function groupHelp(group: string, commands: readonly Command[], width: number): string {
  const own = commands.filter(({ name }) => name.startsWith(`${group} `));
  const lines = [
    ...own.map(({ usage }, index) => `${index === 0 ? 'Usage: ' : '       '}${usage}`),
    '',
    'Commands:',
    ...definitions(own.map(({ name, summary }) => [name, summary]), TERM_WIDTH, width), // prettier-ignore
    '',
    ...examplesOf(own.flatMap(({ examples }) => examples.slice(0, 1))),
    '',
    `Flags of each: scoreline ${own[0]?.name ?? group} --help`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What `scoreline COMMAND --help` prints. */
export function commandHelp(command: Command, width: number): string {
  const groups = groupsOf(listedFlags(command)).flatMap(({ title, flags }) => [
    '',
    `${title}:`,
    ...definitions(flags.map((flag) => [term(flag), textOf(flag)]), TERM_WIDTH, width), // prettier-ignore
  ]);
  const lines = [
    `Usage: ${command.usage}`,
    '',
    ...command.description.flatMap((paragraph) => wrap(paragraph, width)),
    '',
    ...examplesOf(command.examples),
    ...groups,
    ...(command.likeScore === true ? ['', ...wrap('Besides, the flags of scoreline score: scoreline score --help', width), ''] : []),
    ...definitions([['-h, --help', 'Print this help.']], TERM_WIDTH, width),
    '',
    ...wrap(variablesText(command.flags), width),
  ];
  return `${lines.join('\n')}\n`;
}

function variablesText(flags: readonly Flag[]): string {
  const read = flags.filter(({ environment }) => environment !== false);
  const which = read.length === flags.length ? 'Every flag' : 'Every flag that does not say which runs';
  const first = read[0];
  return `${which} is also read from the environment${first === undefined ? '' : ` (--${first.name} from ${variableOf(first)})`}; the command line wins.`;
}

/** Flags by group, groups and flags in the order of their tables. */
export function groupsOf(flags: readonly Flag[]): readonly { readonly title: string; readonly flags: readonly Flag[] }[] {
  return (Object.keys(GROUPS) as Group[])
    .map((group) => ({ title: GROUPS[group], flags: flags.filter((flag) => flag.group === group) }))
    .filter((group) => group.flags.length > 0);
}

/** Flags without a short name stand below the long names of those that have one. */
function term(flag: Flag): string {
  return flag.short === undefined ? `    ${usageOf(flag)}` : usageOf(flag);
}

function textOf(flag: Flag): string {
  return flag.default === undefined ? flag.help : `${flag.help} [default: ${flag.default}]`;
}

function examplesOf(examples: readonly Example[]): readonly string[] {
  return ['Examples:', ...examples.flatMap(({ title, lines }) => [`  ${title}`, ...lines.map((line) => `    ${line}`)])];
}
