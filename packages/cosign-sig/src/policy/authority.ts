/**
 * Who is asked whether an image was signed: the policies of Kyverno and policy-controller say by whom it should be.
 *
 * @module
 */
import type { JsonObject } from '@sealwright/json';
import { type ImageReference, parseReference } from '@sealwright/oci';
import type { PublicKey } from '@sealwright/crypto';
import type { VerifiedCertificate } from '../bundle/verdict.js';
import { CosignError } from '../errors.js';
import { parseCosignPublicKey } from '../key-pair.js';
import type { SignatureRegistry } from '../registry.js';
import { verifyImageAttestations } from '../verify-attestation.js';
import { verifyImageSignatures } from '../verify-image.js';
import type { SignatureHash } from '../verify-signature.js';
import { refuse } from './refuse.js';

/** Where a public key is. */
export type KeySource =
  | {
      /** PEM, one key or several. */
      readonly pem: string;
    }
  | {
      /** A Kubernetes Secret. */
      readonly secret: {
        /** Its name. */
        readonly name: string;
        /** Its namespace; empty means the policy engine's own. */
        readonly namespace: string;
      };
    }
  | {
      /** A key in a key management service, as cosign's `--key` names it. */
      readonly kms: string;
    };

/** A text that a certificate must have. */
export type TextRule =
  | {
      /** Compared as it is. */
      readonly exact: string;
    }
  | {
      /** With `*` and `?`, over the whole text. */
      readonly wildcard: string;
    }
  | {
      /** A regular expression of RE2, found anywhere in the text. */
      readonly regExp: string;
    };

/** Whose certificate is good. */
export interface IdentityRule {
  /** Who vouched for the identity; `undefined` asks for nobody. */
  readonly issuer: TextRule | undefined;
  /** The identity; `undefined` asks for none. */
  readonly subject: TextRule | undefined;
}

/** By whom an image should be signed. */
export type AuthoritySubject =
  | {
      /** Whoever has a key. */
      readonly kind: 'key';
      /** The key. */
      readonly key: KeySource;
      /** The hash of ECDSA and RSA signatures. */
      readonly hash: SignatureHash | undefined;
    }
  | {
      /** Whoever has a certificate of Fulcio for one of some identities. */
      readonly kind: 'keyless';
      /** Whose certificates are good. */
      readonly identities: readonly IdentityRule[];
      /** Roots in place of Fulcio's: PEM. */
      readonly roots: string | undefined;
      /** Other extensions that the certificate must have, with these values. */
      readonly extensions: Readonly<Record<string, string>>;
      /** The name of the roots, and of the logs of certificates, in place of the usual ones. Default the usual ones. */
      readonly trustRoot?: string | undefined;
    }
  | {
      /** Whoever has the key of one certificate. */
      readonly kind: 'certificate';
      /** The certificate, PEM; empty where the chain is enough. */
      readonly certificate: string;
      /** What it chains up to, PEM. */
      readonly chain: string;
    };

/** What must be known about time and publicity. */
export interface LogRule {
  /** Take signatures that are in no log. */
  readonly ignoreLog: boolean;
  /** Take certificates that are in no log. */
  readonly ignoreSct: boolean;
  /** The log. */
  readonly rekorUrl: string;
  /** Its key, PEM, in place of the public one. */
  readonly rekorKey: string | undefined;
  /** The key of the log of certificates, PEM, in place of the public one. */
  readonly ctLogKey: string | undefined;
  /** Certificates of a timestamping authority, PEM. */
  readonly timestampChain: string | undefined;
  /** Whether an authority of timestamps must have stamped it. Default `false`. */
  readonly wantsTimestamp?: boolean;
  /** The name of the logs that are trusted in place of the usual ones. Default the usual ones. */
  readonly rekorTrustRoot?: string | undefined;
  /** The name of the authorities of timestamps in place of the usual ones. Default the usual ones. */
  readonly timestampTrustRoot?: string | undefined;
}

/** One question. */
export interface AuthorityRequest {
  /** The image; by digest where one is known. */
  readonly image: ImageReference;
  /** By whom it should be signed. */
  readonly subject: AuthoritySubject;
  /** Time and publicity. */
  readonly log: LogRule;
  /** Annotations that the signature must have. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Where signatures are, if not beside the image: registry and repository. */
  readonly repository: string | undefined;
  /** In front of the tag of signatures. */
  readonly tagPrefix: string;
  /** Whether signatures are bundles. */
  readonly format: 'tag' | 'bundle';
  /** The predicate type, where an attestation is asked for instead of a signature. */
  readonly predicateType: string | undefined;
}

/** One answer. */
export interface AuthorityAnswer {
  /** Who signed, for a person. */
  readonly by: string;
  /** The signatures or attestations that will do; at least one. */
  readonly signatures: readonly AuthoritySignature[];
}

/** One signature or attestation that will do. */
export interface AuthoritySignature {
  /** Digest of what it is stored in, `sha256:<hex>`. */
  readonly digest: string;
  /** The certificate that it was made with; `undefined` for a key. */
  readonly certificate?: Pick<VerifiedCertificate, 'names' | 'issuer' | 'extensions'> | undefined;
  /** The statement, where an attestation was asked for. */
  readonly statement?: JsonObject | undefined;
}

/** Answers questions. A rejection means no, or that it cannot be known: the policy takes both for no. */
export type Authority = (request: AuthorityRequest) => Promise<AuthorityAnswer>;

/** What {@link keyAuthority} takes. */
export interface KeyAuthorityOptions {
  /** Gets a public key out of a Kubernetes Secret: its `cosign.pub`. Default: such keys cannot be had. */
  readonly secret?: (name: string, namespace: string) => Promise<string>;
  /** Gets a public key from a key management service. Default: such keys cannot be had. */
  readonly kms?: (uri: string) => Promise<PublicKey>;
}

/**
 * Answers for whoever has a key, by signatures and attestations of the tag layout, without a log. Ask it only where the policy says that the
 * log may be ignored; everything else it refuses.
 *
 * @param registry - where the image and its signatures are
 * @param options - the way to keys that are not in the policy itself
 */
export function keyAuthority(registry: SignatureRegistry, options: KeyAuthorityOptions = {}): Authority {
  return async (request) => {
    const { subject, log, format, image, annotations, tagPrefix, predicateType } = request;
    if (subject.kind !== 'key') throw refuse(`a ${subject.kind} signer is not checked here`);
    if (!log.ignoreLog) throw refuse('the policy wants the signature in a log, which is not checked here');
    if (log.wantsTimestamp === true) throw refuse('the policy wants a timestamp, which is not checked here');
    if (format !== 'tag') throw refuse('bundles are not checked here');
    const place = request.repository === undefined ? {} : { at: parseReference(request.repository) };
    const hash = subject.hash === undefined ? {} : { hash: subject.hash };
    const reasons: string[] = [];
    for (const key of await keysOf(subject.key, options)) {
      const by = `the key ${key.fingerprint}`;
      try {
        if (predicateType === undefined) {
          const where = place.at === undefined ? {} : { signatureRepository: place.at };
          const { signatures } = await verifyImageSignatures(registry, image, {
            key,
            annotations,
            tagPrefix,
            ...hash,
            ...where,
          });
          return { by, signatures: signatures.map(({ layer: { digest } }) => ({ digest })) };
        }
        const where = place.at === undefined ? {} : { attestationRepository: place.at };
        const found = await verifyImageAttestations(registry, image, {
          key,
          predicateType,
          tagPrefix,
          ...hash,
          ...where,
        });
        const signatures = found.attestations.map(({ layer: { digest }, statement }) => ({
          digest,
          statement: statement as unknown as JsonObject,
        }));
        return { by, signatures };
      } catch (error) {
        if (!(error instanceof CosignError)) throw error;
        reasons.push(error.message);
      }
    }
    throw refuse(reasons.join('; '));
  };
}

/** The keys of a source. */
export async function keysOf(
  source: KeySource,
  { secret, kms }: KeyAuthorityOptions,
): Promise<readonly PublicKey[]> {
  if ('pem' in source) return pemKeys(source.pem);
  if ('kms' in source) {
    if (kms === undefined) throw refuse('keys of a key management service cannot be had here');
    return [await kms(source.kms)];
  }
  if (secret === undefined) throw refuse('keys in Kubernetes Secrets cannot be had here');
  return pemKeys(await secret(source.secret.name, source.secret.namespace));
}

/** Each block of a PEM text is a key. */
function pemKeys(pem: string): readonly PublicKey[] {
  const keys = pem
    .split(END)
    .slice(0, -1)
    .map((block) => parseCosignPublicKey(block + END));
  if (keys.length > 0 && keys.length <= MAX_KEYS) return keys;
  throw refuse(`expected 1 to ${MAX_KEYS} public keys in PEM`);
}

const END = '-----END PUBLIC KEY-----';
const MAX_KEYS = 100;
