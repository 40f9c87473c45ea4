import { encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import type { Signer } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { INTOTO_PAYLOAD_TYPE } from '../envelope.js';
import { pae } from '../pae.js';
import { canonicalMetadata } from './canonical.js';
import { encodeLayout, encodeLink } from './encode.js';
import { layoutKey, metadataVerifier } from './key.js';
import { parseMetadata } from './metadata.js';
import type { Layout, Link } from './model.js';

/** Who signs a layout or link. RSA keys sign with PSS, as `rsa-pss-sha256`. */
export interface MetadataSigner extends Signer {
  /** A certificate in PEM to send along. None unless given. */
  readonly certificate?: string;
}

/** How to sign a layout or link. */
export interface SignMetadataOptions {
  /** Who signs; at least one. Without a key id, {@link layoutKey} gives it. */
  readonly signers: readonly [MetadataSigner, ...MetadataSigner[]];
  /** The classic form, or a DSSE envelope. Default `metablock`. */
  readonly form?: 'metablock' | 'dsse';
}

/**
 * Sign a layout.
 *
 * @param layout - what to sign
 * @param options - who signs, and the form
 * @returns the JSON text of the file
 * @throws {@link InTotoError} for a layout that {@link parseMetadata} would refuse.
 */
export function signLayout(layout: Layout, options: SignMetadataOptions): Promise<string> {
  return signed(encodeLayout(layout), options);
}

/**
 * Sign a link.
 *
 * @param link - what to sign
 * @param options - who signs, and the form
 * @returns the JSON text of the file
 * @throws {@link InTotoError} for a link that {@link parseMetadata} would refuse.
 */
export function signLink(link: Link, options: SignMetadataOptions): Promise<string> {
  return signed(encodeLink(link), options);
}

async function signed(content: JsonObject, options: SignMetadataOptions): Promise<string> {
  parseMetadata(JSON.stringify({ signed: content, signatures: [] }));
  const dsse = options.form === 'dsse';
  const payload = dsse ? encodeUtf8(JSON.stringify(content)) : canonicalMetadata(content);
  const message = dsse ? pae(INTOTO_PAYLOAD_TYPE, payload) : payload;
  const encode = dsse ? encodeBase64 : encodeHex;
  const signatures: JsonObject[] = [];
  for (const signer of options.signers) {
    const sig = await signer.sign(message);
    const { keyid } = signer.keyid === undefined ? layoutKey(signer.publicKey) : { keyid: signer.keyid };
    if (!(await metadataVerifier(signer.publicKey, keyid).verify(message, sig)))
      throw new TypeError(
        'a signer of layouts and links signs by the scheme of its kind of key: RSA by rsa-pss-sha256',
      );
    const { certificate } = signer;
    signatures.push({ keyid, sig: encode(sig), ...(certificate === undefined ? {} : { cert: certificate }) });
  }
  return JSON.stringify(
    dsse
      ? { payload: encodeBase64(payload), payloadType: INTOTO_PAYLOAD_TYPE, signatures }
      : { signed: content, signatures },
  );
}
