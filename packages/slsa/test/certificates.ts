/** Reads what Fulcio writes into certificates. Nothing here checks a chain, a time or a log: see the README of the vectors. */
import { decodeUtf8 } from '@sealwright/bytes';
import { importPublicKey, type PublicKey } from '@sealwright/crypto';
import { decodePem, DerReader, parseCertificate } from '@sealwright/der';
import { type CertificateIdentity, certificateIdentity, type FulcioExtensionTexts } from '../src/index.js';

export interface ReadCertificate {
  readonly key: PublicKey;
  /** With the prefix that says what it is: `URI:` or `email:`. */
  readonly san: string;
  /** By number. */
  readonly extensions: Readonly<Record<string, string>>;
  readonly identity: CertificateIdentity;
}

export function readCertificate(pem: string): ReadCertificate {
  const [block] = decodePem(pem);
  const { spki, extensions } = parseCertificate(block?.bytes ?? new Uint8Array());
  const numbered: Record<string, string> = {};
  let san = '';
  for (const { oid, value } of extensions) {
    if (oid === '2.5.29.17') san = nameOf(value);
    const number = oid.startsWith(ARC) ? Number(oid.slice(ARC.length)) : 0;
    if (number > 0)
      numbered[number] =
        number < 7 ? decodeUtf8(value) : decodeUtf8(new DerReader(value).element(0x0c).contents);
  }
  const texts = Object.entries(numbered).flatMap(([number, value]) => {
    const name = NAMES[Number(number)];
    return name === undefined ? [] : [[name, value] as const];
  });
  const identity = certificateIdentity(san.slice(san.indexOf(':') + 1), Object.fromEntries(texts));
  return { key: importPublicKey(spki), san, extensions: numbered, identity };
}

function nameOf(value: Uint8Array): string {
  const { tag, contents } = new DerReader(value).enter(0x30).element();
  return `${tag === 0x86 ? 'URI' : tag === 0x81 ? 'email' : 'other'}:${decodeUtf8(contents)}`;
}

const ARC = '1.3.6.1.4.1.57264.1.';
const NAMES: Readonly<Record<number, keyof FulcioExtensionTexts>> = {
  1: 'issuer',
  2: 'githubWorkflowTrigger',
  3: 'githubWorkflowSha',
  5: 'githubWorkflowRepository',
  6: 'githubWorkflowRef',
  8: 'issuerV2',
  11: 'runnerEnvironment',
  12: 'sourceRepositoryURI',
  13: 'sourceRepositoryDigest',
  14: 'sourceRepositoryRef',
  15: 'sourceRepositoryIdentifier',
  17: 'sourceRepositoryOwnerIdentifier',
  18: 'buildConfigURI',
  19: 'buildConfigDigest',
  20: 'buildTrigger',
  21: 'runInvocationURI',
};
