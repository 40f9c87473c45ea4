/**
 * An attestation: a DSSE envelope around an in-toto statement, checked with a public key.
 *
 * @module
 */
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { defaultScheme, type PublicKey, type SignatureHash, verify } from '@sealwright/crypto';
import {
  type DigestSet,
  InTotoError,
  matchSubjects,
  parseStatement,
  type Statement,
  type Verifier,
  verifyEnvelope,
} from '@sealwright/in-toto';
import { CosignError } from './errors.js';
import { predicateTypeOf } from './predicate-types.js';
import { verifyDetached } from './verify-signature.js';

declare const verified: unique symbol;

/** An attestation that was checked. Only this package's verifiers make one. */
export interface VerifiedAttestation {
  /** The envelope exactly as received. */
  readonly envelope: Bytes;
  /** The signed statement; its `bytes` are those that were signed. */
  readonly statement: Statement;
  /** Marks that the signature was checked. */
  readonly [verified]: true;
}

/** What an attestation must be. */
export interface AttestationOptions {
  /** The key that must have signed; one good signature of several is enough. */
  readonly key: PublicKey;
  /** The predicate type that the signed statement must have: a name of cosign's `--type`, or a URI. Default any. */
  readonly predicateType?: string;
  /**
   * Take the types below the wanted one too, so that `https://spdx.dev/Document/v2.3` is an `spdxjson`. cosign compares for
   * equality. Default `false`.
   */
  readonly predicateTypeFamily?: boolean;
  /** The hash of ECDSA and RSA signatures. Default SHA-256, or that of the curve's size. */
  readonly hash?: SignatureHash;
  /** Believe an attestation about something else. Default `false`. */
  readonly dangerouslySkipClaims?: boolean;
}

/**
 * Check an envelope: the signature over the bytes received, then the payload type, the predicate type and the subject. The
 * annotation of a layer and the key id of a signature are hints that decide nothing.
 */
export async function openAttestation(
  envelope: Uint8Array,
  artifact: DigestSet,
  options: AttestationOptions,
): Promise<VerifiedAttestation> {
  const wanted = options.predicateType === undefined ? undefined : predicateTypeOf(options.predicateType);
  const bytes = copyBytes(envelope);
  const statement = await signedStatement(bytes, options);
  if (
    wanted !== undefined &&
    !isOfType(statement.predicateType, wanted, options.predicateTypeFamily === true)
  ) {
    const found = statement.predicateType.slice(0, 256);
    throw new CosignError('ERR_COSIGN_NO_MATCH', `predicate type: expected ${wanted}, found ${found}`);
  }
  const algorithms = Object.keys(artifact);
  if (options.dangerouslySkipClaims !== true && matchSubjects(statement, artifact, algorithms).length === 0) {
    const expected = algorithms.map((name) => `${name}:${artifact[name]}`).join(', ');
    throw new CosignError('ERR_COSIGN_NO_MATCH', `subject: expected ${expected}, found none such`);
  }
  return { envelope: bytes, statement } as VerifiedAttestation; // the brand exists in types only
}

async function signedStatement(bytes: Uint8Array, options: AttestationOptions): Promise<Statement> {
  try {
    return parseStatement(
      await verifyEnvelope(bytes, { verifiers: [verifierOf(options.key, options.hash)] }),
      { allowStringPredicate: true }, // what cosign makes of `spdx`
    );
  } catch (cause) {
    if (!(cause instanceof InTotoError)) throw cause;
    const code = cause.code === 'DSSE_NO_VALID_SIGNATURE' ? 'ERR_COSIGN_NO_MATCH' : 'ERR_COSIGN_ENVELOPE';
    const { pointer } = cause;
    throw new CosignError(code, cause.message, { cause, ...(pointer === undefined ? {} : { pointer }) });
  }
}

/** cosign signs with SHA-256 whatever the curve, other signers of DSSE with the hash of the curve's size. */
function verifierOf(key: PublicKey, hash: SignatureHash | undefined): Verifier {
  return {
    identity: key.fingerprint,
    verify: async (message, signature) => {
      if (await verifyDetached(key, message, signature, hash ?? 'sha256')) return true;
      return (
        hash === undefined &&
        verify(key, message, signature, { scheme: defaultScheme(key), encoding: 'either' })
      );
    },
  };
}

function isOfType(found: string, wanted: string, family: boolean): boolean {
  return found === wanted || (family && found.startsWith(`${wanted}/`));
}
