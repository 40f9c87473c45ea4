#!/usr/bin/env node
import { failureOf } from './failure.js';
import { nodeIo } from './node-io.js';
import { main } from './program.js';

// Whoever reads may go away early, and a disk may be full: neither is worth a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    const { message } = failureOf(Object.assign(error, { path: 'standard output' }));
    process.stderr.write(`Error: ${message}\n`);
  }
  process.exit(1);
});
process.stderr.on('error', () => process.exit(1));

process.exitCode = await main(process.argv.slice(2), nodeIo());
