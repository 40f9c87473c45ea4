import { copyBytes } from '@sealwright/bytes';
import { type Certificate, DerReader, DerTag, readTime } from '@sealwright/der';

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
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
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
