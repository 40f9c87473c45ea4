import { copyBytes, decodeUtf8 } from '@sealwright/bytes';
import { type Certificate, DerError, DerReader, DerTag } from '@sealwright/der';

/** Read a certificate of version 1, which has no extensions; `undefined` for one that names its version. */
export function parseFirstVersion(der: Uint8Array): Certificate | undefined {
  const outer = new DerReader(der).enter();
  const body = outer.element(DerTag.sequence);
  const fields = new DerReader(body.contents);
  if (fields.peek() === DerTag.context0) return undefined;
  const signatureAlgorithm = copyBytes(outer.element(DerTag.sequence).raw);
  const signature = outer.bitString();
  outer.end();
  const serial = copyBytes(fields.element(DerTag.integer).contents);
  fields.element(DerTag.sequence);
  const issuer = copyBytes(fields.element(DerTag.sequence).raw);
  const validity = fields.enter();
  const [notBefore, notAfter] = [timeOf(validity), timeOf(validity)];
  const subject = copyBytes(fields.element(DerTag.sequence).raw);
  const spki = copyBytes(fields.element(DerTag.sequence).raw);
  fields.end();
  return {
    raw: copyBytes(der),
    signed: copyBytes(body.raw),
    serial,
    issuer,
    subject,
    commonName: undefined,
    notBefore,
    notAfter,
    spki,
    signatureAlgorithm,
    signature,
    extensions: [],
  };
}

/** UTCTime, or GeneralizedTime, in milliseconds since 1970. */
function timeOf(validity: DerReader): number {
  const { tag, contents, offset } = validity.element();
  const text = decodeUtf8(contents);
  const full = tag === UTC_TIME ? `${text < '5' ? '20' : '19'}${text}` : text;
  const iso = full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const time = iso === full ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(time)) throw new DerError('ERR_DER_VALUE', 'expected a time', { offset });
  return time;
}

const UTC_TIME = 0x17;
