// The promises that the matrix shows, in the words of docs/reliability.md.

/** @type {Readonly<Record<string, string>>} */
export const PROMISES = {
  P1: 'Under the name of an output stands what was there before, or the whole new file; new predictions never beside old rejects.',
  P2: 'Status 0, and a COMMIT in the journal, survive a power cut.',
  P3: 'An input is published once, however often and by however many the command is started.',
  P4: 'After a kill, a power cut, a full disk the same command ends with status 0, the bytes of an undisturbed run, and nothing left behind.',
  P5: 'Runs into one output never overlap, and a dead one holds nothing.',
  P6: 'Rows in = scored + rejected, after every interruption.',
  P7: 'No error of the system is swallowed, and none is tried again.',
  P8: 'A deadline and a signal hold inside native code.',
  P9: 'An input that is cut, or changes while it is read, never passes for whole.',
  P10: 'The journal is an audit: one START and one end a run, and no change of it verifies.',
  P11: 'No network, and no file written but those declared.',
  P12: 'No privilege is needed.',
  P13: 'A crash in native code, and memory beyond --max-memory, become a FAIL, and the next run is not disturbed by it.',
  P14: 'Names and links in a shared folder do not lead out of it.',
  P15: 'No values of rows in journal, head, lock, run state or stderr.',
  P16: 'Kept cells come out byte for byte.',
  P17: 'Pipes: whole, or a status that says otherwise.',
  P18: 'Success says nothing on stderr; statuses are those of the table.',
  P19: 'Where the model fails the fallback scores: rows marked and counted, status 3, whatever becomes of the run on the way.',
};
