/** Paths that name a descriptor of the process that opens them: what a shell puts in the place of `<(...)`. */
const OWN_DESCRIPTOR = /^\/(?:dev\/fd|proc\/self\/fd)\/(\d+)$/;

/** Descriptors beyond stdin, stdout and stderr that paths among some options name: a process that shall open those paths must inherit them. */
export function namedDescriptors(options: object): number[] {
  const named = Object.values(options).flatMap((value) => (typeof value === 'string' ? (OWN_DESCRIPTOR.exec(value)?.[1] ?? []) : []));
  return [...new Set(named.map(Number))].filter((descriptor) => descriptor > 2);
}

/** What `spawn` takes as stdio so that a child has the descriptors of its parent under the same numbers, and a channel under a number that is free. */
export function inheritedStdio(descriptors: readonly number[]): (number | 'ignore' | 'ipc')[] {
  const own = [0, 1, 2, ...descriptors];
  const last = Math.max(...own);
  const stdio = Array.from({ length: last + 1 }, (_, at): number | 'ignore' | 'ipc' => (own.includes(at) ? at : 'ignore'));
  const free = stdio.indexOf('ignore');
  if (free < 0) return [...stdio, 'ipc'];
  stdio[free] = 'ipc';
  return stdio;
}
