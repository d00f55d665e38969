// Reads the shim's record of a run.
import { readFileSync } from 'node:fs';

/**
 * One counted call.
 * @typedef {object} Call
 * @property {number} number from 1, in the order in which the calls began
 * @property {number} pid
 * @property {string} name open, create, truncate, write, sync, syncfolder, lie, ftruncate, fchmod, fchown, chmod, rename, link, symlink, unlink, mkdir, rmdir
 * @property {number} result what it gave, or -errno
 * @property {number} inode of the file; for names, of the file that had the name
 * @property {number} offset of a write; of ftruncate the size
 * @property {string} path
 * @property {string} other where a rename or link leads
 * @property {Buffer} bytes that a write took
 */

/** @returns {Call[]} */
export function readTrace(path) {
  const file = readFileSync(path);
  const calls = [];
  for (let at = 0; at < file.length;) {
    const end = file.indexOf(0x0a, at);
    const [number, pid, name, result, inode, offset, length, from, to] = file.toString('utf8', at, end).split('\t');
    at = end + 1 + Number(length);
    calls.push({
      number: Number(number),
      pid: Number(pid),
      name,
      result: Number(result),
      inode: Number(inode),
      offset: Number(offset),
      path: unescape(from),
      other: unescape(to),
      bytes: file.subarray(end + 1, at),
    });
  }
  return calls.sort((a, b) => a.number - b.number);
}

function unescape(text) {
  return text.replace(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
