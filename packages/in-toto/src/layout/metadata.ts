import { type Bytes, BytesError, decodeHex, encodeUtf8 } from '@sealwright/bytes';
import { jsonPointer, type JsonValue } from '@sealwright/json';
import { INTOTO_PAYLOAD_TYPE, parseEnvelope } from '../envelope.js';
import { pae } from '../pae.js';
import { STATEMENT_LIMITS, statementJson } from '../statement-json.js';
import { canonicalMetadata } from './canonical.js';
import { fault, Fields } from './fields.js';
import { type Layout, LAYOUT_LIMITS, type LayoutLimits, type Link } from './model.js';
import { layoutOf } from './parse-layout.js';
import { linkOf } from './parse-link.js';

/** One signature of a layout or link. */
export interface MetadataSignature {
  /** A hint about the key; decides nothing. */
  readonly keyid: string;
  /** The signature. */
  readonly sig: Bytes;
  /** A certificate in PEM that came along; nothing of it was checked. Empty for none. */
  readonly certificate: string;
}

/** What layouts and links have in common. Parsed is not verified. */
export interface SignedMetadata {
  /** The classic form, or a DSSE envelope. */
  readonly form: 'metablock' | 'dsse';
  /** The signatures, not checked. */
  readonly signatures: readonly MetadataSignature[];
  /** What the signatures cover. */
  readonly message: Bytes;
}

/** A layout and its signatures. */
export interface SignedLayout extends SignedMetadata {
  /** What it is. */
  readonly type: 'layout';
  /** What it says. */
  readonly layout: Layout;
}

/** A link and its signatures. */
export interface SignedLink extends SignedMetadata {
  /** What it is. */
  readonly type: 'link';
  /** What it says. */
  readonly link: Link;
}

/** How to read a layout or link. */
export interface MetadataOptions {
  /** Caps other than {@link LAYOUT_LIMITS}. */
  readonly limits?: Partial<LayoutLimits>;
}

/**
 * Read a layout or link, as a metablock or as a DSSE envelope. Unknown members are ignored, but signed.
 *
 * @param input - its JSON: text, or UTF-8
 * @param options - caps
 * @throws {@link InTotoError}
 */
export function parseMetadata(
  input: string | Uint8Array,
  options: MetadataOptions = {},
): SignedLayout | SignedLink {
  const limits = { ...LAYOUT_LIMITS, ...options.limits };
  const object = jsonOf(typeof input === 'string' ? encodeUtf8(input) : input, limits);
  if (Object.hasOwn(object, 'payload')) {
    if (Object.hasOwn(object, 'signed'))
      throw fault('LAYOUT_UNSUPPORTED_TYPE', 'a file is a metablock or an envelope, not both', '');
    return fromEnvelope(input, limits);
  }
  const fields = new Fields(object, '', limits.maxSignatures);
  const content = contentOf(fields.value('signed'), '/signed', limits);
  const signatures = fields.list('signatures', (item, pointer) => signatureOf(item, pointer));
  const message = canonicalMetadata(fields.object('signed'));
  return { form: 'metablock', signatures, message, ...content };
}

function fromEnvelope(input: string | Uint8Array, limits: LayoutLimits): SignedLayout | SignedLink {
  const { payload, payloadType, signatures } = parseEnvelope(input, { limits });
  if (payloadType !== INTOTO_PAYLOAD_TYPE)
    throw fault('DSSE_PAYLOAD_TYPE', `the payload type is ${INTOTO_PAYLOAD_TYPE}`, '/payloadType');
  const content = contentOf(jsonOf(payload, limits), '', limits);
  return {
    form: 'dsse',
    signatures: signatures.map(({ keyid, sig, unknown }, index) => {
      const certificate = new Fields({ ...unknown }, jsonPointer('signatures', index), 1).text('cert');
      return { keyid, sig, certificate };
    }),
    message: pae(payloadType, payload),
    ...content,
  };
}

function contentOf(
  value: JsonValue | undefined,
  pointer: string,
  limits: LayoutLimits,
): Pick<SignedLayout, 'type' | 'layout'> | Pick<SignedLink, 'type' | 'link'> {
  const type = new Fields(value, pointer, limits.maxItems).name('_type');
  if (type === 'layout') return { type, layout: layoutOf(value, pointer, limits.maxItems) };
  if (type === 'link') return { type, link: linkOf(value, pointer, limits.maxItems) };
  throw fault('LAYOUT_UNSUPPORTED_TYPE', '_type is layout or link', `${pointer}/_type`);
}

function signatureOf(value: JsonValue, pointer: string): MetadataSignature {
  const fields = new Fields(value, pointer, 1);
  try {
    return {
      keyid: fields.text('keyid'),
      sig: decodeHex(fields.name('sig')),
      certificate: fields.text('cert'),
    };
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw fault('LAYOUT_BAD_HEX', 'a signature is hexadecimal', `${pointer}/sig`);
  }
}

function jsonOf(bytes: Uint8Array, limits: LayoutLimits): ReturnType<typeof statementJson> {
  const { maxBytes, maxDepth, maxItems } = limits;
  return statementJson(bytes, { ...STATEMENT_LIMITS, maxBytes, maxDepth, maxMembers: maxItems });
}
