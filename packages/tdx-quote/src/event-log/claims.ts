/**
 * Event logs as JSON for policy engines: the `uefi_event_logs` of Confidential Containers.
 *
 * @module
 */
import { encodeBase64, encodeHex, equalBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { TdxQuoteError } from '../errors.js';
import { eventDetails } from './details.js';
import { eventTypeName } from './event-types.js';
import type { EventDigestAlgorithm, EventLog, LoggedEvent } from './parse.js';

/**
 * Turn the events of a log into JSON.
 *
 * @param log - decoded; compare it with a quote before believing it
 * @returns one object for each event
 * @throws {@link TdxQuoteError} `ERR_TDX_EVENTLOG_UNKNOWN_TYPE`.
 */
export function eventLogClaims(log: EventLog): JsonObject[] {
  return log.events.map((event) => {
    const name = eventTypeName(event.type);
    if (name === undefined)
      throw new TdxQuoteError(
        'ERR_TDX_EVENTLOG_UNKNOWN_TYPE',
        `unknown event type 0x${event.type.toString(16)}`,
        {
          offset: event.offset + 4,
        },
      );
    return {
      index: event.index,
      type_name: name,
      digests: event.digests.map((each) => ({ alg: nameOf(each.algorithm), digest: encodeHex(each.digest) })),
      event: encodeBase64(event.data),
      digest_matches_event: digestMatchesData(event),
      details: eventDetails(event.type, event.data),
    };
  });
}

/**
 * Whether every digest of an event is that of its data, so that the data was measured and not only hinted at.
 *
 * @param event - of a log
 */
export function digestMatchesData({ digests, data }: LoggedEvent): boolean {
  return digests.every((each) => equalBytes(digest(each.algorithm, data), each.digest));
}

/** Such as `SHA-384`; SM3 has no dash. */
function nameOf(algorithm: EventDigestAlgorithm): string {
  return algorithm.toUpperCase().replace('SHA', 'SHA-');
}
