/**
 * The key provider protocol of ocicrypt: JSON that wraps and unwraps keys of layers in another program.
 *
 * @module
 */
import { type Bytes, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { OciError } from '../errors.js';
import { bytesOf, object } from './options.js';
import type { LayerKeyOpener, LayerKeySealer } from './recipients.js';

/** How byte strings are spelled: Go writes base64 and reads both; Rust writes and reads lists of integers only. */
export type KeyProviderForm = 'go' | 'rust';

/** A request to wrap or unwrap. */
export type KeyProviderRequest =
  | {
      /** Wrap for a recipient. */
      readonly op: 'keywrap';
      /** What to wrap: private options. */
      readonly optsdata: Bytes;
      /** What the recipient's address says, by provider: `attestation-agent` to `keyid=…::keypath=…`. */
      readonly parameters: ReadonlyMap<string, readonly string[]>;
      /** Who asks. */
      readonly form: KeyProviderForm;
    }
  | {
      /** Unwrap a packet. */
      readonly op: 'keyunwrap';
      /** The packet. */
      readonly annotation: Bytes;
      /** The decrypting side's configuration, by provider. */
      readonly parameters: ReadonlyMap<string, readonly string[]>;
      /** Who asks. */
      readonly form: KeyProviderForm;
    };

/** What a provider does. */
export interface KeyProvider {
  /** Wrap private options as the parameters ask; gives the packet. */
  readonly wrap?: (
    optsdata: Bytes,
    parameters: ReadonlyMap<string, readonly string[]>,
  ) => Promise<Uint8Array>;
  /** Unwrap a packet; gives the private options. */
  readonly unwrap?: (
    annotation: Bytes,
    parameters: ReadonlyMap<string, readonly string[]>,
  ) => Promise<Uint8Array>;
}

/**
 * Read a request, in either spelling.
 *
 * @param bytes - JSON, at most 64 KiB
 * @throws {@link OciError} `ERR_OCI_KEY_PROVIDER`.
 */
export function parseKeyProviderRequest(bytes: Uint8Array): KeyProviderRequest {
  const json = object(bytes, 'ERR_OCI_KEY_PROVIDER');
  const wrap = member(json, 'keywrapparams');
  const unwrap = member(json, 'keyunwrapparams');
  if (json['op'] === 'keywrap') {
    const form = Object.hasOwn(unwrap, 'dc') || Object.hasOwn(unwrap, 'annotation') ? 'go' : 'rust';
    const parameters = parametersOf(member(wrap, 'ec'), '/keywrapparams/ec/Parameters');
    return { op: 'keywrap', optsdata: optsdataOf(wrap['optsdata']), parameters, form };
  }
  if (json['op'] !== 'keyunwrap') throw fault('expected keywrap or keyunwrap', '/op');
  const form = Object.hasOwn(wrap, 'ec') ? 'go' : 'rust';
  const parameters = parametersOf(member(unwrap, 'dc'), '/keyunwrapparams/dc/Parameters');
  return {
    op: 'keyunwrap',
    annotation: bytesMember(unwrap['annotation'], '/keyunwrapparams/annotation'),
    parameters,
    form,
  };
}

/**
 * Answer a request, in the spelling of whoever asks.
 *
 * @param bytes - the request
 * @param provider - what to do
 * @param form - the spelling of the answer. Default the one that the request is in.
 * @throws {@link OciError} `ERR_OCI_KEY_PROVIDER`, and whatever the provider rejects with.
 */
export async function answerKeyProvider(
  bytes: Uint8Array,
  provider: KeyProvider,
  form?: KeyProviderForm,
): Promise<Bytes> {
  const request = parseKeyProviderRequest(bytes);
  const go = (form ?? request.form) === 'go';
  const spell = (data: Uint8Array): JsonValue => (go ? encodeBase64(data) : [...data]);
  const act = request.op === 'keywrap' ? provider.wrap : provider.unwrap;
  if (act === undefined) throw fault(`this provider does not do ${request.op}`, '/op');
  if (request.op === 'keywrap') {
    const keywrapresults = { annotation: spell(await act(request.optsdata, request.parameters)) };
    return encode(go ? { keywrapresults, keyunwrapresults: { optsdata: null } } : { keywrapresults });
  }
  const keyunwrapresults = { optsdata: spell(await act(request.annotation, request.parameters)) };
  return encode(go ? { keywrapresults: { annotation: null }, keyunwrapresults } : { keyunwrapresults });
}

/** Carries a request to a program and brings its answer: its standard input and output, or a call of its service. */
export type KeyProviderCall = (request: Bytes) => Promise<Uint8Array>;

/**
 * Opens packets by asking another program.
 *
 * @param provider - its name, as in the annotation after `provider.`
 * @param call - the way to it
 * @param parameters - its configuration. Default none.
 */
export function keyProviderOpener(
  provider: string,
  call: KeyProviderCall,
  parameters: readonly string[] = [],
): LayerKeyOpener {
  return {
    handles: (scheme) => scheme === `provider.${provider}`,
    open: async (packet) => {
      const dc = { Parameters: { [provider]: parameters.map(base64Text) } };
      const request = {
        op: 'keyunwrap',
        keywrapparams: { ec: null, optsdata: null },
        keyunwrapparams: { dc, annotation: encodeBase64(packet) },
      };
      const answer = object(await call(encode(request)), 'ERR_OCI_UNWRAP');
      return bytesMember(member(answer, 'keyunwrapresults')['optsdata'], '/keyunwrapresults/optsdata');
    },
  };
}

/**
 * Seals by asking another program.
 *
 * @param provider - its name
 * @param call - the way to it
 * @param parameters - what it needs to know of the recipient, such as `keyid=kbs:///default/image_key/nginx`
 */
export function keyProviderSealer(
  provider: string,
  call: KeyProviderCall,
  parameters: readonly string[],
): LayerKeySealer {
  return {
    scheme: `provider.${provider}`,
    seal: async (privateOptions) => {
      const ec = {
        Parameters: { [provider]: parameters.map(base64Text) },
        DecryptConfig: { Parameters: {} }, // as skopeo says that there is none
      };
      const request = {
        op: 'keywrap',
        keywrapparams: { ec, optsdata: encodeBase64(privateOptions) },
        keyunwrapparams: { dc: null, annotation: null },
      };
      const answer = object(await call(encode(request)), 'ERR_OCI_KEY_PROVIDER');
      return bytesMember(member(answer, 'keywrapresults')['annotation'], '/keywrapresults/annotation');
    },
  };
}

/**
 * Take the address of a recipient apart, as the encrypting provider of Confidential Containers reads it: `name=value`, joined by `::`.
 *
 * @param text - such as `keyid=kbs:///default/image_key/nginx::keypath=/keys/image.key`
 * @throws {@link OciError} `ERR_OCI_KEY_PROVIDER`.
 */
export function parseKeyParameters(text: string): ReadonlyMap<string, string> {
  const pairs = text.split('::', MAX_PARAMETERS + 1).map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    if (equals <= 0) throw fault('expected name=value, joined by ::', '/keywrapparams/ec/Parameters');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  const parameters = new Map(pairs);
  if (pairs.length <= MAX_PARAMETERS && parameters.size === pairs.length) return parameters;
  throw fault('too many parameters, or one given twice', '/keywrapparams/ec/Parameters');
}

function parametersOf(config: JsonObject, pointer: string): ReadonlyMap<string, readonly string[]> {
  const parameters = config['Parameters'] ?? {};
  if (!isJsonObject(parameters)) throw fault('expected an object', pointer);
  return new Map(
    Object.entries(parameters).map(([name, values]) => {
      if (!Array.isArray(values)) throw fault('expected lists', pointer);
      return [name, values.map((value) => new TextDecoder().decode(bytesMember(value, pointer)))];
    }),
  );
}

/** Byte strings are base64 or lists of integers; one library forgets the base64 where it wraps. */
function optsdataOf(value: JsonValue | undefined): Bytes {
  if (typeof value === 'string' && value.startsWith('{')) return encodeUtf8(value);
  return bytesMember(value, '/keywrapparams/optsdata');
}

function bytesMember(value: JsonValue | undefined, pointer: string): Bytes {
  if (typeof value === 'string' && value !== '') return bytesOf(value, 'ERR_OCI_KEY_PROVIDER');
  if (Array.isArray(value) && value.length > 0) {
    const integers = value.map((item) => {
      if (typeof item !== 'number' || !Number.isInteger(item) || item < 0 || item > 255) {
        throw fault('expected bytes', pointer);
      }
      return item;
    });
    return Uint8Array.from(integers);
  }
  throw fault('expected base64 or a list of bytes', pointer);
}

function member(json: JsonObject, name: string): JsonObject {
  const value = json[name] ?? {};
  if (!isJsonObject(value)) throw fault('expected an object', `/${name}`);
  return value;
}

function base64Text(text: string): string {
  return encodeBase64(encodeUtf8(text));
}

function encode(value: unknown): Bytes {
  return encodeUtf8(JSON.stringify(value));
}

function fault(message: string, pointer: string): OciError {
  return new OciError('ERR_OCI_KEY_PROVIDER', message, { pointer });
}

const MAX_PARAMETERS = 32;
