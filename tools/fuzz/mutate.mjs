// Seeded mutations of bytes: the same seed and number give the same input on every machine.

/** A generator of uniform numbers in [0, 1), from a 32-bit seed (mulberry32, by Tommy Ettinger; public domain). */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What breaks parsers: by kind of input. */
const TOKENS = {
  csv: ['"', '""', '\n', '\r', '\r\n', ',', ';', '\t', '\0', '\xff', '\xef\xbb\xbf', ' ', '1e400', '-', '.', 'nan', 'inf', '9007199254740993', '"\n"', ',"', '",', '\n\n', '😀'],
  arrow: ['\0\0\0\0', '\xff\xff\xff\xff', '\xff\xff\xff\x7f', '\0\0\0\x80', 'ARROW1', '\x01\0\0\0', '\x10\0\0\0'],
  model: ['\x08', '\x12', '\x1a', '\xff\xff\xff\xff\x0f', '\0', '\x0a\x00', 'ai.onnx.ml', 'ZipMap', 'external_data'],
}; // prettier-ignore

/** A new input: one of the seeds with one to eight changes. */
export function mutate(seeds, kind, random) {
  const pick = (length) => Math.floor(random() * length);
  let bytes = Buffer.from(seeds[pick(seeds.length)]);
  for (let changes = 1 + pick(8); changes > 0; changes--) bytes = change(bytes, seeds, kind, pick, random);
  return bytes;
}

function change(bytes, seeds, kind, pick, random) {
  const at = pick(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + pick(random() < 0.8 ? 16 : 4096));
  switch (pick(8)) {
    case 0: // flip a bit
      if (at < bytes.length) bytes[at] ^= 1 << pick(8);
      return bytes;
    case 1: // another byte
      if (at < bytes.length) bytes[at] = pick(256);
      return bytes;
    case 2: // cut out
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 3: // say twice
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 4: // cut off
      return random() < 0.3 ? bytes.subarray(0, at) : bytes;
    case 5: {
      // a stretch of another seed
      const other = seeds[pick(seeds.length)];
      const from = pick(other.length + 1);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + 1 + pick(256)), bytes.subarray(at)]);
    }
    case 6: // swap two stretches
      return Buffer.concat([bytes.subarray(to), bytes.subarray(0, to)]);
    default: {
      const token = Buffer.from(TOKENS[kind][pick(TOKENS[kind].length)], 'latin1');
      return Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(random() < 0.5 ? at : Math.min(bytes.length, at + token.length))]);
    }
  }
}
