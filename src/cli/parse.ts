import { Argument, Command as Parser, CommanderError, Option } from 'commander';
import { DefectError, type ScorelineError } from '../errors/errors.js';
import { nearMisses } from '../errors/nearest.js';
import { COMMANDS, type Command } from './command.js';
import { usageOf, argumentOf, type Flag } from './flag.js';
import { commandHelp, mainHelp } from './help.js';
import type { Given } from './settings.js';
import { looksLikeModel, shellPath } from './shell.js';
import { usageError } from './usage.js';

/** What a command line asks for. */
export type Invocation =
  /** A text for stdout: help, version. */
  | { readonly kind: 'show'; readonly text: string }
  | { readonly kind: 'run'; readonly command: Command; readonly given: readonly Given[] }
  /** Not understood; `given` is what was, for the flags that say how to report. */
  | { readonly kind: 'refuse'; readonly error: ScorelineError; readonly given: readonly Given[] };

/**
 * Takes a command line apart (`argv` without node and script), by commander. Texts of arguments are kept as given: reading them is left to
 * the settings, which know the environment too.
 */
export function parse(argv: readonly string[], version: string, width: number): Invocation {
  const given: Given[] = [];
  let shown = '';
  let chosen: Command | undefined;
  const program = new Parser('scoreline')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: (text) => (shown += text), writeErr: () => undefined, outputError: () => undefined })
    .configureHelp({ formatHelp: (parser) => helpOf(parser.name(), width) })
    .version(`scoreline ${version}`, '-V, --version')
    .helpCommand('help [command]');
  for (const command of COMMANDS) {
    program.addCommand(
      parserOf(command, given, program).action(() => {
        chosen = command;
      }),
    );
  }
  if (argv.length === 0) return { kind: 'refuse', error: missingCommand(), given };
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    // `scoreline help` shows the help and, unlike --help, throws with a status of 1
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help') && shown !== '')
      return { kind: 'show', text: shown };
    return { kind: 'refuse', error: refusal(error, argv), given };
  }
  return chosen === undefined ? { kind: 'refuse', error: missingCommand(), given } : { kind: 'run', command: chosen, given };
}

function parserOf(command: Command, given: Given[], program: Parser): Parser {
  const parser = new Parser(command.name).copyInheritedSettings(program);
  const spellings = new Set(command.flags.flatMap((flag) => [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])]));
  for (const flag of command.flags) {
    parser.addOption(optionOf(flag));
    // commander keeps one value a name, and takes --no-x for x: false; the event has every occurrence as it was written
    parser.on(`option:${flag.name}`, (text?: string | null) => {
      if (typeof text === 'string' && spellings.has(text)) throw missingArgument(flag, text);
      given.push({ name: flag.name, text: text ?? undefined, label: `--${flag.name}` });
    });
  }
  const { label, flag } = command.argument;
  parser.addArgument(new Argument(`[${label}]`).argParser((text: string) => given.push({ name: flag, text, label })));
  return parser;
}

function optionOf(flag: Flag): Option {
  const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
  return new Option(argumentOf(flag) === undefined ? names : `${names} <value>`);
}

function helpOf(name: string, width: number): string {
  const command = COMMANDS.find((entry) => entry.name === name);
  return command === undefined ? mainHelp(COMMANDS, width) : commandHelp(command, width);
}

function missingCommand(): ScorelineError {
  return usageError(
    'missing-command',
    'no command is given',
    'For example: scoreline score -m MODEL INPUT -o OUTPUT (scoreline --help lists the commands)',
  );
}

function missingArgument(flag: Flag, found: string): ScorelineError {
  return usageError('missing-argument', `--${flag.name} takes an argument, found the flag '${found}'`, `Write it as: ${usageOf(flag)}`);
}

/** The last word is a flag that takes an argument; `word` is as commander calls it: `-o, --output <value>`. */
function missingLast(word: string, command: Command | undefined): ScorelineError {
  const names = word.replace(' <value>', '');
  const flag = command?.flags.find(({ name }) => names.endsWith(`--${name}`));
  const fix = flag === undefined ? seeHelp(command) : `Write it as: ${usageOf(flag)}`;
  return usageError('missing-argument', `the flag ${names} stands without its argument`, fix);
}

/** commander's errors, by code, in our words. */
function refusal(error: unknown, argv: readonly string[]): ScorelineError {
  if (!(error instanceof CommanderError)) return error as ScorelineError;
  // the word at fault stands in quotes in the message, and nowhere else
  const word = /'([^]*)'/.exec(error.message)?.[1] ?? '';
  const command = COMMANDS.find(({ name }) => name === argv[0]);
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownFlag(word, command);
    case 'commander.unknownCommand':
      return unknownCommand(word);
    case 'commander.help': // help of a command that there is none of
      return unknownCommand(argv[1] ?? '');
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

function unknownCommand(word: string): ScorelineError {
  const near = nearMisses(word, COMMANDS.map(({ name }) => name)); // prettier-ignore
  const isFile = /[./]/.test(word);
  const fix =
    near.length > 0
      ? `Did you mean: scoreline ${near[0] ?? ''}`
      : isFile
        ? `To score a file: scoreline score -m MODEL ${word}`
        : `Commands are: ${COMMANDS.map(({ name }) => name).join(', ')}`;
  return usageError('unknown-command', `there is no command '${word}'`, fix, { command: word, suggestions: near });
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
