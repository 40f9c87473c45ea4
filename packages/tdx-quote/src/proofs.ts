/**
 * The signatures of collateral, each checked once. Dates are not looked at here: whoever uses a proof does, each time.
 *
 * @module
 */
import { type Bytes, concatBytes, encodeHex, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { type PublicKey, verifyEcdsa } from '@sealwright/crypto';
import { type Certificate, type CertificateList } from '@sealwright/der';
import type { JsonValue } from '@sealwright/json';
import {
  type Anchors,
  checkIssued,
  checkUse,
  importKey,
  isSigned,
  readCertificates,
  readCrl,
} from './certificates.js';
import type { Collateral } from './collateral.js';
import type { CollateralFacts } from './collateral-facts.js';
import { TdxQuoteError } from './errors.js';
import { type PckFacts, readPckFacts } from './pck.js';
import { type QeIdentity, readQeIdentity } from './qe-identity.js';
import type { TdxTrustAnchor } from './roots.js';
import { readTcbInfo, type TcbInfo } from './tcb-info.js';

/** An authority that issues PCK certificates. */
export interface PckIssuer {
  readonly intermediate: Certificate;
  readonly anchor: TdxTrustAnchor;
  readonly issuerKey: PublicKey;
  /** The authority's name and key, in one text. */
  readonly issuerId: string;
}

/** A PCK chain whose signatures hold. */
export interface PckChain extends PckIssuer {
  readonly leaf: Certificate;
  readonly root: Certificate;
  /** Key of the leaf. */
  readonly key: PublicKey;
  readonly facts: PckFacts;
}

/** The signer of a document, vouched for by an anchor. */
export interface Signer {
  readonly anchor: TdxTrustAnchor;
  readonly certificate: Certificate;
  readonly root: Certificate;
  readonly key: PublicKey;
}

/** Check the signatures of a PCK chain. */
export async function provePckChain(pem: string, anchors: Anchors): Promise<PckChain> {
  const [leaf, intermediate, root, ...more] = readCertificates(pem);
  if (leaf === undefined) throw new TdxQuoteError('ERR_TDX_PCK_CHAIN_MISSING', 'there is no PCK certificate');
  if (intermediate === undefined || root === undefined || more.length > 0)
    throw new TdxQuoteError(
      'ERR_TDX_PCK_CHAIN_INCOMPLETE',
      'a PCK chain is a leaf, an intermediate and the root',
    );
  const issuer = await proveIssuer(intermediate, root, anchors, async (issuerKey) =>
    checkIssued(leaf, intermediate.subject, issuerKey),
  );
  checkUse(leaf, intermediate);
  return { ...issuer, leaf, root, key: importKey(leaf.spki), facts: readPckFacts(leaf) };
}

/** The authority at the front of the issuer chain of a revocation list. */
export async function provePckIssuer(pem: string, anchors: Anchors): Promise<PckIssuer> {
  const [intermediate, root, ...more] = readCertificates(pem);
  if (intermediate === undefined || root === undefined || more.length > 0)
    throw new TdxQuoteError('ERR_TDX_COLLATERAL_MALFORMED', 'an issuer chain is an authority and the root');
  return proveIssuer(intermediate, root, anchors, async () => undefined);
}

/** Check an authority, after what it issued. */
async function proveIssuer(
  intermediate: Certificate,
  root: Certificate,
  anchors: Anchors,
  checkBelow: (issuerKey: PublicKey) => Promise<void>,
): Promise<PckIssuer> {
  const anchor = await anchors.find(root);
  const issuerKey = importKey(intermediate.spki);
  await checkBelow(issuerKey);
  await checkIssued(intermediate, anchor.subject, anchors.key(anchor));
  const issuerId = encodeHex(concatBytes(intermediate.spki, intermediate.subject));
  return { intermediate, anchor, issuerKey, issuerId };
}

/** Which of the two documents. */
export type DocumentKind = 'tcbInfo' | 'qeIdentity';

/** A document of a kind, decoded. */
export type DocumentOf<Kind extends DocumentKind> = { tcbInfo: TcbInfo; qeIdentity: QeIdentity }[Kind];

/** Everything that is known to be genuine about one set of collateral. */
export class Proofs {
  readonly anchors: Anchors;
  /** Facts about chains that were found not to be revoked, which no time changes. */
  readonly facts: WeakMap<PckChain, CollateralFacts> = new WeakMap();
  readonly #collateral: Collateral;
  readonly #memo: Memo = new Map();
  /** By their text, which nobody has vouched for: it must not be taken for the name of something else. */
  readonly #signers: Memo = new Map();
  readonly #chains = new Map<string, Promise<PckChain>>();

  constructor(collateral: Collateral, anchors: Anchors) {
    this.#collateral = { ...collateral };
    this.anchors = anchors;
  }

  /** What was given. */
  get collateral(): Collateral {
    return this.#collateral;
  }

  /** A PCK chain. Those that hold and were used last are remembered. */
  pckChain(pem: string): Promise<PckChain> {
    const known = this.#chains.get(pem);
    this.#chains.delete(pem);
    const chain = known ?? provePckChain(pem, this.anchors);
    this.#chains.set(pem, chain);
    if (known !== undefined) return known;
    chain.catch(() => this.#chains.delete(pem));
    const [oldest] = this.#chains.keys();
    if (oldest !== undefined && this.#chains.size > MAX_CHAINS) this.#chains.delete(oldest);
    return chain;
  }

  /** The root's revocation list. */
  rootCrl(anchor: TdxTrustAnchor): Promise<CertificateList> {
    return once(this.#memo, anchor, 'rootCrl', () =>
      proveCrl(this.#collateral.rootCaCrl, 'root', anchor.subject, this.anchors.key(anchor)),
    );
  }

  /** The revocation list of the authority that issued a PCK certificate. */
  pckCrl({ anchor, intermediate, issuerKey, issuerId }: PckIssuer): Promise<CertificateList> {
    return once(this.#memo, anchor, issuerId, () =>
      proveCrl(this.#collateral.pckCrl, 'pck', intermediate.subject, issuerKey),
    );
  }

  /** Who signed a document. */
  signer(kind: DocumentKind, anchor: TdxTrustAnchor): Promise<Signer> {
    const pem = this.#collateral[`${kind}IssuerChain`];
    return once(this.#signers, anchor, pem, () => proveSigner(pem, this.anchors, anchor));
  }

  /** A document, read once its signature was checked. */
  document<Kind extends DocumentKind>(kind: Kind, signer: Signer): Promise<DocumentOf<Kind>> {
    return once(this.#memo, signer.anchor, kind, async () => {
      const text = this.#collateral[kind];
      const [name, read] = DOCUMENTS[kind];
      const signature = this.#collateral[`${kind}Signature`];
      if (!(await verifyEcdsa(signer.key, 'sha256', encodeUtf8(text), signature, 'raw')))
        throw new TdxQuoteError(
          `ERR_TDX_${name}_SIGNATURE_INVALID`,
          'a document is not signed by its signer',
        );
      let value: JsonValue;
      try {
        // The signer is trusted by now, so there is no hostile text here for a stricter parser to refuse.
        value = JSON.parse(text) as JsonValue;
      } catch (cause) {
        throw new TdxQuoteError(`ERR_TDX_${name}_MALFORMED`, 'a document is not JSON', { cause });
      }
      return read(value) as DocumentOf<Kind>; // the table says which kind is read by which
    });
  }
}

type Memo = Map<TdxTrustAnchor, Map<string, Promise<unknown>>>;

/** A failure is remembered like a success: neither can change. */
function once<T>(memo: Memo, anchor: TdxTrustAnchor, key: string, prove: () => Promise<T>): Promise<T> {
  const proofs = memo.get(anchor) ?? new Map<string, Promise<unknown>>();
  memo.set(anchor, proofs);
  const known = proofs.get(key);
  // Each key is used by one method only, whose type the value has.
  if (known !== undefined) return known as Promise<T>;
  const made = prove();
  proofs.set(key, made);
  return made;
}

async function proveCrl(
  der: Bytes,
  which: 'root' | 'pck',
  issuer: Bytes,
  key: PublicKey,
): Promise<CertificateList> {
  const list = readCrl(der, which);
  if (!equalBytes(list.issuer, issuer))
    throw new TdxQuoteError('ERR_TDX_CRL_ISSUER_MISMATCH', 'a revocation list is not of this authority', {
      detail: which,
    });
  if (!(await isSigned(list, key)))
    throw new TdxQuoteError(
      'ERR_TDX_CRL_SIGNATURE_INVALID',
      'a revocation list is not signed by its issuer',
      {
        detail: which,
      },
    );
  if (list.criticalInEntries.length > 0 || list.extensions.some(({ critical }) => critical))
    throw new TdxQuoteError('ERR_TDX_CRL_MALFORMED', 'a revocation list has critical extensions', {
      detail: which,
    });
  return list;
}

/** Who signs documents, at the front of an issuer chain. */
export async function proveSigner(pem: string, anchors: Anchors, wanted?: TdxTrustAnchor): Promise<Signer> {
  const [certificate, root, ...more] = readCertificates(pem);
  if (certificate === undefined || root === undefined || more.length > 0)
    throw new TdxQuoteError('ERR_TDX_COLLATERAL_MALFORMED', 'an issuer chain is a signer and the root');
  const anchor = await anchors.find(root);
  if (wanted !== undefined && anchor !== wanted)
    throw new TdxQuoteError(
      'ERR_TDX_CHAIN_UNTRUSTED_ROOT',
      'the signer is of another root than the platform',
      {
        detail: root.commonName,
      },
    );
  await checkIssued(certificate, anchor.subject, anchors.key(anchor));
  checkUse(certificate, undefined);
  return { anchor, certificate, root, key: importKey(certificate.spki) };
}

const MAX_CHAINS = 64;
/** By kind: the name in codes, and who reads it. */
export const DOCUMENTS: {
  readonly tcbInfo: readonly ['TCB_INFO', (value: JsonValue) => TcbInfo];
  readonly qeIdentity: readonly ['QE_IDENTITY', (value: JsonValue) => QeIdentity];
} = { tcbInfo: ['TCB_INFO', readTcbInfo], qeIdentity: ['QE_IDENTITY', readQeIdentity] };
