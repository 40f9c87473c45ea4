import { encodeBase64, encodeHex } from '@sealwright/bytes';
import { digest, verify } from '@sealwright/crypto';
import { decodePem, readSignatureScheme } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  type ChainCertificate,
  CosignError,
  embeddedScts,
  fulcioExtensionOid,
  type FulcioExtensionName,
  fulcioExtensions,
  parseTimestampResponse,
  parseTrustedAuthority,
  parseTrustedRoot,
  readCertificate,
  SignatureMemo,
  subjectNames,
  type Timestamp,
  trustedAuthority,
  type TrustedRoot,
  verifySct,
  verifyTimestamp,
} from '../src/index.js';
import { sctSignedData } from '../src/fulcio/sct.js';

interface CertificateCase {
  file: string;
  trustedRoot: string;
  expect: {
    notBefore: string;
    notAfter: string;
    keyType: string;
    issuerDN?: string;
    san: { type: string; value: string }[];
    extensions: Record<string, { name: string; value: string }>;
    scts: {
      logIdBase64: string;
      timestampMs: number;
      signatureAlgorithm: string;
      validWithKeyOf: string | null;
      extensionBytesHex: string;
      signedDataSha256: string;
    }[];
    issuerFound: boolean;
    issuerSpkiSha256?: string;
  };
}

interface TimestampCase {
  tsr: string;
  message: string;
  chain: string | null;
  genTime: string;
  hashAlgorithm: string;
  policy: string;
  verdict: string;
  why: string;
}

const area = vectorArea('rekor');
const read = <T>(...path: string[]): T[] => (area.present ? area.json<T[]>(...path) : []);

describe.skipIf(!area.present)('certificates of Fulcio', () => {
  it.each(read<CertificateCase>('fulcio', 'cases.json'))(
    '$file',
    async ({ file, trustedRoot, expect: wanted }) => {
      const leaf = readCertificate(derOf(area.text(file)));
      const { certificate, key } = leaf;
      expect(certificate.notBefore).toBe(Date.parse(wanted.notBefore));
      expect(certificate.notAfter).toBe(Date.parse(wanted.notAfter));
      expect(kindOf(key.kind, key.bits)).toBe(wanted.keyType);
      expect(subjectNames(certificate)).toEqual(
        wanted.san.map(({ type, value }) => ({ type: NAME_TYPES[type] ?? type, value })),
      );
      const found = Object.entries(fulcioExtensions(certificate)).map(([name, value]) => [
        fulcioExtensionOid(name as FulcioExtensionName),
        { name, value },
      ]);
      expect(Object.fromEntries(found)).toEqual(wanted.extensions);
      const root = parseTrustedRoot(area.bytes(trustedRoot));
      const issuer = await issuerIn(root, leaf);
      expect(issuer !== undefined).toBe(wanted.issuerFound);
      const scts = embeddedScts(certificate);
      expect(scts).toHaveLength(wanted.scts.length);
      if (issuer === undefined) return;
      expect(issuer.key.fingerprint).toBe(wanted.issuerSpkiSha256);
      if (wanted.issuerDN !== undefined)
        expect(wanted.issuerDN.split(',')).toContain(`CN=${issuer.certificate.commonName}`);
      for (const [index, sct] of scts.entries()) {
        const sample = wanted.scts[index];
        expect(encodeBase64(sct.logId)).toBe(sample?.logIdBase64);
        expect(sct.timestamp).toBe(sample?.timestampMs);
        expect(sct.algorithm).toBe(sample?.signatureAlgorithm === 'RSA' ? 1 : 3);
        expect(encodeHex(sct.extensions)).toBe(sample?.extensionBytesHex);
        const signed = sctSignedData(sct, certificate, issuer.key);
        expect(encodeHex(digest('sha256', signed))).toBe(sample?.signedDataSha256);
        const memo = new SignatureMemo(0);
        const verified = await verifySct(sct, certificate, issuer.key, root.ctlogs, memo).catch(
          (reason: unknown) => {
            if (reason instanceof CosignError) return undefined;
            throw reason;
          },
        );
        expect(verified?.log ?? null).toBe(sample?.validWithKeyOf ?? null);
      }
    },
  );

  it.each(area.list('fulcio').filter((file) => /^ca-.*[.]pem$/.test(file)))('%s is an authority', (file) => {
    const chain = decodePem(area.text('fulcio', file)).map(({ bytes }) => bytes);
    expect(trustedAuthority(chain).anchor.uses.authority).toBe(true);
  });
});

describe.skipIf(!area.present)('timestamps', () => {
  it.each(read<TimestampCase>('tsa', 'cases.json'))('$tsr: $verdict, $why', async (sample) => {
    const response = area.bytes(sample.tsr);
    const parsed = readOrRefuse(response);
    if (parsed === undefined) {
      expect(sample.verdict).toMatch(/reject$/);
      return;
    }
    expect(new Date(parsed.time).toISOString()).toBe(new Date(sample.genTime).toISOString());
    expect(parsed.hash).toBe(sample.hashAlgorithm);
    expect(parsed.policy).toBe(POLICIES.get(sample.policy) ?? sample.policy);
    const message = area.bytes(sample.message);
    const bundle = vectorArea('bundle');
    const roots: TrustedRoot[] = [area.bytes('tuf', 'trusted_root.json')]
      .concat(bundle.present ? [bundle.bytes('sigstore-python', 'staging-trusted_root.json')] : [])
      .map((bytes) => parseTrustedRoot(bytes));
    const own =
      sample.chain === null
        ? []
        : [trustedAuthority(decodePem(area.text(sample.chain)).map(({ bytes }) => bytes))];
    const authorities = sample.chain === null ? roots.flatMap((root) => root.timestampAuthorities) : own;
    const outcome: unknown = await verifyTimestamp(response, message, authorities).catch(
      (reason: unknown) => reason,
    );
    if (sample.verdict === 'accept' || sample.verdict.endsWith(': accept')) {
      expect(outcome).toMatchObject({ time: new Date(parsed.time) });
      const other = await verifyTimestamp(response, message.subarray(1), authorities).catch(
        (reason: unknown) => reason,
      );
      expect(other).toBeInstanceOf(CosignError);
      const name = await verifyTimestamp(response, message, authorities, { commonName: 'Spoofed TSA' }).catch(
        (reason: unknown) => reason,
      );
      expect(name).toBeInstanceOf(CosignError);
    } else if (sample.verdict === 'reject') expect(outcome).toBeInstanceOf(CosignError);
    // the other fault may be one of the bundle, where the timestamp itself holds
    else expect(sample.verdict).toBe('see bundle verdict: reject');
  });

  it('no certificate that came along makes a timestamp trusted, whatever name it has', async () => {
    for (const sample of read<TimestampCase>('tsa', 'cases.json')) {
      const response = area.bytes(sample.tsr);
      for (const der of readOrRefuse(response)?.certificates ?? []) {
        expect(der.byteLength).toBeGreaterThan(0);
      }
      await expect(verifyTimestamp(response, area.bytes(sample.message), [])).rejects.toBeInstanceOf(
        CosignError,
      );
    }
  });
});

describe.skipIf(!area.present)('trusted roots and authorities', () => {
  it.each(area.present ? area.list('tuf').filter((name) => /certificate_authority/.test(name)) : [])(
    '%s',
    (name) => {
      const usable = !/empty|missing/.test(name);
      const read = (): unknown => parseTrustedAuthority(area.bytes('tuf', name), 'timestamps');
      if (usable) expect(read()).toMatchObject({ leaf: expect.anything() });
      else expect(read).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_TRUSTED_ROOT' }));
    },
  );

  it.each(area.present ? area.list('tuf').filter((name) => /trusted_?root/.test(name)) : [])('%s', (name) => {
    const read = (): TrustedRoot => parseTrustedRoot(area.bytes('tuf', name));
    if (/bad/.test(name)) expect(read).toThrow(expect.objectContaining({ pointer: '/mediaType' }));
    else expect(read().certificateAuthorities).not.toHaveLength(0);
  });
});

/** The authority whose key signed the leaf; several may have its name. */
async function issuerIn(root: TrustedRoot, leaf: ChainCertificate): Promise<ChainCertificate | undefined> {
  const all = root.certificateAuthorities.flatMap(({ anchor, intermediates }) => [...intermediates, anchor]);
  const name = encodeHex(leaf.certificate.issuer);
  const { signed, signature, signatureAlgorithm } = leaf.certificate;
  for (const issuer of all) {
    if (encodeHex(issuer.certificate.subject) !== name) continue;
    const scheme = readSignatureScheme(signatureAlgorithm);
    if (scheme !== undefined && (await verify(issuer.key, signed, signature, { scheme }))) return issuer;
  }
  return undefined;
}

/** What is made with SHA-1 is not even read. */
function readOrRefuse(response: Uint8Array): Timestamp | undefined {
  try {
    return parseTimestampResponse(response);
  } catch (error) {
    if (error instanceof CosignError) return undefined;
    throw error;
  }
}

function derOf(pem: string): Uint8Array {
  return decodePem(pem)[0]?.bytes ?? new Uint8Array(0);
}

function kindOf(kind: string, bits: number | undefined): string {
  if (kind === 'rsa') return `RSA ${bits}`;
  return kind === 'ed25519' ? 'Ed25519' : `EC P-${kind.slice('ec-p'.length)}`;
}

/** How the configuration that comes with OpenSSL calls its policies. */
const POLICIES: ReadonlyMap<string, string> = new Map([
  ['tsa_policy1', '1.2.3.4.1'],
  ['tsa_policy2', '1.2.3.4.5.6'],
  ['tsa_policy3', '1.2.3.4.5.7'],
]);

const NAME_TYPES: Readonly<Record<string, string>> = {
  UniformResourceIdentifier: 'uri',
  RFC822Name: 'email',
  DNSName: 'dns',
  OtherName: 'other',
  IPAddress: 'ip',
};
