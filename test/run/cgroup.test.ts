import { expect, test } from 'vitest';
import { cgroupLimits } from '#src/run/cgroup.js';

const limits = (self: string, files: Readonly<Record<string, string>>) => cgroupLimits(self, (path) => files[path]);
const NONE = { cpus: undefined, memoryBytes: undefined };

test('a container of version 2 sees its own limits at the root', () => {
  const files = { '/sys/fs/cgroup/cpu.max': '150000 100000\n', '/sys/fs/cgroup/memory.max': '268435456\n' };
  expect(limits('0::/\n', files)).toEqual({ cpus: 1.5, memoryBytes: 256 * 2 ** 20 });
});

test('the least limit of a group and those above it holds', () => {
  const files = {
    '/sys/fs/cgroup/memory.max': '8589934592\n',
    '/sys/fs/cgroup/system.slice/memory.max': '1073741824\n',
    '/sys/fs/cgroup/system.slice/score.service/memory.max': 'max\n',
    '/sys/fs/cgroup/system.slice/cpu.max': 'max 100000\n',
    '/sys/fs/cgroup/system.slice/score.service/cpu.max': '50000 100000\n',
  };
  expect(limits('0::/system.slice/score.service\n', files)).toEqual({ cpus: 0.5, memoryBytes: 2 ** 30 });
});

test('version 1, with controllers together, and beside version 2', () => {
  const self = '9:name=systemd:/\n5:cpu,cpuacct:/jobs\n4:memory:/jobs/one\n0::/\n';
  const files = {
    '/sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us': '200000\n',
    '/sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us': '100000\n',
    '/sys/fs/cgroup/memory/jobs/one/memory.limit_in_bytes': '536870912\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  };
  expect(limits(self, files)).toEqual({ cpus: 2, memoryBytes: 2 ** 29 });
  expect(limits(self, { '/sys/fs/cgroup/unified/memory.max': '1048576\n' })).toEqual({ cpus: undefined, memoryBytes: 2 ** 20 });
});

test('a container of version 1 that names a path of its host finds its limits at the root', () => {
  const files = { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' };
  expect(limits('5:cpu,cpuacct:/docker/0123abcd\n', files)).toEqual({ cpus: 1, memoryBytes: undefined });
});

test.each<[string, string, Record<string, string>]>([
  ['no groups at all', '', {}],
  ['no files', '0::/a/b\n3:cpu:/\n', {}],
  ['no limit, version 2', '0::/\n', { '/sys/fs/cgroup/cpu.max': 'max 100000\n', '/sys/fs/cgroup/memory.max': 'max\n' }],
  ['no limit, version 1', '3:cpu:/\n', { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' }],
  ['texts that are no limits', 'x\n0:/\n0::/\n', { '/sys/fs/cgroup/cpu.max': '\n', '/sys/fs/cgroup/memory.max': 'much\n' }],
])('%s: nothing is limited', (_, self, files) => {
  expect(limits(self, files)).toEqual(NONE);
});
