/** Reads the files of the vectors: Sigstore bundles, bare envelopes, lines and lists of them. */
import { decodeUtf8 } from '@sealwright/bytes';
import { type DsseEnvelope, parseEnvelope } from '@sealwright/in-toto';
import { isJsonObject, type JsonValue, parseJson } from '@sealwright/json';

/** One attestation of a file. */
export interface Attestation {
  readonly container: string;
  readonly text: string;
  readonly envelope: DsseEnvelope;
  /** The certificate beside the signature, as PEM. */
  readonly certificate?: string;
  readonly declaredPredicateType?: string;
}

export function readAttestations(bytes: Uint8Array): readonly Attestation[] {
  const text = decodeUtf8(bytes);
  const lines = text.trimEnd().split('\n');
  const whole =
    lines.length > 1 && lines.every((line) => line.startsWith('{') && line.endsWith('}')) ? lines : [text];
  return whole.flatMap((json) => fromJson(parseJson(json)));
}

function fromJson(value: JsonValue): readonly Attestation[] {
  const list = member(value, 'attestations');
  if (Array.isArray(list)) {
    return list.flatMap((each) =>
      fromJson(member(each, 'bundle') ?? null).map((read) => {
        const type = member(each, 'predicateType');
        return typeof type === 'string' ? { ...read, declaredPredicateType: type } : read;
      }),
    );
  }
  const inner = member(value, 'dsseEnvelope');
  const json = JSON.stringify(inner ?? value);
  const envelope = parseEnvelope(json, { mode: 'tolerant' });
  const container = inner === undefined ? 'dsse-envelope' : String(member(value, 'mediaType'));
  const certificate = certificateOf(value, envelope);
  return [{ container, text: json, envelope, ...(certificate === undefined ? {} : { certificate }) }];
}

function certificateOf(value: JsonValue, envelope: DsseEnvelope): string | undefined {
  const material = member(value, 'verificationMaterial') ?? null;
  const chain = member(member(material, 'x509CertificateChain') ?? null, 'certificates');
  const first = Array.isArray(chain) ? chain[0] : member(material, 'certificate');
  const raw = member(first ?? null, 'rawBytes');
  if (typeof raw === 'string') return `-----BEGIN CERTIFICATE-----\n${raw}\n-----END CERTIFICATE-----\n`;
  const pem = envelope.signatures[0]?.unknown['cert'];
  return typeof pem === 'string' && pem !== '' ? pem : undefined;
}

function member(value: JsonValue, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
