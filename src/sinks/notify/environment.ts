type Environment = Readonly<Record<string, string | undefined>>;

/** Names of variables that programs need to find each other, their configuration, a language and a place for temp files; none that may hold a secret. */
const NEEDED = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR)$/;

/** What a shell looks through where nobody has said anything. */
const DEFAULT_PATH = '/usr/bin:/bin';

/** Folders that a command is looked for in, separated by colons. */
export function commandPath(env: Environment): string {
  return env['PATH'] ?? DEFAULT_PATH;
}

/** The part of an environment that a command gets. */
export function commandEnvironment(env: Environment): Record<string, string> {
  const known = Object.entries(env).flatMap(([name, value]) => (value !== undefined && NEEDED.test(name) ? [[name, value] as const] : []));
  return { ...Object.fromEntries(known), PATH: commandPath(env) };
}
