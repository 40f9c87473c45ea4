#!/usr/bin/env node
import { EXIT_FAILURE, EXIT_OK } from './failure.js';
import { nodeIo } from './node-io.js';
import { main } from './program.js';

export * from './core.js';

// Commands import this file: it must not wait for them before it is done itself.
process.exitCode = EXIT_FAILURE;
void main(process.argv.slice(2), nodeIo()).then((code) => {
  process.exitCode = code;
  if (code !== EXIT_OK) setTimeout(leave, 1000).unref();
});

/** A command that was given up may still wait for somebody; what it has printed is waited for. */
function leave(): void {
  if (process.stdout.writableLength === 0) process.exit();
}
