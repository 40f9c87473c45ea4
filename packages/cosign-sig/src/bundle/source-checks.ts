/**
 * Who saw a signature, and when: logs and authorities of timestamps.
 *
 * @module
 */
import { encodeHex, equalBytes } from '@sealwright/bytes';
import type { PublicKey } from '@sealwright/crypto';
import { CosignError } from '../errors.js';
import { isVerifier, parseEntryBody } from '../log/entry-body.js';
import type { LogEntry } from '../log/log-entry.js';
import { type VerifiedLogEntry, verifyLogEntry } from '../log/verify-log-entry.js';
import { type VerifiedTimestamp, verifyTimestamp } from '../timestamp/verify-timestamp.js';
import type { TrustedRoot } from '../trust/trusted-root.js';
import type { ChainCertificate } from '../x509/chain.js';
import { type Appraised, reasonOf } from './check-list.js';
import { matchEntry } from './match-entry.js';

/** The entries of logs that hold; distinct logs count. */
export async function checkLogEntries(
  on: Appraised,
  leaf: ChainCertificate | undefined,
  key: PublicKey | undefined,
): Promise<VerifiedLogEntry[]> {
  const found: VerifiedLogEntry[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of on.bundle.logEntries.entries()) {
    const pointer = `/verificationMaterial/tlogEntries/${index}`;
    const name = `${encodeHex(entry.logId)} ${entry.logIndex}`;
    if (seen.has(name)) on.list.fail('log entry', pointer, 'the same entry is there twice');
    seen.add(name);
    try {
      const verified = await checkLogEntry(on, entry, leaf, key);
      if (verified === undefined)
        on.list.skip('log entry', pointer, `log ${encodeHex(entry.logId)} is not trusted`);
      else {
        found.push(verified);
        on.list.pass('log entry', pointer, `index ${verified.logIndex} of ${verified.log || verified.logId}`);
      }
    } catch (error) {
      on.list.fail('log entry', pointer, reasonOf(error));
    }
  }
  const logs = new Set(found.map(({ operator, logId }) => operator || logId));
  on.list.count('log entries', logs.size, on.policy.logEntries ?? 1, 'logs');
  const cosigned = Math.max(0, ...found.map(({ cosignatures }) => cosignatures.length));
  on.list.count('cosignatures', cosigned, on.policy.cosignatures ?? 0, 'witnesses');
  return found;
}

async function checkLogEntry(
  on: Appraised,
  entry: LogEntry,
  leaf: ChainCertificate | undefined,
  key: PublicKey | undefined,
): Promise<VerifiedLogEntry | undefined> {
  const logs = on.root.tlogs.filter((log) => log.key !== undefined && equalBytes(log.logId, entry.logId));
  if (logs.length === 0) return undefined;
  const signer = leaf?.key ?? key;
  if (signer === undefined || on.data === undefined)
    throw new CosignError('ERR_COSIGN_LOG_ENTRY', 'there is no signature to compare it with');
  const logged = parseEntryBody(entry);
  const given = on.policy.keyCertificates?.find((der) =>
    logged.signatures.some((signature) => isVerifier(signature, 'certificate', der)),
  );
  const certificate = leaf?.certificate.raw ?? given;
  matchEntry(logged, {
    content: on.bundle.content,
    data: on.data,
    envelope: on.bundle.envelope,
    tagged: on.bundle.version === 'none',
    verifierKind: certificate === undefined ? 'publicKey' : 'certificate',
    verifier: certificate ?? signer.spki,
    key: signer,
  });
  let refusal: unknown;
  for (const log of logs) {
    try {
      return await verifyLogEntry(entry, log, { witnesses: on.policy.witnesses ?? [] });
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** The timestamps that hold; distinct authorities count. */
export async function checkTimestamps(on: Appraised): Promise<VerifiedTimestamp[]> {
  const { content, timestamps, stamped } = on.bundle;
  const signature = content.kind === 'dsse' ? content.envelope.signatures[0]?.sig : content.signature;
  const found: VerifiedTimestamp[] = [];
  for (const [index, response] of timestamps.entries()) {
    const pointer = `/verificationMaterial/timestampVerificationData/rfc3161Timestamps/${index}`;
    try {
      const verified = await verifyTimestamp(
        response,
        stamped ?? signature ?? new Uint8Array(0),
        on.root.timestampAuthorities,
        { memo: on.memo },
      );
      found.push(verified);
      on.list.pass('timestamp', pointer, verified.time.toISOString());
    } catch (error) {
      on.list.skip('timestamp', pointer, reasonOf(error));
    }
  }
  const sources = new Set(found.map(({ authority }) => sourceOf(authority)));
  on.list.count('timestamps', sources.size, on.policy.timestamps ?? 0, 'authorities');
  return found;
}

/** Every moment at which it is known to have existed; distinct sources count. */
export function checkTimes(
  on: Appraised,
  entries: readonly VerifiedLogEntry[],
  timestamps: readonly VerifiedTimestamp[],
  certified: boolean,
): Date[] {
  const logs = entries.filter(({ integratedTime }) => integratedTime !== undefined);
  const sources = new Set([
    ...logs.map(({ operator, logId }) => `log ${operator || logId}`),
    ...timestamps.map(({ authority }) => sourceOf(authority)),
  ]);
  on.list.count('times', sources.size, on.policy.times ?? (certified ? 1 : 0), 'sources of time');
  return [
    ...timestamps.map(({ time }) => time),
    ...logs.flatMap(({ integratedTime }) => integratedTime ?? []),
  ];
}

function sourceOf({ operator, uri, anchor }: TrustedRoot['timestampAuthorities'][number]): string {
  return operator || uri || anchor.key.fingerprint;
}
