/** Why a command line was refused, all with status 64. Stable: programs match on them in `--log-format json`. */
export const USAGE_CODES = {
  'bad-value': 'a flag or variable has a value that it does not take',
  'conflicting-flags': 'two flags contradict each other, or an argument is given twice',
  'list-unreadable': 'the file of an @FILE argument cannot be read, or names nothing',
  'missing-argument': 'a flag stands without the argument that it takes',
  'missing-command': 'no command is given',
  'missing-flag': 'a flag stands without another one that it needs',
  'missing-input': 'no input is given, and stdin is a terminal',
  'missing-job': 'no job file is given',
  'missing-journal': 'no journal is named, and none is where they are looked for',
  'missing-model': 'no model is given',
  'terminal-output': 'Arrow would be written to a terminal',
  'too-many-arguments': 'a command got more arguments than it takes',
  'unknown-command': 'there is no such command',
  'unknown-flag': 'the command has no such flag',
} as const;

export type UsageCode = keyof typeof USAGE_CODES;
