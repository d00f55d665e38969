/** What became of a piece: the UTF-8 of its first `used` bytes; or the position in it of bytes that mean nothing in the encoding. */
export type Transcoded = { readonly text: Uint8Array; readonly used: number } | { readonly badAt: number };

/** What comes behind a piece: more, some of it only when the piece has room again; or nothing. */
export type Behind = 'more' | 'more-with-room' | 'nothing';

/**
 * Bytes of an encoding to UTF-8, piece by piece. The bytes that were not used come again, in front of the next piece. Never called again after bytes
 * that mean nothing.
 */
export type Transcoder = (piece: Uint8Array, behind: Behind) => Transcoded;

/** Windows-1252 where it is not Latin-1: 0x80 to 0x9F. Node's own decoder takes these for control characters (nodejs/node#56542). */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const LF = 10;
/** Marks a byte that means nothing. */
const NONE = 0xffff;

/** The transcoder of an encoding that resolveEncoding gave. */
export function openTranscoder(encoding: string): Transcoder {
  const table = singleByteTable(encoding);
  return table === undefined ? openDecoding(encoding) : openSingleByte(table);
}

/** By byte its UTF-16 code unit; undefined for encodings of more bytes a character, which no byte of ASCII's upper half stands alone in. */
function singleByteTable(encoding: string): Uint16Array | undefined {
  if (/^(utf-|gb|big5|euc-|iso-2022|shift)/.test(encoding)) return undefined;
  const decoder = new TextDecoder(encoding, { fatal: true });
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    if (encoding === 'windows-1252') return WINDOWS_1252.charCodeAt(byte - 0x80) || byte;
    try {
      return decoder.decode(Uint8Array.of(byte)).charCodeAt(0);
    } catch {
      return NONE;
    }
  });
}

function openSingleByte(table: Uint16Array): Transcoder {
  return (piece) => {
    const text = new Uint8Array(piece.length * 3);
    let end = 0;
    for (let at = 0; at < piece.length; at++) {
      const unit = table[piece[at] as number] as number;
      if (unit < 0x80) text[end++] = unit;
      else if (unit === NONE) return { badAt: at };
      else {
        if (unit < 0x800) text[end++] = 0xc0 | (unit >> 6);
        else {
          text[end++] = 0xe0 | (unit >> 12);
          text[end++] = 0x80 | ((unit >> 6) & 0x3f);
        }
        text[end++] = 0x80 | (unit & 0x3f);
      }
    }
    return { text: text.subarray(0, end), used: piece.length };
  };
}

function openDecoding(encoding: string): Transcoder {
  const wholeEnd = encoding.startsWith('utf-16') ? utf16End(encoding === 'utf-16le') : lineEnd;
  const decode = openStrict(encoding);
  return (piece, behind) => {
    const final = behind === 'nothing';
    const used = final ? piece.length : wholeEnd(piece) || (behind === 'more-with-room' ? piece.length : 0);
    try {
      return { text: Buffer.from(decode(piece.subarray(0, used), final), 'utf8'), used };
    } catch {
      return { badAt: faultOf(openStrict(encoding), piece.subarray(0, used)) };
    }
  };
}

/** Decodes piece by piece, and throws at bytes that mean nothing. */
type Decode = (piece: Uint8Array, final: boolean) => string;

/** What ICU gives for a byte of East Asia's encodings that the standard has nothing for: a control character, or one of Unicode's private ones. */
const MAKESHIFT = /[\x80-\x9f\uf8f0-\uf8ff]/;

function openStrict(encoding: string): Decode {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const isUnicode = encoding.startsWith('utf-16');
  return (piece, final) => {
    const text = decoder.decode(piece, { stream: !final });
    if (!isUnicode && MAKESHIFT.test(text)) throw new RangeError('bytes without a meaning');
    return text;
  };
}

/** Where whole characters of UTF-16 end: at a whole unit, and not between two surrogates. */
function utf16End(little: boolean): (piece: Uint8Array) => number {
  return (piece) => {
    const end = piece.length & ~1;
    const high = piece[end - (little ? 1 : 2)] ?? 0;
    return high >= 0xd8 && high < 0xdc ? end - 2 : end;
  };
}

/**
 * Where whole characters surely end: behind a line end, as LF is never a part of another character in the encodings of East Asia. 0 where there is none.
 */
function lineEnd(piece: Uint8Array): number {
  return piece.lastIndexOf(LF) + 1;
}

/** Where a fresh decoder stumbles, byte by byte; the end where a character is not whole. */
function faultOf(decode: Decode, bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at++) {
    try {
      decode(bytes.subarray(at, at + 1), false);
    } catch {
      return at;
    }
  }
  return bytes.length;
}
