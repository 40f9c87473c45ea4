/**
 * `ClusterImagePolicy` of Sigstore's policy-controller.
 *
 * @module
 */
import type { JsonValue } from '@sealwright/json';
import { OciError, parseReference } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import type { TextMatcher } from '../fulcio/identity.js';
import { parseCosignPublicKey } from '../key-pair.js';
import type { SignatureHash } from '../verify-signature.js';
import { certificates } from './authorities.js';
import type { AuthoritySubject, IdentityRule, KeySource, LogRule, TextRule } from './authority.js';
import { type Fields, readFields } from './fields.js';
import { checkImageGlob } from './glob.js';
import { readKubernetes } from './kubernetes.js';
import { DEFAULT_REKOR } from './kyverno.js';
import { policyFault } from './members.js';
import { resourceMatch, type ResourceMatch } from './resource-match.js';

/** One who may have signed. */
export interface PolicyAuthority {
  /** Its name; `authority-<n>` where it has none. */
  readonly name: string;
  /** JSON pointer of the authority. */
  readonly pointer: string;
  /** Who must have signed, or a verdict without looking. */
  readonly subject:
    | AuthoritySubject
    | {
        /** A verdict without looking. */
        readonly kind: 'static';
        /** The verdict. */
        readonly pass: boolean;
        /** For the user, where the verdict is no. */
        readonly message: string;
      };
  /** Time and publicity. */
  readonly log: LogRule;
  /** Where signatures are, if not beside the image. */
  readonly repository: string | undefined;
  /** In front of the tag of signatures. */
  readonly tagPrefix: string;
  /** How signatures are kept. */
  readonly format: 'tag' | 'bundle';
  /** Attestations that must be there; where there are none, the image itself must be signed. */
  readonly attestations: readonly PolicyAttestation[];
}

/** An attestation that must be there. */
export interface PolicyAttestation {
  /** Its name, for messages. */
  readonly name: string;
  /** Its predicate type, or a short name of cosign's. */
  readonly predicateType: string;
  /** What its content must fulfil. */
  readonly policy: ContentPolicy | undefined;
}

/** A policy over content, in a language of its own. */
export interface ContentPolicy {
  /** The language. */
  readonly type: 'cue' | 'rego';
  /** The text, where it is in the policy itself. */
  readonly data: string | undefined;
  /** Where the text is otherwise: a ConfigMap of the controller's namespace. */
  readonly configMap?: {
    /** Its name. */
    readonly name: string;
    /** Which of its entries. */
    readonly key: string;
  };
  /** Where the text is otherwise: an address. */
  readonly remote?: {
    /** The address, `https`. */
    readonly url: string;
    /** SHA-256 of the text, hexadecimal. */
    readonly sha256: string;
  };
  /** What is judged besides: the image's configuration, and parts of the object that runs it. */
  readonly includes: readonly ContentInclusion[];
}

/** What a policy over all findings may judge besides: its members `fetchConfigFile`, `includeSpec`, `includeObjectMeta`, `includeTypeMeta`. */
export type ContentInclusion = 'config' | 'spec' | 'metadata' | 'typemeta';

/** A policy, parsed. */
export interface ClusterImagePolicy {
  /** Its name. */
  readonly name: string;
  /** Globs, one of which must match. */
  readonly globs: readonly string[];
  /** One of them must be satisfied. */
  readonly authorities: readonly PolicyAuthority[];
  /** What all the authorities' findings together must fulfil. */
  readonly policy: ContentPolicy | undefined;
  /** Whether a failure only warns. */
  readonly warn: boolean;
  /** Which objects it is about; empty means all. */
  readonly match: readonly ResourceMatch[];
}

/** What it takes to read a policy in full. */
export interface ParseClusterOptions {
  /** Compiles regular expressions (RE2); what it throws refuses the policy. Default: they are not looked at before somebody has signed. */
  readonly regExp?: (pattern: string) => TextMatcher;
}

/**
 * Read a policy. An unknown member refuses it.
 *
 * @param value - the object, as JSON
 * @param options - what compiles regular expressions
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` with the place.
 */
export function parseClusterImagePolicy(
  value: JsonValue,
  { regExp }: ParseClusterOptions = {},
): ClusterImagePolicy {
  const { kind, name, spec } = readKubernetes(value);
  if (kind !== 'ClusterImagePolicy') throw policyFault('expected a ClusterImagePolicy', '/kind');
  const globs = spec.list('images', (item, pointer) => readFields(item, pointer, globOf));
  const policy = spec.child('policy', contentPolicy);
  const parsed = {
    name,
    globs,
    authorities: spec.list('authorities', (item, pointer) =>
      readFields(item, pointer, (fields) => authorityOf(fields, Number(pointer.split('/').at(-1)))),
    ),
    policy,
    warn: spec.word('mode', ['', 'enforce', 'warn'], '') === 'warn',
    match: spec.list('match', (item, pointer) => readFields(item, pointer, resourceMatch)),
  };
  spec.end();
  if (globs.length === 0) throw policyFault('expected an image', '/spec/images');
  const asked = parsed.authorities.reduce(
    (sum, { attestations }) => sum + Math.max(1, attestations.length),
    0,
  );
  if (asked > MAX_ASKED)
    throw policyFault(`a policy asks at most ${MAX_ASKED} signatures and attestations`, '/spec/authorities');
  if (regExp !== undefined) for (const each of parsed.authorities) mustCompile(each, regExp);
  return parsed;
}

function mustCompile({ subject, pointer }: PolicyAuthority, regExp: (pattern: string) => TextMatcher): void {
  if (subject.kind !== 'keyless') return;
  for (const [index, { issuer, subject: name }] of subject.identities.entries()) {
    for (const rule of [issuer, name]) {
      if (rule === undefined || !('regExp' in rule)) continue;
      try {
        regExp(rule.regExp);
      } catch (cause) {
        const place = `${pointer}/keyless/identities/${index}`;
        throw new CosignError('ERR_COSIGN_POLICY', 'no regular expression', { pointer: place, cause });
      }
    }
  }
}

function globOf(fields: Fields): string {
  const glob = fields.text('glob');
  checkImageGlob(glob, fields.at('glob'));
  return glob;
}

function authorityOf(fields: Fields, index: number): PolicyAuthority {
  const given = ['key', 'keyless', 'static'].filter((name) => fields.has(name));
  if (given.length !== 1)
    throw policyFault('expected exactly one of key, keyless and static', fields.pointer);
  const subject =
    fields.child('key', keyOf) ?? fields.child('keyless', keylessOf) ?? fields.child('static', staticOf);
  if (subject === undefined) throw policyFault('expected an authority', fields.pointer);
  const [source, ...more] = fields.list('source', (item, pointer) => readFields(item, pointer, sourceOf));
  if (more.length > 0) throw policyFault('expected one source', fields.at('source'));
  const attestations = fields.list('attestations', (item, pointer) =>
    readFields(item, pointer, attestationOf),
  );
  const looking = [
    ...(attestations.length > 0 ? ['attestations'] : []),
    ...(source === undefined ? [] : ['source']),
    ...['ctlog', 'rfc3161timestamp'].filter((name) => fields.has(name)),
  ][0];
  if (looking !== undefined && subject.kind === 'static')
    throw policyFault('a static authority looks at nothing', fields.at(looking));
  return {
    name: fields.text('name') || `authority-${index}`,
    pointer: fields.pointer,
    subject: subject.kind === 'keyless' ? subject.subject : subject,
    log: logOf(fields, subject.kind === 'keyless' && subject.ignoreSct),
    repository: source?.repository,
    tagPrefix: source?.tagPrefix ?? '',
    format: fields.word('signatureFormat', ['', 'legacy', 'bundle'], '') === 'bundle' ? 'bundle' : 'tag',
    attestations,
  };
}

function keyOf(fields: Fields): Extract<AuthoritySubject, { kind: 'key' }> {
  const secret = fields.child('secretRef', (each) => {
    mustBeOfController(each);
    return { name: each.text('name'), namespace: '' };
  });
  const data = fields.text('data');
  const kms = fields.text('kms');
  if (Number(secret !== undefined) + Number(data !== '') + Number(kms !== '') !== 1) {
    throw policyFault('expected exactly one of secretRef, data and kms', fields.pointer);
  }
  const key: KeySource = secret !== undefined ? { secret } : data !== '' ? { pem: data } : { kms };
  const name = fields.text('hashAlgorithm').trim().toLowerCase() || 'sha256';
  const hash = HASHES.find((each) => each === name);
  if (hash === undefined) throw policyFault(`expected ${HASHES.join(' or ')}`, fields.at('hashAlgorithm'));
  if (data !== '') mustRead(fields.at('data'), () => parseCosignPublicKey(data));
  return { kind: 'key', key, hash };
}

/** What is secret is read from the controller's own namespace. */
function mustBeOfController(fields: Fields): void {
  const namespace = fields.text('namespace');
  if (namespace !== '' && namespace !== CONTROLLER)
    throw policyFault(`expected the namespace of the controller, ${CONTROLLER}`, fields.at('namespace'));
}

/** What a policy holds must be readable when the policy is made, not only when an image is judged. */
function mustRead(pointer: string, read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    if (!(cause instanceof CosignError || cause instanceof OciError)) throw cause;
    throw new CosignError('ERR_COSIGN_POLICY', cause.message, { pointer, cause });
  }
}

function keylessOf(fields: Fields): {
  kind: 'keyless';
  subject: Extract<AuthoritySubject, { kind: 'keyless' }>;
  ignoreSct: boolean;
} {
  fields.text('url'); // who issues makes no difference to what is issued
  if (fields.has('url') && fields.has('ca-cert'))
    throw policyFault('expected url or ca-cert, not both', fields.pointer);
  const trustRoot = trustRootOf(fields);
  const roots = fields.child('ca-cert', (each) => {
    if (each.has('secretRef') || each.has('kms')) throw policyFault('expected data', each.pointer);
    const pem = each.text('data');
    mustRead(each.at('data'), () => certificates(pem));
    if (certificates(pem).length === 0) throw policyFault('expected a certificate', each.at('data'));
    return pem;
  });
  const identities = fields.list('identities', (item, pointer) => readFields(item, pointer, identityOf));
  if (identities.length === 0) throw policyFault('expected an identity', fields.at('identities'));
  const ignoreSct = fields.flag('insecureIgnoreSCT', false);
  const subject = { kind: 'keyless', identities, roots, extensions: {}, trustRoot } as const;
  return { kind: 'keyless', subject, ignoreSct };
}

function trustRootOf(fields: Fields): string | undefined {
  return fields.text('trustRootRef') || undefined;
}

function identityOf(fields: Fields): IdentityRule {
  const rule = (name: string): TextRule => {
    const exact = fields.text(name);
    const regExp = fields.text(`${name}RegExp`);
    if ((exact === '') === (regExp === '')) {
      throw policyFault(`expected exactly one of ${name} and ${name}RegExp`, fields.pointer);
    }
    return exact === '' ? { regExp } : { exact };
  };
  return { issuer: rule('issuer'), subject: rule('subject') };
}

function staticOf(fields: Fields): Extract<PolicyAuthority['subject'], { kind: 'static' }> {
  const action = fields.word('action', ['pass', 'fail', ''], '');
  if (action === '') throw policyFault('expected pass or fail', fields.at('action'));
  return { kind: 'static', pass: action === 'pass', message: fields.text('message') };
}

function sourceOf(fields: Fields): { repository: string | undefined; tagPrefix: string } {
  fields.list('signaturePullSecrets', (item, pointer) => readFields(item, pointer, nameOf));
  const repository = fields.text('oci');
  if (repository !== '') mustRead(fields.at('oci'), () => mustBeRepository(repository, fields.at('oci')));
  return { repository: repository || undefined, tagPrefix: fields.text('tagPrefix') };
}

function nameOf(fields: Fields): string {
  const name = fields.text('name');
  if (name === '') throw policyFault('expected a name', fields.pointer);
  return name;
}

function mustBeRepository(text: string, pointer: string): void {
  const { tag, digest } = parseReference(text, { defaultTag: 'none' });
  if (tag ?? digest) throw policyFault('expected a repository', pointer);
}

function attestationOf(fields: Fields): PolicyAttestation {
  const predicateType = fields.text('predicateType');
  const name = fields.text('name');
  if (predicateType === '' || name === '')
    throw policyFault('expected name and predicateType', fields.pointer);
  const policy = fields.child('policy', (each) => {
    if (INCLUSIONS.some(([member]) => each.has(member)))
      throw policyFault('only the policy over all findings includes more', each.pointer);
    return contentPolicy(each);
  });
  return { name, predicateType, policy };
}

function contentPolicy(fields: Fields): ContentPolicy {
  const type = fields.word('type', ['cue', 'rego', ''], '');
  if (type === '') throw policyFault('expected cue or rego', fields.at('type'));
  const includes = INCLUSIONS.filter(([name]) => fields.flag(name, false)).map(([, what]) => what);
  const given = ['data', 'configMapRef', 'remote'].filter((name) => fields.has(name));
  if (given.length !== 1)
    throw policyFault('expected exactly one of data, configMapRef and remote', fields.pointer);
  if (fields.has('data') && fields.text('data') === '')
    throw policyFault('expected a policy', fields.at('data'));
  const remote = fields.child('remote', (each) => {
    const [url, sha256] = [each.text('url'), each.text('sha256sum').toLowerCase()];
    if (!url.startsWith('https://') || !/^[0-9a-f]{64}$/.test(sha256))
      throw policyFault('expected an https URL and its sha256sum', each.pointer);
    return { url, sha256 };
  });
  const configMap = fields.child('configMapRef', (each) => {
    const [name, key] = [each.text('name'), each.text('key')];
    if (name === '' || key === '')
      throw policyFault('expected the name of a ConfigMap and a key', each.pointer);
    mustBeOfController(each);
    return { name, key };
  });
  return {
    type,
    data: fields.has('data') ? fields.text('data') : undefined,
    includes,
    ...(remote === undefined ? {} : { remote }),
    ...(configMap === undefined ? {} : { configMap }),
  };
}

/** Keys are good without a log unless one is named; certificates are not, unless a timestamp stands in. */
function logOf(fields: Fields, ignoreSct: boolean): LogRule {
  const log = fields.child('ctlog', (each) => ({ trustRoot: trustRootOf(each), url: each.text('url') }));
  const stamp = fields.child('rfc3161timestamp', (each) => ({ trustRoot: trustRootOf(each) }));
  return {
    ignoreLog: log === undefined && (fields.has('key') || stamp !== undefined),
    ignoreSct,
    rekorUrl: log?.url || DEFAULT_REKOR,
    rekorKey: undefined,
    ctLogKey: undefined,
    timestampChain: undefined,
    wantsTimestamp: stamp !== undefined,
    rekorTrustRoot: log?.trustRoot,
    timestampTrustRoot: stamp?.trustRoot,
  };
}

/** Where the controller runs, as its manifests have it. */
const CONTROLLER = 'cosign-system';
const HASHES: readonly SignatureHash[] = ['sha256', 'sha384', 'sha512'];
/** Signatures and attestations that a policy may ask for. */
const MAX_ASKED = 10_000;
const INCLUSIONS: readonly (readonly [string, ContentInclusion])[] = [
  ['fetchConfigFile', 'config'],
  ['includeSpec', 'spec'],
  ['includeObjectMeta', 'metadata'],
  ['includeTypeMeta', 'typemeta'],
];
