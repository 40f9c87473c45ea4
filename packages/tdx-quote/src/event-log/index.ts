/**
 * Event logs of TDX guests and TPMs: decode, replay, compare with a quote, name what booted.
 *
 * @packageDocumentation
 */
export { type AaelEntry, encodeAaelEntry, readAaelEntry } from './aael.js';
export { type CcelTable, parseCcelTable } from './ccel-table.js';
export { digestMatchesData, eventLogClaims } from './claims.js';
export { eventTypeName } from './event-types.js';
export { type BootFact, bootFacts } from './facts.js';
export {
  type EventDigest,
  type EventDigestAlgorithm,
  type EventLog,
  type EventLogHeader,
  type EventLogOptions,
  type LoggedEvent,
  parseEventLog,
} from './parse.js';
export {
  compareRtmrs,
  registerOfPcr,
  replayEventLog,
  replayPcrs,
  type RtmrCheck,
  type RtmrOptions,
} from './replay.js';
export { TdxQuoteError, type TdxQuoteErrorCode } from '../errors.js';
