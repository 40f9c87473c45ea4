/**
 * The annotation packet of Confidential Containers: a layer's key under a key that a key broker serves.
 *
 * @module
 */
import { type Bytes, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { aesCtr, aesGcmOpen, aesGcmSeal, CryptoError, randomBytes } from '@sealwright/crypto';
import { isJsonObject, type JsonObject } from '@sealwright/json';
import { OciError } from '../errors.js';
import { bytesOf, object } from './options.js';
import type { LayerKeyOpener, LayerKeySealer } from './recipients.js';

/** How the key is wrapped. `A256CTR` authenticates nothing; it is read, and written only when asked for. */
export type WrapType = 'A256GCM' | 'A256CTR';

/** A packet, version 1 or 2. */
export interface KeyPacket {
  /** Where the wrapping key is served, such as `kbs:///default/image_key/nginx`. Untrusted. */
  readonly kid: string;
  /** The private options, wrapped; with `A256GCM` the tag of 16 bytes follows the ciphertext. */
  readonly wrappedData: Bytes;
  /** The nonce: 12 bytes with `A256GCM`, 16 with `A256CTR`. */
  readonly iv?: Bytes;
  /** How the data is wrapped. */
  readonly wrapType?: WrapType;
  /** `0.1.0` in version 2; `undefined` in version 1, which has none. */
  readonly version?: string;
  /** Who unwraps: `kbs`, or the name of a key management service. */
  readonly provider: string;
  /** What such a service wants to know. */
  readonly providerSettings: JsonObject;
}

/** Where a wrapping key is served. */
export interface KeyId {
  /** Which part of the broker: `resource`, unless the scheme says `kbs+<plugin>`. */
  readonly plugin: string;
  /** Host and port of the broker; empty means the one that the guest is configured with. */
  readonly authority: string;
  /** What is asked for, such as `default/image_key/nginx`. */
  readonly path: string;
}

/**
 * Read a packet.
 *
 * @param bytes - JSON, at most 64 KiB
 * @throws {@link OciError} `ERR_OCI_UNWRAP`.
 */
export function parseKeyPacket(bytes: Uint8Array): KeyPacket {
  const json = object(bytes, 'ERR_OCI_UNWRAP');
  const { kid, iv, provider = 'kbs', version } = json;
  const wrapType = json['wrap_type'];
  const settings = json['provider_settings'] ?? {};
  if (typeof kid !== 'string' || typeof provider !== 'string' || !isJsonObject(settings)) {
    throw unwrapFault('expected kid, provider and provider_settings in the packet');
  }
  if (wrapType !== undefined && wrapType !== null && wrapType !== 'A256GCM' && wrapType !== 'A256CTR') {
    throw unwrapFault('expected the wrap type A256GCM or A256CTR');
  }
  return {
    kid,
    wrappedData: bytesOf(text(json['wrapped_data'], 'wrapped_data'), 'ERR_OCI_UNWRAP'),
    ...(iv === undefined || iv === null ? {} : { iv: bytesOf(text(iv, 'iv'), 'ERR_OCI_UNWRAP') }),
    ...(wrapType === undefined || wrapType === null ? {} : { wrapType }),
    ...(typeof version === 'string' ? { version } : {}),
    provider,
    providerSettings: settings,
  };
}

/**
 * Write a packet: version 2 where it has a version, else version 1, which every guest reads.
 *
 * @param packet - what it says
 */
export function encodeKeyPacket(packet: KeyPacket): Bytes {
  const { kid, wrappedData, iv, wrapType, version, provider, providerSettings } = packet;
  const wrapping = {
    kid,
    wrapped_data: encodeBase64(wrappedData),
    ...(iv === undefined ? {} : { iv: encodeBase64(iv) }),
    ...(wrapType === undefined ? {} : { wrap_type: wrapType }),
  };
  const json =
    version === undefined
      ? wrapping
      : { version, ...wrapping, provider, provider_settings: providerSettings, annotations: {} };
  return encodeUtf8(JSON.stringify(json));
}

/**
 * Unwrap the private options of a packet that the provider `kbs` wrapped.
 *
 * @param packet - from {@link parseKeyPacket}
 * @param key - 32 bytes, what is served at `kid`
 * @throws {@link OciError} `ERR_OCI_UNWRAP`.
 */
export function openKeyPacket(packet: KeyPacket, key: Uint8Array): Bytes {
  const { iv, wrapType, wrappedData } = packet;
  if (iv === undefined || wrapType === undefined) throw unwrapFault('the packet lacks iv or wrap_type');
  if (key.byteLength !== 32) throw unwrapFault('the wrapping key is not 32 bytes');
  try {
    return wrapType === 'A256GCM' ? aesGcmOpen(key, iv, wrappedData) : aesCtr(key, iv, wrappedData);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw unwrapFault('the packet does not open with the key that is served for it');
  }
}

/** How to seal a packet. */
export interface KeyPacketOptions {
  /** Default `A256GCM`. */
  readonly wrapType?: WrapType;
  /** Version 2 where given. Default version 1. */
  readonly version?: string;
}

/**
 * Wrap private options under a key.
 *
 * @param kid - where the key is served; copied into the packet as given
 * @param key - 32 bytes
 * @param privateOptions - what to wrap
 * @param options - how
 * @throws {@link OciError} `ERR_OCI_UNWRAP` for a key of another length.
 */
export function sealKeyPacket(
  kid: string,
  key: Uint8Array,
  privateOptions: Uint8Array,
  options: KeyPacketOptions = {},
): KeyPacket {
  const { wrapType = 'A256GCM', version } = options;
  if (key.byteLength !== 32) throw unwrapFault('the wrapping key is not 32 bytes');
  const gcm = wrapType === 'A256GCM';
  const iv = randomBytes(gcm ? 12 : 16);
  const wrappedData = (gcm ? aesGcmSeal : aesCtr)(key, iv, privateOptions);
  const versioned = version === undefined ? {} : { version };
  return { kid, wrappedData, iv, wrapType, ...versioned, provider: 'kbs', providerSettings: {} };
}

/**
 * Take the address of a wrapping key apart: `kbs[+plugin]://[address]/path`, `address/path` or `/path`.
 *
 * @param kid - of a packet
 * @throws {@link OciError} `ERR_OCI_UNWRAP`.
 */
export function parseKeyId(kid: string): KeyId {
  if (kid.length > 4096) throw unwrapFault('the key id is over 4096 characters');
  const colon = kid.indexOf('://');
  const scheme = colon < 0 || kid.indexOf('/') < colon ? 'kbs' : kid.slice(0, colon);
  const rest = colon < 0 || kid.indexOf('/') < colon ? kid : kid.slice(colon + 3);
  const slash = rest.indexOf('/');
  if (scheme !== 'kbs' && !/^kbs\+[a-z0-9-]{1,64}$/.test(scheme))
    throw unwrapFault('expected a kbs:// key id');
  const path = slash < 0 ? '' : rest.slice(slash + 1);
  if (path === '') throw unwrapFault('expected a path in the key id');
  return { plugin: scheme === 'kbs' ? 'resource' : scheme.slice(4), authority: rest.slice(0, slash), path };
}

/** How {@link kbsOpener} gets at keys. */
export interface KbsOpenerOptions {
  /**
   * The wrapping key that is served at a key id: 32 bytes; `undefined` where there is none. It decides whether the id is one to ask for
   * at all: the packet is not trusted.
   */
  readonly key: (kid: string) => Promise<Uint8Array | undefined>;
  /** Unwraps packets of other providers, by their name. Default none. */
  readonly providers?: Readonly<Record<string, (packet: KeyPacket) => Promise<Uint8Array>>>;
}

/**
 * Opens the packets of key providers, `provider.attestation-agent` above all. Which provider an annotation names makes no difference.
 *
 * @param options - where keys come from
 */
export function kbsOpener(options: KbsOpenerOptions): LayerKeyOpener {
  return {
    handles: (scheme) => scheme.startsWith('provider.'),
    open: async (bytes) => {
      const packet = parseKeyPacket(bytes);
      if (packet.provider !== 'kbs') {
        const { providers = {} } = options;
        const unwrap = Object.hasOwn(providers, packet.provider) ? providers[packet.provider] : undefined;
        if (unwrap === undefined)
          throw unwrapFault(`nothing here unwraps for the provider ${packet.provider}`);
        return unwrap(packet);
      }
      const key = await options.key(packet.kid);
      if (key === undefined) throw unwrapFault(`there is no key at ${packet.kid}`);
      return openKeyPacket(packet, key);
    },
  };
}

/** How {@link kbsSealer} seals. */
export interface KbsSealerOptions extends KeyPacketOptions {
  /** Where guests will find the key, such as `kbs:///default/image_key/nginx`. */
  readonly kid: string;
  /** The key that is served there: 32 bytes. */
  readonly key: Uint8Array;
  /** The name in the annotation. Default `attestation-agent`. */
  readonly provider?: string;
}

/**
 * Seals for guests that get a key from a key broker.
 *
 * @param options - the key and its address
 */
export function kbsSealer(options: KbsSealerOptions): LayerKeySealer {
  const { kid, key, provider = 'attestation-agent' } = options;
  return {
    scheme: `provider.${provider}`,
    seal: async (privateOptions) => encodeKeyPacket(sealKeyPacket(kid, key, privateOptions, options)),
  };
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw unwrapFault(`expected ${name} in the packet`);
}

function unwrapFault(message: string): OciError {
  return new OciError('ERR_OCI_UNWRAP', message);
}
