/**
 * What was signed: the signature, the digest, the envelope and what it is about.
 *
 * @module
 */
import { encodeHex, equalBytes } from '@sealwright/bytes';
import type { PublicKey } from '@sealwright/crypto';
import {
  INTOTO_PAYLOAD_TYPE,
  InTotoError,
  matchSubjects,
  parseStatement,
  type Statement,
} from '@sealwright/in-toto';
import type { ChainCertificate } from '../x509/chain.js';
import type { Appraised } from './check-list.js';
import { whyNotSigned } from './check-signature.js';

/** The signature itself, and the key that made it. */
export async function checkSignature(
  on: Appraised,
  leaf: ChainCertificate | undefined,
): Promise<PublicKey | undefined> {
  const { content } = on.bundle;
  const pointer = content.kind === 'dsse' ? '/dsseEnvelope/signatures/0' : '/messageSignature/signature';
  const keys = leaf === undefined ? (on.policy.keys ?? []) : [leaf.key];
  const signature = content.kind === 'dsse' ? content.envelope.signatures[0]?.sig : content.signature;
  if (on.data === undefined || signature === undefined) {
    on.list.fail('signature', pointer, 'the artifact is not given');
    return undefined;
  }
  let reason = 'there is no key to verify it with';
  for (const key of keys) {
    const why = await whyNotSigned(key, on.data, signature, on.policy.messageHash);
    if (why === undefined) {
      on.list.pass('signature', pointer, `by the key ${key.fingerprint}`);
      return key;
    }
    reason = why;
  }
  on.list.fail('signature', pointer, reason);
  return undefined;
}

/** The digest in a message signature is a hint, yet a hint that lies is refused. */
export function checkDigest(on: Appraised): void {
  const { content } = on.bundle;
  if (content.kind !== 'message' || content.digest === undefined || on.artifact === undefined) return;
  const pointer = '/messageSignature/messageDigest';
  const algorithm = DIGESTS.get(content.digest.algorithm);
  const own = algorithm === undefined ? undefined : on.artifact.digest(algorithm);
  if (own === undefined)
    on.list.skip('digest', pointer, `${content.digest.algorithm} of the artifact is not known`);
  else if (equalBytes(own, content.digest.value)) on.list.pass('digest', pointer, encodeHex(own));
  else on.list.fail('digest', pointer, 'it is not the digest of the artifact');
}

/** What an envelope holds, and whether it is about the artifact. */
export function checkEnvelope(on: Appraised): Statement | undefined {
  const { content } = on.bundle;
  if (content.kind !== 'dsse') return undefined;
  const { payloadType, payload } = content.envelope;
  const expected = on.policy.payloadType ?? INTOTO_PAYLOAD_TYPE;
  if (payloadType !== expected) {
    on.list.fail(
      'payload type',
      '/dsseEnvelope/payloadType',
      `expected ${expected}, found ${payloadType}`.slice(0, 512),
    );
    return undefined;
  }
  if (payloadType !== INTOTO_PAYLOAD_TYPE) {
    withoutArtifact(on, 'an envelope of this type does not say what it is about');
    return undefined;
  }
  try {
    const statement = parseStatement(payload, {
      mode: 'tolerant',
      allowStringPredicate: true,
      limits: LIMITS,
    });
    checkSubjects(on, statement);
    return statement;
  } catch (error) {
    if (!(error instanceof InTotoError)) throw error;
    const place = error.pointer === undefined ? '' : ` at ${error.pointer}`;
    on.list.fail(
      'artifact',
      '/dsseEnvelope/payload',
      `the payload is no statement: ${error.message}${place}`,
    );
    return undefined;
  }
}

function checkSubjects(on: Appraised, statement: Statement): void {
  if (on.artifact === undefined) {
    withoutArtifact(on, 'the artifact is not given');
    return;
  }
  const digests = Object.fromEntries(on.artifact.known().map(([name, value]) => [name, encodeHex(value)]));
  const options = { accept: Object.keys(digests), conflictPolicy: 'reject' as const };
  const [match] = matchSubjects(statement, digests, options);
  const pointer = '/dsseEnvelope/payload';
  if (match === undefined) on.list.fail('artifact', pointer, 'the statement is not about the artifact');
  else on.list.pass('artifact', pointer, `subject ${match.index}, by ${match.algorithm}`);
}

function withoutArtifact(on: Appraised, reason: string): void {
  const skip = on.policy.dangerouslySkipArtifact === true;
  on.list.add('artifact', '/dsseEnvelope/payload', skip ? 'skipped' : 'failed', reason);
}

/** What sigstore-go takes. */
const LIMITS = { maxSubjects: 1024, maxDigests: 32 };
const DIGESTS: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512'> = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
]);
