import { type PublicKey, verify } from '@sealwright/crypto';
import { type DsseEnvelope, INTOTO_PAYLOAD_TYPE, pae } from '@sealwright/in-toto';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { allPass, type Check, check, sameJson } from '../verify/check.js';
import { verifiedFrom, type VerifiedProvenance } from '../verify/verified.js';
import type { CloudBuildEntry, CloudBuildFile } from './parse.js';

/** A key of Cloud Build: a trust anchor. */
export interface CloudBuildKey {
  /** Its key id, whole: `projects/verified-builder/locations/…/cryptoKeyVersions/1`. It is also the identity of the signer. */
  readonly keyid: string;
  /** The key. */
  readonly key: PublicKey;
  /** What its signatures are over: older ones are not over what DSSE says, but over the payload alone. */
  readonly covers: 'pae' | 'payload';
}

/** What came of one provenance in a file. */
export interface CloudBuildVerdict {
  /** Whether no check failed. */
  readonly ok: boolean;
  /** The provenance, to be appraised; `undefined` when something failed. */
  readonly provenance: VerifiedProvenance | undefined;
  /** Every check, passed or not. */
  readonly checks: readonly Check[];
}

/**
 * Verify the provenance of Cloud Build: the signature, and that what it shows people is what it signed. One valid signature is
 * enough, and others are skipped.
 *
 * @param file - from {@link parseCloudBuild}
 * @param keys - keys of Cloud Build
 * @returns a verdict for each provenance, in the order of the file
 */
export async function verifyCloudBuild(
  file: CloudBuildFile,
  keys: readonly CloudBuildKey[],
): Promise<readonly CloudBuildVerdict[]> {
  const verdicts: CloudBuildVerdict[] = [];
  for (const entry of file.provenance) verdicts.push(await verifyEntry(entry, file.summary, keys));
  return verdicts;
}

/**
 * The provenance to go by: of those that hold, the one of the newest version.
 *
 * @param verdicts - from {@link verifyCloudBuild}
 */
export function preferredCloudBuild(verdicts: readonly CloudBuildVerdict[]): VerifiedProvenance | undefined {
  const good = verdicts.flatMap(({ ok, provenance }) => (ok && provenance !== undefined ? [provenance] : []));
  return ['v1', 'v0.2', 'v0.1']
    .map((version) => good.find(({ view }) => view.version === version))
    .find(Boolean);
}

async function verifyEntry(
  entry: CloudBuildEntry,
  summary: CloudBuildFile['summary'],
  keys: readonly CloudBuildKey[],
): Promise<CloudBuildVerdict> {
  const { envelope, pointer } = entry;
  if (envelope instanceof SlsaError) return refused([faultOf(envelope, `${pointer}/envelope`)]);
  const signer = await signerOf(envelope, keys);
  const checks: Check[] = [
    check('DSSE_NO_VALID_SIGNATURE', signer !== undefined, {
      pointer: `${pointer}/envelope/signatures`,
      message: 'no key of Cloud Build signed this',
    }),
    check('DSSE_PAYLOAD_TYPE', envelope.payloadType === INTOTO_PAYLOAD_TYPE, {
      expected: INTOTO_PAYLOAD_TYPE,
      actual: envelope.payloadType,
      pointer: `${pointer}/envelope/payloadType`,
      message: 'another payload type was expected',
    }),
  ];
  if (signer === undefined || !allPass(checks)) return refused(checks);
  const read = readProvenance(envelope, signer.keyid);
  if (read instanceof SlsaError) return refused([...checks, faultOf(read, '')]);
  const all = [...checks, ...shownChecks(entry, summary, read)];
  const ok = allPass(all);
  return { ok, provenance: ok ? read : undefined, checks: all };
}

function refused(checks: readonly Check[]): CloudBuildVerdict {
  return { ok: false, provenance: undefined, checks };
}

function faultOf({ code, pointer = '', message }: SlsaError, at: string): Check {
  return check(code, false, { pointer: at + pointer, message });
}

async function signerOf(
  { payload, payloadType, signatures }: DsseEnvelope,
  keys: readonly CloudBuildKey[],
): Promise<CloudBuildKey | undefined> {
  for (const { keyid, sig } of signatures) {
    const key = keys.find((each) => each.keyid === keyid);
    if (key === undefined) continue;
    const message = key.covers === 'pae' ? pae(payloadType, payload) : payload;
    if (await verify(key.key, message, sig)) return key;
  }
  return undefined;
}

function readProvenance(envelope: DsseEnvelope, identity: string): VerifiedProvenance | SlsaError {
  try {
    return verifiedFrom(envelope.payload, [{ kind: 'key', identity }]);
  } catch (error) {
    if (error instanceof SlsaError) return error;
    throw error;
  }
}

/** What is shown is not signed: it must say what was signed. */
function shownChecks(
  { readable, kind, resourceUri, pointer }: CloudBuildEntry,
  { digest, fullyQualifiedDigest }: CloudBuildFile['summary'],
  { statement }: VerifiedProvenance,
): readonly Check[] {
  const isSubject = statement.subject.some(({ digest: { sha256 } }) => `sha256:${sha256}` === digest);
  const image = fullyQualifiedDigest.endsWith(`@${digest}`);
  return [
    check('SLSA_GCB_TEXT', readable === undefined ? undefined : isShown(readable, statement.bytes), {
      pointer: `${pointer}/build`,
      message: 'the readable copy differs from what was signed',
    }),
    check('SLSA_GCB_KIND', kind === 'BUILD', {
      expected: 'BUILD',
      actual: kind,
      pointer: `${pointer}/kind`,
      message: 'another kind was expected',
    }),
    check('SLSA_GCB_SUMMARY', isSubject && image, {
      actual: digest,
      pointer: '/image_summary/digest',
      message: 'the digest of the image is none of the subjects, or not the one in its name',
    }),
    check('SLSA_GCB_SUMMARY', resourceUri === `https://${fullyQualifiedDigest}`, {
      expected: `https://${fullyQualifiedDigest}`,
      actual: resourceUri,
      pointer: `${pointer}/resourceUri`,
      message: 'the provenance is of another image',
    }),
  ];
}

/** The copy of version 0.1 calls the predicate otherwise. */
function isShown(readable: JsonObject, payload: Uint8Array): boolean {
  const signed = parseJson(payload);
  if (!isJsonObject(signed)) return false;
  const { slsaProvenance, predicate = slsaProvenance, ...rest } = readable;
  const { slsaProvenance: again, predicate: said, ...others } = signed;
  if (again !== undefined && !sameJson(again, said)) return false;
  return sameJson(predicate, said) && sameJson(rest, others);
}
