#!/usr/bin/env node
// Starts the built command line, nothing else. Plain old JavaScript up to the import, so that an old Node gets as far as the message.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  process.stderr.write(`scoreline: error: Node 20.12 or newer is needed, found ${process.versions.node}\n`);
  process.exitCode = 78;
} else {
  // The runtime's telemetry heeds only what the environment says before it is loaded anywhere.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  import('../dist/cli/main.js').then(({ main }) => main(process));
}
