import { describe, expect, it } from 'vitest';
import type { Flag } from '#src/cli/flag.js';
import { namesOf, quoteItem, quotePairName, splitList, splitPair, unquote } from '#src/cli/list.js';
import type { Origin } from '#src/cli/usage.js';
import * as read from '#src/cli/values.js';

const flag: Flag = { name: 'thing', kind: 'text', arg: 'X', example: 'x', group: 'run', help: 'A thing.' };
const origin: Origin = { flag, from: 'command line', label: '--thing' };
const GB = 1024 ** 3;

describe('sizes', () => {
  it.each([
    ['1', 1],
    ['512', 512],
    ['64KB', 65_536],
    ['64kb', 65_536],
    ['8MB', 8_388_608],
    ['1.5 MiB', 1_572_864],
    ['1G', GB],
  ])('%s is %d bytes', (text, bytes) => {
    expect(read.readSize(text, origin, GB)).toBe(bytes);
  });

  it.each(['', '0', '-1', '1.5', '64XB', 'MB', '1e3', '2GB', '0x10', '1 constructor'])('refuses %j', (text) => {
    expect(() => read.readSize(text, origin, GB)).toThrow(`--thing takes a size such as 64KB or 8MB, up to 1.0 GB, found '${text}'`);
  });
});

describe('durations', () => {
  it.each([
    ['200ms', 200],
    ['20m', 1_200_000],
    ['26h', 93_600_000],
    ['1.5s', 1500],
    ['2d', 172_800_000],
  ])('%s is %d ms', (text, ms) => {
    expect(read.readDuration(text, origin)).toBe(ms);
  });

  it.each(['', '5', '1.5ms', '-2s', '3 weeks'])('refuses %j', (text) => {
    expect(() => read.readDuration(text, origin)).toThrow('--thing takes a time such as');
  });

  it('take a bare number of milliseconds, and have a bound, where the flag says so', () => {
    const flag = { bareMs: true, maxMs: 1000 };
    expect(['0', '200', '200ms', '1s'].map((text) => read.readDuration(text, origin, flag))).toEqual([0, 200, 200, 1000]);
    for (const text of ['1001', '2s', '0.5', '']) expect(() => read.readDuration(text, origin, flag)).toThrow(`up to 1s, found '${text}'`);
  });
});

describe('limits and shares', () => {
  it('tells rows from shares', () => {
    expect(read.readLimit('10', origin)).toEqual({ kind: 'rows', rows: 10 });
    expect(read.readLimit('0', origin)).toEqual({ kind: 'rows', rows: 0 });
    expect(read.readLimit('1%', origin)).toEqual({ kind: 'share', share: 0.01 });
    expect(read.readLimit('.5%', origin)).toEqual({ kind: 'share', share: 0.005 });
    expect(read.readLimit('100%', origin)).toEqual({ kind: 'share', share: 1 });
  });

  it.each(['', '101%', '-1', '1.5', '%', 'all', '99999999999999999999'])('refuses %j as a limit', (text) => {
    expect(() => read.readLimit(text, origin)).toThrow(/--thing takes a number of rows/);
  });

  it('takes probabilities as numbers and as shares', () => {
    expect(read.readShare('0.35', origin)).toBe(0.35);
    expect(read.readShare('35%', origin)).toBe(0.35);
    expect(read.readShare('1', origin)).toBe(1);
    expect(() => read.readShare('1.01', origin)).toThrow(/from 0 to 1/);
    expect(() => read.readShare('nan', origin)).toThrow(/from 0 to 1/);
  });
});

describe('counts and characters', () => {
  it('takes digits only, within the range', () => {
    expect(read.readCount('12', origin, 1)).toBe(12);
    for (const text of ['0', '-3', '1.0', '1e3', '0x1', ' 1', '１'])
      expect(() => read.readCount(text, origin, 1, 256)).toThrow('a whole number from 1 to 256');
  });

  it('knows tab by three names', () => {
    for (const text of ['tab', '\\t', '\t']) expect(read.readDelimiter(text, origin)).toBe('\t');
    expect(read.readDelimiter(';', origin)).toBe(';');
    for (const text of ['', ';;', '\n', 'é']) expect(() => read.readDelimiter(text, origin)).toThrow('one ASCII character, tab');
  });

  it('takes no quote for none', () => {
    expect([read.readQuote('none', origin), read.readQuote('', origin), read.readQuote("'", origin)]).toEqual(['', '', "'"]);
  });

  it('reads switches of the environment', () => {
    expect(['1', 'true', 'YES', 'on'].map((text) => read.readSwitch(text, origin))).toEqual([true, true, true, true]);
    expect(['0', 'false', 'No', 'off'].map((text) => read.readSwitch(text, origin))).toEqual([false, false, false, false]);
    expect(() => read.readSwitch('maybe', origin)).toThrow("found 'maybe'");
  });
});

describe('lists', () => {
  const names = ['plain', 'a,b', 'say "hi"', '"', '@home', 'x=y', ' padded ', "it's", 'ü'];

  it('cuts at commas outside quotes', () => {
    expect(splitList('a,"b,c",d').map(unquote)).toEqual(['a', 'b,c', 'd']);
    expect(splitList('5" disk,x').map(unquote)).toEqual(['5" disk', 'x']);
    expect(splitList('a="x,y",b=2', true)).toEqual(['a="x,y"', 'b=2']);
    expect(unquote('"open')).toBeUndefined();
  });

  it('reads back every name that it quotes', () => {
    expect(splitList(names.map(quoteItem).join(',')).map(unquote)).toEqual(names);
    for (const name of names) expect(splitPair(`${quotePairName(name)}=col=umn`)).toEqual([name, 'col=umn']);
  });

  it('knows what is no pair', () => {
    for (const item of ['', 'a', '=b', '"a=b']) expect(splitPair(item)).toBeUndefined();
    expect(splitPair('a=')).toEqual(['a', '']);
  });

  it('reads a file of names as it stands, but for the byte order mark, CRLF and empty lines', () => {
    expect(namesOf('\uFEFFage\r\n\r\n capital gain \nid\n')).toEqual(['age', ' capital gain ', 'id']);
  });
});
