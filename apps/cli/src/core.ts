/**
 * What every start reads. Commands are bundled apart and get it from here, so that a start reads two files: to find and open
 * one takes Node a millisecond.
 *
 * @module
 */
export { Command, CommanderError, Option } from 'commander';
export * from './checks.js';
export * from './command.js';
export * from './cosign-flags.js';
export * from './failure.js';
export * from './identity-flags.js';
export * from './may-write.js';
export * from './network.js';
export * from './printable.js';
export * from './registry-flags.js';
export * from './verify-flags.js';
