import { equalBytes } from '@sealwright/bytes';
import { verifySignature } from '@sealwright/crypto';
import { type Certificate, DerError, verifyCertificateChain } from '@sealwright/der';

/** Whom a layout trusts to certify functionaries. */
export interface Authorities {
  /** Roots by their id in the layout. */
  readonly roots: ReadonlyMap<string, Certificate>;
  readonly intermediates: readonly Certificate[];
}

/**
 * The roots that a valid chain leads to: names, signatures, dates, critical extensions, authority and path lengths, the root's own
 * included.
 *
 * @param leaf - where the chains begin
 * @param authorities - what to build them of
 * @param at - the moment for which to decide, milliseconds since 1970
 */
export async function rootsOf(leaf: Certificate, authorities: Authorities, at: number): Promise<string[]> {
  const found: string[] = [];
  let tries = MAX_CHAINS;
  for (const { root, chain } of chainsFrom([leaf], authorities)) {
    tries -= 1;
    if (tries < 0) break;
    const anchor = chain.at(-1);
    if (anchor === undefined || found.includes(root)) continue;
    try {
      await verifyCertificateChain(chain, {
        anchors: [anchor],
        at,
        verify: verifySignature,
        known: LOOKED_AT,
      });
      found.push(root);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  }
  return found;
}

/** Every run of certificates in which each is named as the issuer of the one before. */
function* chainsFrom(
  path: readonly [Certificate, ...Certificate[]],
  authorities: Authorities,
): Generator<{ root: string; chain: readonly Certificate[] }> {
  const last = path.at(-1) ?? path[0];
  const issued = ({ subject }: Certificate): boolean => equalBytes(subject, last.issuer);
  for (const [root, certificate] of authorities.roots)
    if (issued(certificate)) yield { root, chain: [...path, certificate] };
  if (path.length > MAX_INTERMEDIATES) return;
  for (const certificate of authorities.intermediates)
    if (issued(certificate) && !path.includes(certificate))
      yield* chainsFrom([...path, certificate], authorities);
}

const MAX_CHAINS = 32;
const MAX_INTERMEDIATES = 6;
/** Critical extensions that constraints speak of, or that say for what else a certificate may serve. */
const LOOKED_AT: readonly string[] = ['2.5.29.17', '2.5.29.37'];
