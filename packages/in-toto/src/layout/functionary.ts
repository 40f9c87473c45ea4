import type { Bytes } from '@sealwright/bytes';
import { InTotoError } from '../errors.js';
import type { Verifier } from '../verifier.js';
import { certificateDer, type LeafCertificate, parseCertificate } from './certificate.js';
import type { Checks } from './check.js';
import { unmetConstraints } from './constraint.js';
import { metadataVerifier } from './key.js';
import type { MetadataSignature, SignedMetadata } from './metadata.js';
import type { Layout, Step } from './model.js';

/** What a chain is to be built from. */
export interface ChainRequest {
  /** The certificate of whoever signed, DER. */
  readonly leaf: Bytes;
  /** The roots of the layout, DER by id. */
  readonly roots: Readonly<Record<string, Bytes>>;
  /** The intermediates of the layout and of the caller, DER. */
  readonly intermediates: readonly Bytes[];
  /** The moment at which the whole chain must be valid. */
  readonly time: Date;
}

/**
 * Builds a chain from a certificate to one of the roots and checks all of it: signatures, validity, basic constraints, key usage.
 * This package has no chain building of its own.
 *
 * @returns the id of the root, `undefined` when there is no valid chain
 */
export type ChainVerifier = (request: ChainRequest) => Promise<string | undefined>;

/** What certificates of functionaries are held against. */
export interface CertificateContext {
  readonly layout: Layout;
  readonly time: Date;
  readonly verifyChain?: ChainVerifier;
  readonly intermediates?: readonly string[];
  readonly checks: Checks;
}

/** The keys of certificates that signed a file and meet a constraint of the step. */
export async function certified(
  signed: SignedMetadata,
  step: Step,
  context: CertificateContext,
): Promise<Verifier[]> {
  const result: Verifier[] = [];
  if (step.certConstraints.length === 0) return result;
  for (const signature of signed.signatures) {
    if (signature.certificate === '') continue;
    const said = await judged(signed.message, signature, step, context);
    const refused = typeof said === 'string';
    if (!refused) result.push(said);
    context.checks.add('certificate', step.name, refused ? 'warn' : 'pass', {
      expected: 'a certificate that signed and meets a constraint of the step',
      actual: refused ? said : 'it does',
    });
  }
  return result;
}

/** The key, or why not. */
async function judged(
  message: Bytes,
  signature: MetadataSignature,
  step: Step,
  context: CertificateContext,
): Promise<Verifier | string> {
  const { layout, time, verifyChain } = context;
  if (verifyChain === undefined) return 'no chain verifier was given';
  try {
    const leaf = parseCertificate(signature.certificate);
    const verifier = metadataVerifier(leaf.publicKey, signature.keyid);
    if (!(await verifier.verify(message, signature.sig))) return 'the signature does not verify';
    if (time < leaf.notBefore || time > leaf.notAfter) return 'the certificate is not valid at this time';
    const roots = Object.entries(layout.rootCas).map(([id, key]) => [
      id,
      certificateDer(key.certificate ?? ''),
    ]);
    const request: ChainRequest = {
      leaf: leaf.der,
      roots: Object.fromEntries(roots) as Record<string, Bytes>,
      intermediates: [
        ...Object.values(layout.intermediateCas).map((key) => key.certificate ?? ''),
        ...(context.intermediates ?? []),
      ].map(certificateDer),
      time,
    };
    const root = await verifyChain(request);
    if (root === undefined || !Object.hasOwn(layout.rootCas, root)) return 'no chain to a root of the layout';
    return constrained(step, leaf, root) ?? verifier;
  } catch (error) {
    if (error instanceof InTotoError) return error.message;
    throw error;
  }
}

/** Why no constraint is met, `undefined` when one is. */
function constrained(step: Step, leaf: LeafCertificate, root: string): string | undefined {
  const unmet = step.certConstraints.map((constraint) => unmetConstraints(constraint, leaf, root));
  if (unmet.some((names) => names.length === 0)) return undefined;
  return `unmet: ${unmet.map((names) => names.join(', ')).join('; ')}`;
}
