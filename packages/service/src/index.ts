/**
 * What every service shares: the address it listens on, its log, health, metrics, the line that says it is ready, and how it
 * stops.
 *
 * @packageDocumentation
 */
export { formatAddress, parseAddress, type Address } from './address.js';
export { EXIT_FAILURE, EXIT_OK, EXIT_USAGE, UsageError } from './exit.js';
export { parseFlags, type FlagDefinition, type Flags, type HelpText } from './flags.js';
export { type Handler, listen, type Listening, type ListenOptions } from './listen.js';
export { createLog, type Log } from './log.js';
export { createMetrics, type Metrics } from './metrics.js';
export { operations, type OperationsOptions } from './operations.js';
export {
  type ProgramOptions,
  type ProgramResult,
  runProgram,
  startProgram,
  type StartedProgram,
} from './program.js';
export { run, type RunningService } from './run.js';
