#!/usr/bin/env node
import { EXIT_FAILURE } from './failure.js';
import { nodeIo } from './node-io.js';
import { main } from './program.js';

export * from './core.js';

// Commands import this file: it must not wait for them before it is done itself.
process.exitCode = EXIT_FAILURE;
void main(process.argv.slice(2), nodeIo()).then((code) => {
  process.exitCode = code;
});
