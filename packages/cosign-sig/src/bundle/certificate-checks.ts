/**
 * Whose certificate it is, and whether it was good when it was used.
 *
 * @module
 */
import { encodeHex, equalBytes } from '@sealwright/bytes';
import { CosignError } from '../errors.js';
import { fulcioExtensions, issuerOf } from '../fulcio/extensions.js';
import { whyNotIdentity } from '../fulcio/identity.js';
import { embeddedScts, type VerifiedSct, verifySct } from '../fulcio/sct.js';
import { isWithin } from '../trust/validity.js';
import { type ChainCertificate, readCertificate, verifyChain } from '../x509/chain.js';
import { CODE_SIGNING, subjectNames } from '../x509/extensions.js';
import { type Appraised, reasonOf } from './check-list.js';
import type { VerifiedCertificate } from './verdict.js';

/** The certificate must have been valid at every moment that is known, under an authority that was to be trusted then. */
export async function checkChain(
  on: Appraised,
  leaf: ChainCertificate,
  times: readonly Date[],
): Promise<ChainCertificate | undefined> {
  const pointer = '/verificationMaterial';
  const assumed = on.policy.dangerouslyAssumeTime;
  const moments = times.length === 0 && assumed !== undefined ? [assumed] : times;
  if (moments.length === 0) {
    on.list.fail('certificate', pointer, 'nothing trusted says when it was used');
    return undefined;
  }
  let issuer: ChainCertificate | undefined;
  try {
    for (const moment of new Set(moments.map((time) => time.getTime()))) {
      const path = await pathAt(on, leaf, moment);
      issuer ??= path[1];
    }
    on.list.pass(
      'certificate',
      pointer,
      `valid under ${issuer?.certificate.commonName ?? 'a trusted authority'}`,
    );
    return issuer;
  } catch (error) {
    on.list.fail('certificate', pointer, reasonOf(error));
    return undefined;
  }
}

async function pathAt(on: Appraised, leaf: ChainCertificate, at: number): Promise<ChainCertificate[]> {
  const given = givenIntermediates(on, leaf);
  let refusal: unknown;
  for (const authority of on.root.certificateAuthorities) {
    if (!isWithin(authority.validFor, at)) continue;
    const intermediates = authority.intermediates.length > 0 ? authority.intermediates : given;
    try {
      const search = {
        anchors: [authority.anchor],
        intermediates,
        at,
        purpose: CODE_SIGNING,
        memo: on.memo,
      };
      return await verifyChain(leaf, search);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal ?? new CosignError('ERR_COSIGN_CERTIFICATE', 'no authority was to be trusted at that time');
}

/** What came along: in order, and without a root, although early writers put it at the end. */
function givenIntermediates(on: Appraised, leaf: ChainCertificate): ChainCertificate[] {
  const { material, version } = on.bundle;
  const given = material.kind === 'certificate' ? material.intermediates.map(readCertificate) : [];
  const isRoot = ({ certificate }: ChainCertificate): boolean =>
    equalBytes(certificate.subject, certificate.issuer);
  for (const [index, { certificate }] of given.entries()) {
    const below = index === 0 ? leaf : given[index - 1];
    if (below === undefined || !equalBytes(certificate.subject, below.certificate.issuer))
      throw new CosignError('ERR_COSIGN_CERTIFICATE', 'the chain in the bundle is not in order');
  }
  const roots = given.filter(isRoot);
  if (roots.length > (version === '0.1' || version === 'none' ? 1 : 0))
    throw new CosignError('ERR_COSIGN_CERTIFICATE', 'the chain in the bundle holds a root');
  return given.filter((certificate) => !isRoot(certificate));
}

/** The promises of certificate logs that hold; distinct logs count. */
export async function checkScts(
  on: Appraised,
  leaf: ChainCertificate,
  issuer: ChainCertificate | undefined,
): Promise<VerifiedSct[]> {
  const wanted = on.policy.scts ?? 1;
  const found: VerifiedSct[] = [];
  const pointer = '/verificationMaterial';
  try {
    const embedded = issuer === undefined ? [] : embeddedScts(leaf.certificate);
    const detached = on.policy.detachedSct;
    const all = [
      ...embedded.map((sct) => ({ sct, signer: issuer?.key })),
      ...(detached === undefined ? [] : [{ sct: detached, signer: undefined }]),
    ];
    for (const { sct, signer } of all) {
      try {
        const verified = await verifySct(sct, leaf.certificate, signer, on.root.ctlogs, on.memo);
        if (verified === undefined)
          on.list.skip('sct', pointer, `log ${encodeHex(sct.logId)} is not trusted`);
        else {
          found.push(verified);
          on.list.pass(
            'sct',
            pointer,
            `${verified.log || verified.logId} at ${verified.timestamp.toISOString()}`,
          );
        }
      } catch (error) {
        on.list.skip('sct', pointer, reasonOf(error));
      }
    }
  } catch (error) {
    on.list.fail('sct', pointer, reasonOf(error));
  }
  on.list.count('scts', new Set(found.map(({ logId }) => logId)).size, wanted, 'certificate logs');
  return found;
}

/** Who signed, and whether that is somebody who may. */
export function checkIdentity(on: Appraised, leaf: ChainCertificate): VerifiedCertificate | undefined {
  const pointer = '/verificationMaterial';
  try {
    const { certificate } = leaf;
    const names = subjectNames(certificate);
    const extensions = fulcioExtensions(certificate);
    const described = { der: certificate.raw, names, issuer: issuerOf(extensions), extensions };
    const identities = on.policy.identities ?? [];
    const reasons = identities.map((identity) => whyNotIdentity({ names, extensions }, identity));
    const who = names.map(({ value }) => value).join(', ') || 'nobody';
    if (on.policy.dangerouslyAcceptAnyIdentity === true)
      on.list.skip('identity', pointer, `anybody may sign: ${who}`);
    else if (reasons.includes(undefined)) on.list.pass('identity', pointer, `${who}, by ${described.issuer}`);
    else on.list.fail('identity', pointer, reasons[0] ?? 'nobody may sign');
    return described;
  } catch (error) {
    on.list.fail('identity', pointer, reasonOf(error));
    return undefined;
  }
}
