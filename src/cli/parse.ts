import { Argument, Command as Parser, CommanderError, Option } from 'commander';
import type { ScorelineError } from '../errors/errors.js';
import { COMMANDS, type Command } from './command.js';
import { argumentOf, type Flag } from './flag.js';
import { commandHelp, groupHelp, mainHelp } from './help.js';
import { isGroup, missingArgument, missingCommand, refusal } from './refusal.js';
import type { Given } from './settings.js';

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
    .configureHelp({ formatHelp: (parser) => helpOf(nameOf(parser), width) })
    .version(`scoreline ${version}`, '-V, --version')
    .helpCommand('help [command]');
  for (const command of COMMANDS) {
    parentOf(command, program).addCommand(
      parserOf(command, given, program).action(() => {
        chosen = command;
      }),
    );
  }
  if (argv.length === 0) return { kind: 'refuse', error: missingCommand(), given };
  const words = helpFirst(argv);
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    // `scoreline help` shows the help and, unlike --help, throws with a status of 1
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help') && shown !== '')
      return { kind: 'show', text: shown };
    return { kind: 'refuse', error: refusal(error, words), given };
  }
  return chosen === undefined ? { kind: 'refuse', error: missingCommand(), given } : { kind: 'run', command: chosen, given };
}

/** commander's help takes one word: `help journal show` is asked of `journal`. */
function helpFirst(argv: readonly string[]): readonly string[] {
  const [first, group, ...rest] = argv;
  return first === 'help' && isGroup(group) && rest.length > 0 ? [group, first, ...rest] : argv;
}

/** What a command is a subcommand of: of the program, or of the parser of the first of its two words. */
function parentOf({ name }: Command, program: Parser): Parser {
  const [group, second] = name.split(' ');
  if (group === undefined || second === undefined) return program;
  const known = program.commands.find((parser) => parser.name() === group);
  if (known !== undefined) return known;
  const parser = new Parser(group).copyInheritedSettings(program);
  program.addCommand(parser);
  return parser;
}

/** The words by which a parser is called, without the program's own. */
function nameOf(parser: Parser): string {
  if (parser.parent === null) return '';
  return `${nameOf(parser.parent)} ${parser.name()}`.trimStart();
}

function parserOf(command: Command, given: Given[], program: Parser): Parser {
  const parser = new Parser(command.name.split(' ').at(-1)).copyInheritedSettings(program);
  const spellings = new Set(command.flags.flatMap((flag) => [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])]));
  for (const flag of command.flags) {
    parser.addOption(optionOf(flag));
    // commander keeps one value a name, and takes --no-x for x: false; the event has every occurrence as it was written
    parser.on(`option:${flag.name}`, (text?: string | null) => {
      if (typeof text === 'string' && spellings.has(text)) throw missingArgument(flag, text);
      given.push({ name: flag.name, text: text ?? undefined, label: `--${flag.name}` });
    });
  }
  const { label, flag, several } = command.argument;
  parser.addArgument(
    new Argument(several === true ? `[${label}...]` : `[${label}]`).argParser((text: string) => given.push({ name: flag, text, label })),
  );
  return parser;
}

function optionOf(flag: Flag): Option {
  const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
  return new Option(argumentOf(flag) === undefined ? names : `${names} <value>`);
}

/** Help of a command, of the first word of two, or of the program. */
function helpOf(name: string, width: number): string {
  const command = COMMANDS.find((entry) => entry.name === name);
  if (command !== undefined) return commandHelp(command, width);
  return isGroup(name) ? groupHelp(name, COMMANDS, width) : mainHelp(COMMANDS, width);
}
