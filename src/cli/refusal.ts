import { CommanderError } from 'commander';
import { DefectError, type ScorelineError } from '../errors/errors.js';
import { nearMisses } from '../errors/nearest.js';
import { COMMANDS, type Command } from './command.js';
import { usageOf, type Flag } from './flag.js';
import { looksLikeModel, shellPath } from './shell.js';
import { usageError } from './usage.js';

/** The command that a line names, by one word or two; undefined where it names none. */
export function commandNamed(argv: readonly string[]): Command | undefined {
  return COMMANDS.find(({ name }) => name === argv.slice(0, name.split(' ').length).join(' '));
}

/** Nothing, or nothing but the first word of commands of two (`scoreline journal`). */
export function missingCommand(group?: string): ScorelineError {
  if (group === undefined) {
    return usageError(
      'missing-command',
      'no command is given',
      'For example: scoreline score -m MODEL INPUT -o OUTPUT (scoreline --help lists the commands)',
    );
  }
  const [first, ...rest] = COMMANDS.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => `scoreline ${name}`);
  return usageError('missing-command', `scoreline ${group} needs to be told what to do`, `Write: ${[first, ...rest].join(', or ')}`);
}

export function missingArgument(flag: Flag, found: string): ScorelineError {
  return usageError('missing-argument', `--${flag.name} takes an argument, found the flag '${found}'`, `Write it as: ${usageOf(flag)}`);
}

/** commander's errors, by code, in our words. */
export function refusal(error: unknown, argv: readonly string[]): ScorelineError {
  if (!(error instanceof CommanderError)) return error as ScorelineError;
  // the word at fault stands in quotes in the message, and nowhere else
  const word = /'([^]*)'/.exec(error.message)?.[1] ?? '';
  const command = commandNamed(argv);
  const group = isGroup(argv[0]) ? argv[0] : undefined;
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownFlag(word, command);
    case 'commander.unknownCommand':
      return unknownCommand(word, group);
    case 'commander.help': // of a command that there is none of, or of the first word of two alone
      return argv.length === 1 ? missingCommand(group) : unknownCommand(argv.at(-1) ?? '', group);
    case 'commander.optionMissingArgument':
      return missingLast(word, command);
    case 'commander.excessArguments':
      return usageError(
        'too-many-arguments',
        `scoreline ${command?.name ?? ''} takes one ${command?.argument.label ?? 'argument'}, found more`,
        oneAtATime(command, argv),
      );
    default:
      return new DefectError(`unexpected answer of the parser: ${error.code}`, { cause: error });
  }
}

/** Is this the first word of commands of two words? */
export function isGroup(word: string | undefined): word is string {
  return word !== undefined && COMMANDS.some(({ name }) => name.startsWith(`${word} `));
}

/** The last word is a flag that takes an argument; `word` is as commander calls it: `-o, --output <value>`. */
function missingLast(word: string, command: Command | undefined): ScorelineError {
  const names = word.replace(' <value>', '');
  const flag = command?.flags.find(({ name }) => names.endsWith(`--${name}`));
  const fix = flag === undefined ? seeHelp(command) : `Write it as: ${usageOf(flag)}`;
  return usageError('missing-argument', `the flag ${names} stands without its argument`, fix);
}

function unknownFlag(word: string, command: Command | undefined): ScorelineError {
  const name = word.split('=')[0] ?? word;
  const flags = command?.flags.map((flag) => `--${flag.name}`) ?? [];
  const near = nearMisses(name, [...flags, '--help', '--version']);
  const elsewhere = COMMANDS.find(
    (other) => other !== command && other.flags.some((flag) => `--${flag.name}` === name || `-${flag.short ?? ''}` === name),
  );
  const fix =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : elsewhere === undefined
        ? seeHelp(command)
        : `It is a flag of: scoreline ${elsewhere.name}`;
  const of = command === undefined ? 'scoreline' : `scoreline ${command.name}`;
  return usageError('unknown-flag', `${of} has no flag ${name}`, fix, { flag: name, suggestions: near });
}

function unknownCommand(word: string, group: string | undefined): ScorelineError {
  const names = COMMANDS.map(({ name }) => name).filter((name) => group === undefined || name.startsWith(`${group} `));
  const whole = group === undefined ? word : `${group} ${word}`;
  // `show` alone is near to `journal show`, too
  const near = names.filter((name) => name.endsWith(` ${word}`)).concat(nearMisses(whole, names));
  const isFile = /[./]/.test(word);
  const fix =
    near.length > 0
      ? `Did you mean: scoreline ${near[0] ?? ''}`
      : isFile
        ? group === undefined
          ? `To score a file: scoreline score -m MODEL ${word}`
          : `Write: scoreline ${names[0] ?? group} ${shellPath(word)}`
        : `Commands are: ${names.join(', ')}`;
  return usageError('unknown-command', `there is no command '${whole}'`, fix, { command: whole, suggestions: near });
}

function oneAtATime(command: Command | undefined, argv: readonly string[]): string {
  if (command?.name !== 'score') return seeHelp(command);
  const hasModel = argv.some((word) => word.startsWith('-m') || word.startsWith('--model'));
  const model = argv.find(looksLikeModel);
  if (!hasModel && model !== undefined) return `Put -m before the model: scoreline score -m ${shellPath(model)} INPUT -o OUTPUT`;
  return 'Score files one by one: for f in *.csv; do scoreline score -m MODEL "$f" -o "scores/$f"; done';
}

function seeHelp(command: Command | undefined): string {
  return `See: scoreline ${command === undefined ? '' : `${command.name} `}--help`;
}
