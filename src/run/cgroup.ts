/** What the control groups of a process leave it. Undefined where they set no limit. */
export interface CgroupLimits {
  /** CPU time for wall-clock time: 1.5 is one and a half cores. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
}

const MOUNT = '/sys/fs/cgroup';

/** Where version 2 is mounted: alone, or beside version 1. */
const V2_MOUNTS = [MOUNT, `${MOUNT}/unified`];

/**
 * Reads the limits of the groups that `/proc/self/cgroup` (its text is `self`) names, of both versions, and of all groups above them: the least one holds. A
 * container sees its own group at the mount's root, whatever path the text names. `read` gives a file's text, undefined where there is none.
 *
 * Formats: https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max, memory.max); v1: scheduler/sched-bwc, cgroup-v1/memory.
 */
export function cgroupLimits(self: string, read: (path: string) => string | undefined): CgroupLimits {
  const cpus: number[] = [];
  const memory: number[] = [];
  for (const { controllers, path } of groupsOf(self)) {
    for (const folder of foldersOf(path)) {
      if (controllers.length === 0) {
        for (const mount of V2_MOUNTS) {
          const [quota, period] = numbers(read(`${mount}${folder}/cpu.max`));
          cpus.push(share(quota, period));
          memory.push(...numbers(read(`${mount}${folder}/memory.max`)));
        }
      }
      if (controllers.includes('cpu')) {
        const at = (file: string): number[] =>
          numbers(read(`${MOUNT}/${controllers.join(',')}${folder}/${file}`) ?? read(`${MOUNT}/cpu${folder}/${file}`));
        cpus.push(share(at('cpu.cfs_quota_us')[0], at('cpu.cfs_period_us')[0]));
      }
      if (controllers.includes('memory')) memory.push(...numbers(read(`${MOUNT}/memory${folder}/memory.limit_in_bytes`)));
    }
  }
  return { cpus: least(cpus), memoryBytes: least(memory) };
}

/** Lines such as `4:cpu,cpuacct:/a/b` (version 1) and `0::/a/b` (version 2: no controllers). */
function groupsOf(self: string): { readonly controllers: readonly string[]; readonly path: string }[] {
  return self.split('\n').flatMap((line) => {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return names === undefined || path === undefined ? [] : [{ controllers: names === '' ? [] : names.split(','), path }];
  });
}

/** `/a/b`, `/a` and the root, which is empty. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return Array.from({ length: parts.length + 1 }, (_, count) => parts.slice(0, parts.length - count).map((part) => `/${part}`).join('')); // prettier-ignore
}

/** `max` and -1 stand for no limit, as NaN and below zero do here. */
function numbers(text: string | undefined): number[] {
  return text === undefined ? [] : text.trim().split(/\s+/).map(Number);
}

function share(quota: number | undefined, period: number | undefined): number {
  return quota === undefined || period === undefined ? NaN : quota / period;
}

function least(values: readonly number[]): number | undefined {
  const limits = values.filter((value) => value > 0);
  return limits.length === 0 ? undefined : Math.min(...limits);
}
