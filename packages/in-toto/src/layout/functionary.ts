import type { Bytes } from '@sealwright/bytes';
import { InTotoError } from '../errors.js';
import type { Verifier } from '../verifier.js';
import { certificateOf, type LeafCertificate, leafOf } from './certificate.js';
import { type Authorities, rootsOf } from './chain.js';
import type { Checks } from './check.js';
import { unmetConstraints } from './constraint.js';
import { type LayoutKey, metadataVerifier } from './key.js';
import type { MetadataSignature, SignedMetadata } from './metadata.js';
import type { Layout, Step } from './model.js';

/** What certificates of functionaries are held against. */
export interface CertificateContext {
  readonly layout: Layout;
  readonly time: Date;
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
  const { layout, time, intermediates = [] } = context;
  try {
    const leaf = leafOf(signature.certificate);
    const verifier = metadataVerifier(leaf.publicKey, signature.keyid);
    if (!(await verifier.verify(message, signature.sig))) return 'the signature does not verify';
    const authorities = authoritiesOf(layout, intermediates);
    const roots = await rootsOf(leaf.certificate, authorities, time.getTime());
    if (roots.length === 0) return 'no valid chain to a root of the layout';
    return constrained(step, leaf, roots) ?? verifier;
  } catch (error) {
    if (error instanceof InTotoError) return error.message;
    throw error;
  }
}

function authoritiesOf(layout: Layout, intermediates: readonly string[]): Authorities {
  const pemOf = ({ certificate = '' }: LayoutKey): string => certificate;
  const roots = Object.entries(layout.rootCas).map(([id, key]) => [id, certificateOf(pemOf(key))] as const);
  const pems = [...Object.values(layout.intermediateCas).map(pemOf), ...intermediates];
  return { roots: new Map(roots), intermediates: pems.map(certificateOf) };
}

/** Why no constraint is met, `undefined` when one is. */
function constrained(step: Step, leaf: LeafCertificate, roots: readonly string[]): string | undefined {
  const unmet = step.certConstraints.map((constraint) => unmetConstraints(constraint, leaf, roots));
  if (unmet.some((names) => names.length === 0)) return undefined;
  return `unmet: ${unmet.map((names) => names.join(', ')).join('; ')}`;
}
