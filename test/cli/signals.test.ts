import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { InterruptedError } from '#src/errors/errors.js';
import { watchSignals } from '#src/cli/signals.js';

class Host extends EventEmitter {
  readonly pid = 42;
  readonly killed: [number, string][] = [];
  kill(pid: number, signal: string): boolean {
    // by then the default action must hold again
    if (this.listenerCount(signal) === 0) this.killed.push([pid, signal]);
    return true;
  }
}

describe('signals', () => {
  it.each([
    ['SIGINT', 'interrupted', 'interrupt', 130],
    ['SIGTERM', 'terminated', 'terminate', 143],
    ['SIGHUP', 'hung-up', 'hangup', 129],
  ] as const)('%s aborts, and ends the process by the same signal when all is cleaned up', (name, code, status, number) => {
    const host = new Host();
    const watch = watchSignals(host);
    host.emit(name);
    expect(watch.signal.aborted).toBe(true);
    const reason = watch.signal.reason as InterruptedError;
    expect([reason instanceof InterruptedError, reason.code, reason.status]).toEqual([true, code, number]);
    expect(host.killed).toEqual([]);
    watch.close(status);
    expect(host.killed).toEqual([[42, name]]);
  });

  it('end the process at once the second time', () => {
    const host = new Host();
    let nowMs = 0;
    watchSignals(host, () => nowMs);
    host.emit('SIGINT');
    nowMs = 900; // `timeout` signals the child and then its group: that is one signal
    host.emit('SIGTERM');
    expect(host.killed).toEqual([]);
    nowMs = 1100;
    host.emit('SIGTERM');
    expect(host.killed).toEqual([[42, 'SIGTERM']]);
  });

  it('that come too late spoil no success', () => {
    const host = new Host();
    const watch = watchSignals(host);
    host.emit('SIGINT');
    watch.close('ok');
    expect([host.killed, host.listenerCount('SIGINT')]).toEqual([[], 0]);
  });
});
