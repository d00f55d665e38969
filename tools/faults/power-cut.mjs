// What a power cut can leave of a folder: the calls of a recorded run are replayed, and what was not synced before the cut may be missing, each on its own.
//
// The model is POSIX, stricter than any common filesystem: bytes of a file are safe after a sync of that file; a name (its creation, rename, removal) is safe
// after a sync of its folder, and not by a sync of the file. What is not safe may be there or not, in any combination; a rename is one step.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesBelow } from './scene.mjs';

/**
 * A change to bytes or names.
 * @typedef {object} Change
 * @property {number} at index of the call
 * @property {number} safe index of the call after which it can no longer be lost; Infinity where none
 * @property {'bytes' | 'names'} kind
 * @property {string} label
 * @property {(world: World) => void} apply
 * @property {((world: World) => void) | undefined} half a write of which only half arrived
 */

/** Names to files, files to bytes. */
class World {
  /** @type {Map<string, object>} */
  names = new Map();
  /** Bytes with room to grow, and how many of them count. @type {Map<object, { room: Buffer, size: number, shared: boolean }>} */
  #bytes = new Map();

  /** A file as it was before; its bytes are not written to. */
  begin(name, file, bytes) {
    this.names.set(name, file);
    this.#bytes.set(file, { room: bytes, size: bytes.length, shared: true });
  }

  write(file, offset, bytes) {
    const content = this.#withRoom(file, offset + bytes.length);
    bytes.copy(content.room, offset); // what lies between is zeros
    content.size = Math.max(content.size, offset + bytes.length);
  }

  resize(file, size) {
    const content = this.#withRoom(file, size);
    content.room.fill(0, Math.min(size, content.size));
    content.size = size;
  }

  #withRoom(file, size) {
    const content = this.#bytes.get(file) ?? { room: Buffer.alloc(0), size: 0, shared: true };
    if (content.shared || content.room.length < size) {
      const room = Buffer.alloc(Math.max(size, 2 * content.size));
      content.room.copy(room, 0, 0, content.size);
      Object.assign(content, { room, shared: false });
    }
    this.#bytes.set(file, content);
    return content;
  }

  /** Relative path to bytes. */
  files() {
    return new Map([...this.names].map(([name, file]) => [name, this.#read(file)]));
  }

  #read(file) {
    const content = this.#bytes.get(file);
    return content === undefined ? Buffer.alloc(0) : content.room.subarray(0, content.size);
  }
}

/**
 * @param {string} folder where the run was recorded
 * @param {Map<string, { inode: number, bytes: Buffer }>} before the files that were there, by relative path
 * @param {import('./trace.mjs').Call[]} calls
 */
export class Recording {
  /** @type {Change[]} */
  #changes = [];
  #before;
  #length;

  constructor(folder, before, calls) {
    this.#before = new Map([...before].map(([name, { bytes }]) => [name, { file: { name }, bytes }]));
    this.#length = calls.length;
    this.#read(folder, before, calls);
  }

  /** Number of calls: a cut may come after 0 to this many. */
  get length() {
    return this.#length;
  }

  #read(folder, before, calls) {
    const relative = (path) => path.slice(folder.length + 1);
    const names = new Map([...this.#before].map(([name, { file }]) => [name, file]));
    const byInode = new Map([...before].map(([name, { inode }]) => [inode, names.get(name)]));
    const change = (at, kind, label, owner, apply, half) => this.#changes.push({ at, safe: Infinity, kind, label, owner, apply, half });
    const settle = (at, isSafe) => {
      for (const each of this.#changes) if (each.safe === Infinity && isSafe(each)) each.safe = at;
    };
    calls.forEach((call, at) => {
      if (call.result < 0) return;
      const path = relative(call.path);
      const other = relative(call.other);
      const folders = [...new Set([dirname(call.path), dirname(call.other === '' ? call.path : call.other)])];
      const file = byInode.get(call.inode);
      const name = (label, apply) => change(at, 'names', label, { folders: new Set(folders) }, apply);
      switch (call.name) {
        case 'create': {
          const created = { name: path };
          byInode.set(call.inode, created);
          name(`create ${path}`, (world) => world.names.set(path, created));
          break;
        }
        case 'truncate':
          change(at, 'bytes', `truncate ${path}`, { file }, (world) => world.resize(file, 0));
          break;
        case 'ftruncate':
          change(at, 'bytes', `truncate ${path}`, { file }, (world) => world.resize(file, call.offset));
          break;
        case 'write': {
          const { bytes, offset } = call;
          const half = bytes.subarray(0, bytes.length >> 1);
          change(
            at,
            'bytes',
            `write ${path} at ${offset}`,
            { file },
            (world) => world.write(file, offset, bytes),
            half.length === 0 ? undefined : (world) => world.write(file, offset, half),
          );
          break;
        }
        case 'rename':
          name(`rename ${path} to ${other}`, (world) => {
            world.names.delete(path);
            world.names.set(other, file);
          });
          break;
        case 'link':
          name(`link ${path} to ${other}`, (world) => world.names.set(other, file));
          break;
        case 'unlink':
          name(`unlink ${path}`, (world) => world.names.delete(path));
          break;
        case 'sync':
          settle(at, (each) => each.kind === 'bytes' && each.owner.file === file);
          break;
        case 'syncfolder':
          for (const each of this.#changes) each.owner.folders?.delete(call.path);
          settle(at, (each) => each.owner.folders?.size === 0);
          break;
        case 'lie':
        case 'open':
        case 'fchmod':
        case 'fchown':
        case 'chmod':
          break;
        default:
          throw new Error(`the model knows nothing of '${call.name}'`);
      }
    });
  }

  /**
   * The states that a cut after `cut` calls can leave: everything arrived, nothing that could be lost did, no bytes, no names, each change alone lost, half of
   * the last write.
   * @returns {{ label: string, files: () => Map<string, Buffer> }[]}
   */
  statesAfter(cut) {
    const made = this.#changes.filter(({ at }) => at < cut);
    const unsafe = made.filter(({ safe }) => safe >= cut);
    const lost = [
      ['nothing lost', new Set()],
      ['all lost', new Set(unsafe)],
      ['all bytes lost', new Set(unsafe.filter(({ kind }) => kind === 'bytes'))],
      ['all names lost', new Set(unsafe.filter(({ kind }) => kind === 'names'))],
      ...unsafe.map((each) => [`lost: ${each.label}`, new Set([each])]),
    ];
    const states = lost.map(([label, gone]) => ({ label, files: () => this.#replay(made, gone, undefined) }));
    const last = unsafe.findLast(({ half }) => half !== undefined);
    if (last !== undefined) states.push({ label: `half of: ${last.label}`, files: () => this.#replay(made, new Set(), last) });
    return states;
  }

  #replay(made, gone, halved) {
    const world = new World();
    for (const [name, { file, bytes }] of this.#before) {
      world.begin(name, file, bytes);
    }
    for (const each of made) {
      if (each === halved) each.half(world);
      else if (!gone.has(each)) each.apply(world);
    }
    return world.files();
  }
}

/**
 * Makes the folder hold these files and no others. Files whose bytes are there already keep their inode: an input is not a new one after a power cut.
 * @param {Map<string, Buffer>} files @param {ReadonlySet<string>} untouched names that no run changes
 */
export function restore(folder, files, untouched) {
  for (const name of namesBelow(folder)) if (!untouched.has(name)) rmSync(join(folder, name));
  for (const [name, bytes] of files) {
    if (untouched.has(name)) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** One text for one state. */
export function fingerprint(files) {
  const hash = createHash('sha256');
  for (const name of [...files.keys()].sort()) hash.update(`${name}\0${files.get(name).length}\0`).update(files.get(name));
  return hash.digest('hex');
}
