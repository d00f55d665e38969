import { chmodSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectNames, openFolder } from './folder.js';
import { runShell, works } from './run-child.js';

const isRoot = process.getuid?.() === 0;
const canMount = works('unshare -Urm sh -c "mount -t tmpfs none /mnt"');
const canLimit = works('prlimit --fsize=1000000 true');

/** A folder with an old output of 3,000 bytes. */
function withOld(): { folder: string; expectOld: () => void } {
  const folder = openFolder();
  const old = 'old\n'.repeat(750);
  writeFileSync(join(folder, 'out.csv'), old);
  const expectOld = (): void => {
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe(old);
    expectNames(folder, 'out.csv');
  };
  return { folder, expectOld };
}

describe.runIf(canLimit)('a limit on file size', () => {
  // The kernel first takes what still fits, and calls that a success; only the next write is refused.
  test.each([1, 4095, 4096, 65_537, 399_999])('of %i bytes: the old output stays', async (limit) => {
    const { folder, expectOld } = withOld();
    const { status, ending } = await runShell(`prlimit --fsize=${limit} "$NODE" "$CHILD" out.csv 400000 --pieces 30000`, folder);
    expect(ending).toMatchObject({ code: 'output-too-large', details: { bytesWritten: limit } });
    expect(status).toBe(74);
    expectOld();
  });

  test('of just enough is no limit', async () => {
    const { folder } = withOld();
    const { status } = await runShell('prlimit --fsize=400000 "$NODE" "$CHILD" out.csv 400000', folder);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'out.csv')).length).toBe(400_000);
  });
});

describe.runIf(canMount)('a small disk', () => {
  /** What is on the disk after the run, as `name bytes` lines, then the run's ending. */
  const onTmpfs = (kilobytes: number, bytes: number): ReturnType<typeof runShell> =>
    runShell(
      `unshare -Urm bash -c 'mount -t tmpfs -o size=${kilobytes}k none /mnt && printf "old\\n" > /mnt/out.csv; "$NODE" "$CHILD" /mnt/out.csv ${bytes}; status=$?; cd /mnt; stat -c "%n %s" .[!.]* * 2>/dev/null; exit $status'`,
      openFolder(),
    );

  test.each([8, 16, 36, 64, 100, 200, 380])('of %i KB: the old output stays, the message says how far it came', async (kilobytes) => {
    const { status, stdout, ending } = await onTmpfs(kilobytes, 400_000);
    expect(status).toBe(74);
    expect(ending?.code).toBe('no-space');
    expect(ending?.message).toMatch(/cannot write '\/mnt\/out.csv', after \d+ bytes: no space left/);
    expect(Number(ending?.details?.['bytesWritten'])).toBeLessThan(kilobytes * 1024);
    expect(stdout.toString()).toBe('out.csv 4\n');
  });

  test('that is large enough takes the whole', async () => {
    const { status, stdout } = await onTmpfs(500, 400_000);
    expect(status).toBe(0);
    expect(stdout.toString()).toBe('out.csv 400000\n');
  });

  test('that is read-only says so', async () => {
    const { status, ending } = await runShell(
      `unshare -Urm bash -c 'mount -t tmpfs none /mnt && mount -o remount,ro /mnt && "$NODE" "$CHILD" /mnt/out.csv 10'`,
      openFolder(),
    );
    expect(status).toBe(73);
    expect(ending?.code).toBe('output-read-only');
  });
});

describe('permission', () => {
  const asNobody = isRoot ? '--uid 65534' : '';

  test('to write in the folder is needed', async () => {
    const { folder, expectOld } = withOld();
    chmodSync(folder, 0o555);
    const { status, ending } = await runShell(`"$NODE" "$CHILD" ${folder}/out.csv 10 ${asNobody}`, '/');
    chmodSync(folder, 0o755);
    expect(ending).toMatchObject({ code: 'output-permission' });
    expect(status).toBe(77);
    expectOld();
  });

  test('to enter the folder is needed', async () => {
    const { folder, expectOld } = withOld();
    mkdirSync(join(folder, 'closed'), { mode: 0o000 });
    const { status, ending } = await runShell(`"$NODE" "$CHILD" ${folder}/closed/out.csv 10 ${asNobody}`, '/');
    rmdirSync(join(folder, 'closed'));
    expect(ending).toMatchObject({ code: 'output-permission' });
    expect(status).toBe(77);
    expectOld();
  });
});

test('killed at any moment the output is the old one or the whole new one', async () => {
  const { folder } = withOld();
  const seen = new Set<number>();
  for (let round = 0; round < 24; round++) {
    writeFileSync(join(folder, 'out.csv'), 'old\n'.repeat(750));
    // From before the first write to after the last.
    await runShell(`timeout -s KILL ${(0.03 + round * 0.004).toFixed(3)} "$NODE" "$CHILD" out.csv 4000000 --pieces 10000`, folder);
    seen.add(readFileSync(join(folder, 'out.csv')).length);
  }
  expect([3000, 4_000_000]).toEqual(expect.arrayContaining([...seen]));
});
