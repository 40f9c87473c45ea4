/**
 * The policy file of containers/image (`containers-policy.json.5`): which signatures an image must have.
 *
 * @module
 */
import { BytesError, decodeBase64 } from '@sealwright/bytes';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  jsonPointer,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { CosignError } from '../errors.js';
import { parseIdentity, type SignedIdentity } from './identity.js';
import { members, policyFault } from './members.js';
import { isScopeOf } from './transport.js';

/** Bytes that a policy names or holds: a file or URI, or the content itself. */
export type PolicySource =
  | {
      /** A path or URI, such as `kbs:///default/cosign/key`. */
      readonly path: string;
    }
  | {
      /** The content: base64, or PEM text as image-rs has it. */
      readonly data: string;
    };

/** Whoever may sign when nobody is named by a key: a certificate of Fulcio for an e-mail address. */
export interface FulcioRule {
  /** The certificate authority, PEM. */
  readonly ca: PolicySource;
  /** Who vouched for the address, compared as it is. */
  readonly oidcIssuer: string;
  /** The address, compared as it is. */
  readonly subjectEmail: string;
}

/** Whoever has a certificate of an authority of one's own. */
export interface PkiRule {
  /** The roots, PEM. */
  readonly roots: PolicySource;
  /** Intermediates, PEM. */
  readonly intermediates: PolicySource | undefined;
  /** An e-mail address of the certificate. */
  readonly subjectEmail: string | undefined;
  /** A host name of the certificate. */
  readonly subjectHostname: string | undefined;
}

/** What an image must fulfil. */
export type PolicyRequirement =
  | {
      /** Nothing. */
      readonly type: 'insecureAcceptAnything';
    }
  | {
      /** The impossible. */
      readonly type: 'reject';
    }
  | {
      /** An OpenPGP signature. */
      readonly type: 'signedBy';
      /** What the key ring holds; only `GPGKeys` can ever be fulfilled. */
      readonly keyType: 'GPGKeys' | 'signedByGPGKeys' | 'X509Certificates' | 'signedByX509CAs';
      /** Key rings, any of whose keys may have signed. */
      readonly keys: readonly PolicySource[];
      /** Which name must have been signed. */
      readonly signedIdentity: SignedIdentity;
    }
  | {
      /** A signature as cosign makes it. */
      readonly type: 'sigstoreSigned';
      /** Public keys, any of which may have signed; empty where certificates decide. */
      readonly keys: readonly PolicySource[];
      /** A certificate of Fulcio. */
      readonly fulcio: FulcioRule | undefined;
      /** A certificate of an authority of one's own. */
      readonly pki: PkiRule | undefined;
      /** Keys of logs, one of which must have promised to keep the signature; empty asks for no log. */
      readonly rekorKeys: readonly PolicySource[];
      /** Which name must have been signed; `undefined` where the policy does not say. */
      readonly signedIdentity: SignedIdentity | undefined;
    }
  | {
      /** A signed base layer: named in the format, fulfilled by nothing. */
      readonly type: 'signedBaseLayer';
      /** Of the base layer. */
      readonly baseLayerIdentity: SignedIdentity;
    };

/** A policy file, parsed. */
export interface ContainersPolicy {
  /** What holds where no scope matches. */
  readonly default: readonly PolicyRequirement[];
  /** By transport (`docker` is registries), then by scope. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly PolicyRequirement[]>>;
}

/**
 * Parse a policy file. What is not understood refuses the file: a member that is misspelled must not let an image in.
 *
 * @param input - JSON, at most 4 MiB
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` with the place.
 */
export function parseContainersPolicy(input: string | Uint8Array): ContainersPolicy {
  const json = members(parse(input), '', ['default'], ['transports']);
  const transports = members(json['transports'] ?? {}, '/transports', []);
  return {
    default: requirements(json['default'], '/default'),
    transports: new Map(
      Object.entries(transports).map(([transport, scopes]) => {
        const pointer = jsonPointer('transports', transport);
        const entries = Object.entries(members(scopes, pointer, [])).map(
          ([scope, list]): [string, readonly PolicyRequirement[]] => {
            const place = jsonPointer('transports', transport, scope);
            if (!isScopeOf(transport, scope)) throw policyFault('no image has this scope', place);
            return [scope, requirements(list, place)];
          },
        );
        return [transport, new Map(entries)];
      }),
    ),
  };
}

function requirements(value: JsonValue | undefined, pointer: string): readonly PolicyRequirement[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw policyFault('expected a list with one requirement at least', pointer);
  }
  return value.map((item, index) => requirement(item, `${pointer}/${index}`));
}

function requirement(value: JsonValue, pointer: string): PolicyRequirement {
  const type = isJsonObject(value) ? value['type'] : undefined;
  if (type === 'insecureAcceptAnything' || type === 'reject') {
    members(value, pointer, ['type']);
    return { type };
  }
  if (type === 'signedBy') return signedBy(value, pointer);
  if (type === 'sigstoreSigned') return sigstoreSigned(value, pointer);
  if (type === 'signedBaseLayer') {
    const { baseLayerIdentity } = members(value, pointer, ['type', 'baseLayerIdentity']);
    return { type, baseLayerIdentity: parseIdentity(baseLayerIdentity, `${pointer}/baseLayerIdentity`) };
  }
  throw policyFault('unknown type of requirement', `${pointer}/type`);
}

function signedBy(value: JsonValue, pointer: string): PolicyRequirement {
  const json = members(
    value,
    pointer,
    ['type', 'keyType'],
    ['keyPath', 'keyPaths', 'keyData', 'signedIdentity'],
  );
  const { keyType, signedIdentity } = json;
  if (
    keyType !== 'GPGKeys' &&
    keyType !== 'signedByGPGKeys' &&
    keyType !== 'X509Certificates' &&
    keyType !== 'signedByX509CAs'
  ) {
    throw policyFault('expected GPGKeys', `${pointer}/keyType`);
  }
  return {
    type: 'signedBy',
    keyType,
    keys: oneOf(json, pointer, 'key', ['keyPath', 'keyPaths', 'keyData']),
    signedIdentity:
      signedIdentity === undefined
        ? { type: 'matchRepoDigestOrExact' }
        : parseIdentity(signedIdentity, `${pointer}/signedIdentity`),
  };
}

function sigstoreSigned(value: JsonValue, pointer: string): PolicyRequirement {
  const json = members(value, pointer, ['type'], [...KEYS, ...REKOR_KEYS, 'fulcio', 'pki', 'signedIdentity']);
  const given = [...KEYS, 'fulcio', 'pki'].filter((name) => json[name] !== undefined);
  if (given.length !== 1) throw policyFault('expected exactly one of keys, fulcio and pki', pointer);
  const rekorGiven = REKOR_KEYS.some((name) => json[name] !== undefined);
  if (json['fulcio'] !== undefined && !rekorGiven)
    throw policyFault('fulcio needs the key of a log', pointer);
  if (json['pki'] !== undefined && rekorGiven) throw policyFault('pki takes no key of a log', pointer);
  const { signedIdentity } = json;
  return {
    type: 'sigstoreSigned',
    keys: KEYS.includes(given[0] ?? '') ? oneOf(json, pointer, 'key', KEYS) : [],
    fulcio: json['fulcio'] === undefined ? undefined : fulcio(json['fulcio'], `${pointer}/fulcio`),
    pki: json['pki'] === undefined ? undefined : pki(json['pki'], `${pointer}/pki`),
    rekorKeys: rekorGiven ? oneOf(json, pointer, 'key of a log', REKOR_KEYS) : [],
    signedIdentity:
      signedIdentity === undefined ? undefined : parseIdentity(signedIdentity, `${pointer}/signedIdentity`),
  };
}

function fulcio(value: JsonValue, pointer: string): FulcioRule {
  const json = members(value, pointer, ['oidcIssuer', 'subjectEmail'], ['caPath', 'caData']);
  const [ca] = oneOf(json, pointer, 'authority', ['caPath', 'caData']);
  if (ca === undefined) throw policyFault('expected an authority', pointer);
  return {
    ca,
    oidcIssuer: text(json['oidcIssuer'], `${pointer}/oidcIssuer`),
    subjectEmail: text(json['subjectEmail'], `${pointer}/subjectEmail`),
  };
}

function pki(value: JsonValue, pointer: string): PkiRule {
  const json = members(
    value,
    pointer,
    [],
    [
      'caRootsPath',
      'caRootsData',
      'caIntermediatesPath',
      'caIntermediatesData',
      'subjectEmail',
      'subjectHostname',
    ],
  );
  const [roots] = oneOf(json, pointer, 'authority', ['caRootsPath', 'caRootsData']);
  const between = ['caIntermediatesPath', 'caIntermediatesData'];
  const given = between.some((name) => json[name] !== undefined);
  const [intermediates] = given ? oneOf(json, pointer, 'intermediates', between) : [];
  const email = json['subjectEmail'];
  const host = json['subjectHostname'];
  if (roots === undefined || (email === undefined && host === undefined)) {
    throw policyFault('expected subjectEmail or subjectHostname', pointer);
  }
  return {
    roots,
    intermediates,
    subjectEmail: email === undefined ? undefined : text(email, `${pointer}/subjectEmail`),
    subjectHostname: host === undefined ? undefined : text(host, `${pointer}/subjectHostname`),
  };
}

/** The one of several members that is there: a path, a list of paths, content, or a list of contents. */
function oneOf(
  json: JsonObject,
  pointer: string,
  what: string,
  names: readonly string[],
): readonly PolicySource[] {
  const [name, ...others] = names.filter((each) => json[each] !== undefined);
  if (name === undefined || others.length > 0) throw policyFault(`expected exactly one ${what}`, pointer);
  const place = `${pointer}/${name}`;
  const value = json[name];
  const list = name.endsWith('s') ? value : [value];
  if (!Array.isArray(list) || list.length === 0)
    throw policyFault('expected a list that is not empty', place);
  return list.map((item) => {
    const source = text(item, place);
    return /Datas?$/.test(name) ? { data: content(source, place) } : { path: source };
  });
}

/** Base64, which may be broken into lines, or PEM as it is. */
function content(data: string, pointer: string): string {
  if (data.startsWith(PEM)) return data;
  try {
    const digits = data.replaceAll(/[\r\n]/g, '');
    decodeBase64(digits);
    return digits;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw policyFault('expected base64', pointer);
  }
}

function text(value: JsonValue | undefined, pointer: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw policyFault('expected a text', pointer);
}

function parse(input: string | Uint8Array): JsonValue {
  try {
    return parseJson(input);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    const place = cause.pointer === undefined ? {} : { pointer: cause.pointer };
    throw new CosignError('ERR_COSIGN_POLICY', `a policy is JSON: ${cause.message}`, { cause, ...place });
  }
}

/** How {@link PolicySource} data starts where it is not base64. */
export const PEM = '-----BEGIN ';
const KEYS: readonly string[] = ['keyPath', 'keyPaths', 'keyData', 'keyDatas'];
const REKOR_KEYS: readonly string[] = [
  'rekorPublicKeyPath',
  'rekorPublicKeyPaths',
  'rekorPublicKeyData',
  'rekorPublicKeyDatas',
];
