// Appends five lines to a ledger: `node ledger-writer.mjs LEDGER NAME`.
import { appendToLedger } from '#src/publish/ledger.js';

const [path, name] = process.argv.slice(2);
for (let line = 0; line < 5; line++) await appendToLedger(path, [{ kind: 'line', id: `${name}/${line}` }]);
