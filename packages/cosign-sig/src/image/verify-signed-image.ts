/**
 * Signatures and attestations of images in both layouts, with everything that the verifier knows about them.
 *
 * @module
 */
import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import type { SignatureHash } from '@sealwright/crypto';
import { encodeEnvelope, type Statement } from '@sealwright/in-toto';
import type { ImageReference } from '@sealwright/oci';
import { type BundleVerifier, refusalOf } from '../bundle/bundle-verifier.js';
import type { ArtifactInput } from '../bundle/artifact.js';
import type { SigstoreBundle } from '../bundle/parse-bundle.js';
import type { VerificationPolicy } from '../bundle/policy.js';
import type { SignatureVerdict } from '../bundle/verdict.js';
import { CosignError, type Finding } from '../errors.js';
import { sha256Hex, sha256Of } from '../image-digest.js';
import { predicateTypeOf } from '../predicate-types.js';
import { readBlob, readTag, resolveImage } from '../registry.js';
import { checkSimpleSigning, parseSimpleSigning, type SimpleSigning } from '../simple-signing.js';
import { attestationTag, parseSignatureManifest, type SignatureLayer, signatureTag } from '../tag-layout.js';
import { type AskedEvidence, attestationEvidence, signatureEvidence } from './layer-evidence.js';
import { lookUpEntry, type LookUpEntryOptions } from './look-up-entry.js';
import { findBundles, type ReferrersRegistry } from './referrers.js';

/** The predicate type of an image signature in a bundle. */
export const SIGN_PREDICATE_TYPE = 'https://sigstore.dev/cosign/sign/v1';

/** What to look for beside an image. */
export interface VerifySignedImageOptions {
  /** Knows what is trusted. */
  readonly verifier: BundleVerifier;
  /** Who may sign, and how much must vouch for it. */
  readonly policy: VerificationPolicy;
  /** Signatures, or attestations. Default `signature`. */
  readonly kind?: 'signature' | 'attestation';
  /**
   * The hash of ECDSA and RSA signatures over simple signing payloads. Default `sha256`, whatever the curve, as cosign has it.
   * Bundles and envelopes are verified by the key's own hash or SHA-256.
   */
  readonly hash?: SignatureHash;
  /** Annotations that a signature must have, with these values. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The predicate type that an attestation must have: a name of cosign's `--type`, or a URI. Default any. */
  readonly predicateType?: string;
  /** Take the types below the wanted one too. Default `false`, as in cosign. */
  readonly predicateTypeFamily?: boolean;
  /**
   * Where to look. Default `both`: bundles among the referrers first and, where there is none, the tags of cosign 2.
   */
  readonly layout?: 'both' | 'referrers' | 'tags';
  /**
   * Where a signature under a tag came without an entry of a log: a log to ask for it. Default nobody is asked.
   */
  readonly log?: LookUpEntryOptions['log'];
  /** Take a chain of certificates in a bundle of version 0.3, which should hold one. Default `false`. */
  readonly allowCertificateChain?: boolean;
  /** In front of the tag. Default none. */
  readonly tagPrefix?: string;
  /** Where the signatures are. Default the image's own repository. */
  readonly signatureRepository?: ImageReference;
  /** Believe a signature that is for another image. Default `false`. */
  readonly dangerouslySkipClaims?: boolean;
}

/** One signature or attestation that will do. */
export interface SignedImageEvidence {
  /** Where it was: digest of the layer, or of the referrer's manifest. */
  readonly subject: string;
  /** Every check. */
  readonly verdict: SignatureVerdict;
  /** The payload, exactly as signed: simple signing, or a statement. */
  readonly payload: Uint8Array;
  /** What a simple signing payload says; `undefined` for statements. */
  readonly claims: SimpleSigning | undefined;
  /** The statement; `undefined` for simple signing. */
  readonly statement: Statement | undefined;
  /** The envelope around the statement: as it was stored under a tag, or out of the bundle; `undefined` for simple signing. */
  readonly envelope: Bytes | undefined;
  /** What was verified: signature, certificate, log entries, timestamps. Of those, what counted the verdict tells. */
  readonly evidence: SigstoreBundle;
}

/** What is known about an image. */
export interface VerifiedSignedImage {
  /** The image: what a tag stood for when it was resolved, once and first. */
  readonly digest: string;
  /** All signatures that will do; at least one. */
  readonly signatures: readonly SignedImageEvidence[];
  /** Why others did not count. */
  readonly findings: readonly Finding[];
}

/**
 * Verify an image. One good signature is enough; all good ones are given back, each with every check.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @param options - what is trusted and what is asked for
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_NO_SIGNATURE`, `ERR_COSIGN_NO_CERTIFICATE`, `ERR_COSIGN_NO_MATCH`
 * with a finding for each that was refused, `ERR_COSIGN_PREDICATE_TYPE`, `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 *
 * @example
 * ```ts
 * const verifier = createBundleVerifier(parseTrustedRoot(trustedRoot));
 * const policy = { keys: [key.publicKey], logEntries: 0 }; // without a log: the key alone decides
 * const { signatures } = await verifySignedImage(registry, image, { verifier, policy });
 * console.log(signatures[0]?.verdict.verified); // true
 * ```
 */
export async function verifySignedImage(
  registry: Omit<ReferrersRegistry, 'attachReferrer'>,
  image: ImageReference,
  options: VerifySignedImageOptions,
): Promise<VerifiedSignedImage> {
  const digest = await resolveImage(registry, image);
  const run = new ImageVerification(registry, options.signatureRepository ?? image, digest, options);
  const layout = options.layout ?? 'both';
  if (layout !== 'tags') await run.lookAtReferrers();
  if (layout !== 'referrers' && run.looked === 0) await run.lookAtTag();
  return run.result();
}

class ImageVerification {
  looked = 0;
  readonly #registry: Omit<ReferrersRegistry, 'attachReferrer'>;
  readonly #place: ImageReference;
  readonly #digest: string;
  readonly #options: VerifySignedImageOptions;
  readonly #isSignature: boolean;
  readonly #predicateType: string | undefined;
  readonly #signatures: SignedImageEvidence[] = [];
  readonly #findings: Finding[] = [];
  #withoutCertificate = 0;

  constructor(
    registry: Omit<ReferrersRegistry, 'attachReferrer'>,
    place: ImageReference,
    digest: string,
    options: VerifySignedImageOptions,
  ) {
    this.#registry = registry;
    this.#place = place;
    this.#digest = digest;
    this.#options = options;
    this.#isSignature = options.kind !== 'attestation';
    this.#predicateType = this.#isSignature
      ? SIGN_PREDICATE_TYPE
      : options.predicateType === undefined
        ? undefined
        : predicateTypeOf(options.predicateType);
  }

  async lookAtReferrers(): Promise<void> {
    const { allowCertificateChain = false } = this.#options;
    const { bundles, findings } = await findBundles(this.#registry, this.#place, this.#digest, {
      allowCertificateChain,
    });
    this.#findings.push(...findings);
    for (const { digest: subject, bundle } of bundles) {
      this.looked += 1;
      await this.#attempt(subject, () => this.#lookAtStatement(subject, bundle));
    }
  }

  async lookAtTag(): Promise<void> {
    const { tagPrefix } = this.#options;
    const tag = (this.#isSignature ? signatureTag : attestationTag)(this.#digest, tagPrefix);
    const manifest = await readTag(this.#registry, this.#place, tag);
    const layers = manifest === undefined ? [] : parseSignatureManifest(manifest).layers;
    for (const layer of layers) {
      this.looked += 1;
      await this.#attempt(layer.digest, () => this.#lookAtLayer(layer));
    }
  }

  result(): VerifiedSignedImage {
    const digest = this.#digest;
    if (this.#signatures.length > 0)
      return { digest, signatures: this.#signatures, findings: this.#findings };
    const what = this.#isSignature ? 'signature' : 'attestation';
    const findings = this.#findings;
    if (this.looked === 0)
      throw new CosignError('ERR_COSIGN_NO_SIGNATURE', `${digest} has no ${what}`, { findings });
    const reasons = findings.map(({ reason }) => reason).join('; ');
    throw new CosignError(
      this.#withoutCertificate === this.looked ? 'ERR_COSIGN_NO_CERTIFICATE' : 'ERR_COSIGN_NO_MATCH',
      `no ${what} of ${digest} will do: ${reasons}`.slice(0, 1024),
      { findings },
    );
  }

  async #attempt(subject: string, look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      if (error.code === 'ERR_COSIGN_NO_CERTIFICATE') this.#withoutCertificate += 1;
      this.#findings.push({ subject, reason: error.message });
    }
  }

  async #lookAtLayer(layer: SignatureLayer): Promise<void> {
    const limit = this.#isSignature ? MAX_PAYLOAD_BYTES : MAX_ENVELOPE_BYTES;
    const blob = await readBlob(this.#registry, this.#place, layer, limit);
    if (sha256Of(blob) !== layer.digest)
      throw new CosignError('ERR_COSIGN_DIGEST', 'the blob is not the one that the layer names');
    const { policy } = this.#options;
    const withKey = policy.keys !== undefined;
    const asked = askedBy(policy);
    if (this.#isSignature) {
      const evidence = await this.#logged(signatureEvidence({ layer, blob }, withKey, asked), blob);
      await this.#lookAtPayload(layer.digest, evidence, blob);
      return;
    }
    let refusal: unknown;
    for (const evidence of attestationEvidence({ layer, blob }, withKey, asked)) {
      try {
        await this.#lookAtStatement(layer.digest, await this.#logged(evidence));
        return;
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  async #logged(evidence: SigstoreBundle, payload?: Uint8Array): Promise<SigstoreBundle> {
    const { log, policy } = this.#options;
    if (log === undefined || !askedBy(policy).logEntries) return evidence;
    return lookUpEntry(evidence, {
      log,
      ...(payload === undefined ? {} : { payload }),
      ...(policy.keys === undefined ? {} : { keys: policy.keys }),
    });
  }

  async #lookAtPayload(subject: string, evidence: SigstoreBundle, payload: Uint8Array): Promise<void> {
    const verdict = await this.#appraise(evidence, { bytes: payload });
    const claims = parseSimpleSigning(payload, { mode: 'lenient' });
    const { annotations = {}, dangerouslySkipClaims } = this.#options;
    const checks =
      dangerouslySkipClaims === true ? [] : checkSimpleSigning(claims, { digest: this.#digest, annotations });
    const failed = checks.find(({ passed }) => !passed);
    if (failed !== undefined) {
      const { check, expected, actual = 'none' } = failed;
      throw mismatch(`${check}: expected ${expected}, found ${actual.slice(0, 256)}`);
    }
    this.#signatures.push({
      subject,
      verdict,
      payload,
      claims,
      statement: undefined,
      envelope: undefined,
      evidence,
    });
  }

  async #lookAtStatement(subject: string, evidence: SigstoreBundle): Promise<void> {
    if (evidence.content.kind !== 'dsse')
      throw mismatch('it is no signature of an image: there is no envelope');
    const verdict = await this.#appraise(evidence, { sha256: sha256Hex(this.#digest) });
    const { statement } = verdict;
    if (statement === undefined) throw mismatch('there is no statement');
    this.#checkPredicateType(statement.predicateType);
    if (this.#isSignature) this.#checkAnnotations(statement);
    const envelope = evidence.envelope ?? encodeUtf8(encodeEnvelope(evidence.content.envelope));
    const { payload } = evidence.content.envelope;
    this.#signatures.push({ subject, verdict, payload, claims: undefined, statement, envelope, evidence });
  }

  async #appraise(evidence: SigstoreBundle, artifact: ArtifactInput): Promise<SignatureVerdict> {
    const { verifier, hash: messageHash = 'sha256', dangerouslySkipClaims } = this.#options;
    const policy = { ...this.#options.policy, messageHash };
    const skip = evidence.content.kind === 'dsse' && dangerouslySkipClaims === true;
    const verdict = await verifier.appraise(
      evidence,
      skip ? undefined : artifact,
      skip ? { ...policy, dangerouslySkipArtifact: true } : policy,
    );
    if (verdict.verified) return verdict;
    throw refusalOf(verdict);
  }

  #checkPredicateType(found: string): void {
    const wanted = this.#predicateType;
    if (wanted === undefined || found === wanted) return;
    if (this.#options.predicateTypeFamily === true && found.startsWith(`${wanted}/`)) return;
    throw mismatch(`predicate type: expected ${wanted}, found ${found.slice(0, 256)}`);
  }

  #checkAnnotations({ subject }: Statement): void {
    const found = subject[0]?.annotations ?? {};
    for (const [name, expected] of Object.entries(this.#options.annotations ?? {})) {
      if (!Object.hasOwn(found, name) || found[name] !== expected)
        throw mismatch(`annotation ${name}: expected ${expected}`);
    }
  }
}

/** With a key, a log and an authority matter as far as the policy counts them; with a certificate, they say when it was used. */
function askedBy({ keys, logEntries = 1, timestamps = 0, times = 0 }: VerificationPolicy): AskedEvidence {
  const timed = keys === undefined || times > 0;
  return { logEntries: timed || logEntries > 0, timestamps: timed || timestamps > 0 };
}

function mismatch(message: string): CosignError {
  return new CosignError('ERR_COSIGN_NO_MATCH', message);
}

const MAX_PAYLOAD_BYTES = 4 << 20;
const MAX_ENVELOPE_BYTES = 32 << 20;
