import type { RejectCode } from '../../batch/reject.js';
import type { Fault } from './scan.js';

/** Why a record is rejected, but for its position: a whole record, or the first field at fault in the source's column order. */
export interface RecordFault {
  readonly code: RejectCode;
  readonly column: string | null;
  readonly message: string;
  readonly value: string | null;
}

/** A record that breaks the grammar. */
export function grammarFault(fault: Fault, recordLimitBytes: number): RecordFault {
  return whole(fault, describeFault(fault, recordLimitBytes));
}

/** A record with bytes that are no text. */
export function textFault(): RecordFault {
  return whole(
    'invalid-utf8',
    'found bytes that are not UTF-8, expected text in UTF-8; where the whole file is in another encoding, name it with --encoding',
  );
}

/** A record of another width than the header's; with `fill`, one with something behind the last column. */
export function raggedFault(found: number, expected: number, ragged: 'reject' | 'fill'): RecordFault {
  return whole(
    'ragged-row',
    `found ${found} field${found === 1 ? '' : 's'}, expected ${expected}${ragged === 'fill' ? ' and nothing in those behind' : ''}`,
  );
}

function describeFault(fault: Fault, recordLimitBytes: number): string {
  switch (fault) {
    case 'bad-quote':
      return 'found a quote inside an unquoted field, or text behind a closing quote, expected quotes around whole fields';
    case 'unclosed-quote':
      return `found a quote that opens a field and is not closed rightly within ${recordLimitBytes} bytes, expected its end on this line or a later one`;
    case 'record-too-long':
      return `found a record of more than ${recordLimitBytes} bytes, expected a line end before`;
  }
}

function whole(code: RejectCode, message: string): RecordFault {
  return { code, column: null, message, value: null };
}
