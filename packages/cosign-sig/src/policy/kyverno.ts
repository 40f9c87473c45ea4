/**
 * Kyverno's `verifyImages` rules.
 *
 * @module
 */
import type { JsonValue } from '@sealwright/json';
import type { AuthoritySubject, KeySource, LogRule, TextRule } from './authority.js';
import { conditionGroup, type ConditionGroup } from './conditions.js';
import { type DenyRule, denyRule } from './deny.js';
import { type Fields, readFields } from './fields.js';
import { readKubernetes } from './kubernetes.js';
import { kyvernoMatch, type KyvernoMatch } from './kyverno-match.js';
import { policyFault } from './members.js';

/** One entry of `verifyImages`. */
export interface VerifyImagesRule {
  /** The name of the rule that it stands in. */
  readonly rule: string;
  /** JSON pointer of the entry. */
  readonly pointer: string;
  /** Which objects the rule is about. */
  readonly match: KyvernoMatch;
  /** Which of these it is not about after all. */
  readonly exclude: KyvernoMatch;
  /** How signatures are kept. */
  readonly type: 'Cosign' | 'SigstoreBundle' | 'Notary';
  /** Wildcards over `registry/path:tag` or `registry/path@digest`; one must match. */
  readonly imageReferences: readonly string[];
  /** Images that the rule is not about after all. */
  readonly skipImageReferences: readonly string[];
  /** Whether a failure only warns. */
  readonly audit: boolean;
  /** All of them must be satisfied. */
  readonly attestors: readonly AttestorSet[];
  /** All of them must be there. */
  readonly attestations: readonly KyvernoAttestation[];
  /** Whether the image is rewritten to name its digest. */
  readonly mutateDigest: boolean;
  /** Whether the image must name its digest. */
  readonly verifyDigest: boolean;
  /** Whether an image that was never verified is refused. */
  readonly required: boolean;
  /** What denies the image, by everything that was verified (`validate`); `undefined` where nothing does. */
  readonly deny: DenyRule | undefined;
}

/** Some attestors, and how many of them it takes. */
export interface AttestorSet {
  /** How many of the entries must have signed. */
  readonly count: number;
  /** Who may have signed. */
  readonly entries: readonly Attestor[];
}

/** Whoever may have signed: one, or a set of others. */
export type Attestor =
  | {
      /** Others. */
      readonly nested: AttestorSet;
    }
  | {
      /** Who. */
      readonly subject: AuthoritySubject;
      /** Time and publicity. */
      readonly log: LogRule;
      /** Annotations that the signature must have. */
      readonly annotations: Readonly<Record<string, string>>;
      /** Where signatures are, if not beside the image. */
      readonly repository: string | undefined;
    };

/** An attestation that must be there. */
export interface KyvernoAttestation {
  /** Its name, for messages. */
  readonly name: string;
  /** Its predicate type. */
  readonly predicateType: string;
  /** Who must have signed it: all of the sets. Where there are none, those of the rule. */
  readonly attestors: readonly AttestorSet[];
  /** What its predicate must fulfil: each of the groups. */
  readonly conditions: readonly ConditionGroup[];
}

/** A `ClusterPolicy` or `Policy`, as far as it is about images. */
export interface KyvernoPolicy {
  /** Its name. */
  readonly name: string;
  /** Its `verifyImages` entries, in order. */
  readonly rules: readonly VerifyImagesRule[];
}

/**
 * Read a policy. Rules that are not about signatures are passed over; in those that are, an unknown member refuses the policy.
 *
 * @param value - the object, as JSON
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` with the place.
 */
export function parseKyvernoPolicy(value: JsonValue): KyvernoPolicy {
  const { kind, name, spec } = readKubernetes(value);
  if (IN_CEL.test(kind))
    throw policyFault(`a ${kind} decides in CEL, which is not evaluated here: use verifyImages`, '/kind');
  if (kind !== 'ClusterPolicy' && kind !== 'Policy') throw policyFault('expected a ClusterPolicy', '/kind');
  const action = spec.text('validationFailureAction', 'Audit').toLowerCase();
  const rules = spec.list('rules', (rule, pointer) => {
    if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
      throw policyFault('expected an object', pointer);
    }
    const ruleName = typeof rule['name'] === 'string' ? rule['name'] : '';
    if ((rule['verifyImages'] ?? null) === null) return [];
    const entries = rule['verifyImages'];
    if (!Array.isArray(entries)) throw policyFault('expected a list', `${pointer}/verifyImages`);
    const about = {
      match: readFields(rule['match'] ?? {}, `${pointer}/match`, kyvernoMatch),
      exclude: readFields(rule['exclude'] ?? {}, `${pointer}/exclude`, kyvernoMatch),
    };
    return entries.map((entry, index) =>
      readFields(entry, `${pointer}/verifyImages/${index}`, (fields) => ({
        ...about,
        ...verifyImages(fields, ruleName, action !== 'enforce'),
      })),
    );
  });
  const all = rules.flat();
  if (all.reduce((sum, rule) => sum + attestorsIn(rule), 0) > MAX_ATTESTORS)
    throw policyFault(`a policy names at most ${MAX_ATTESTORS} attestors`, '/spec/rules');
  return { name, rules: all };
}

/** How many attestors are asked at most. */
function attestorsIn({ attestors: ofRule, attestations }: VerifyImagesRule): number {
  const sets = attestations.flatMap(({ attestors: own }) => (own.length > 0 ? own : ofRule));
  const count = ({ entries }: AttestorSet): number =>
    entries.reduce((sum, entry) => sum + ('nested' in entry ? count(entry.nested) : 1), 0);
  return [...ofRule, ...sets].reduce((sum, set) => sum + count(set), 0);
}

function verifyImages(
  fields: Fields,
  rule: string,
  auditDefault: boolean,
): Omit<VerifyImagesRule, 'match' | 'exclude'> {
  for (const old of ['image', 'key', 'roots', 'subject', 'issuer', 'annotations', 'additionalExtensions']) {
    if (fields.has(old)) throw policyFault('this old member is not read: use attestors', fields.at(old));
  }
  // where the images come from is the webhook's matter
  fields.get('imageRegistryCredentials');
  for (const other of ['useCache', 'cosignOCI11']) fields.flag(other, false);
  const type = fields.word('type', ['Cosign', 'SigstoreBundle', 'Notary'], 'Cosign');
  const audit =
    fields.word('failureAction', ACTIONS, auditDefault ? 'Audit' : 'Enforce').toLowerCase() === 'audit';
  const repository = fields.has('repository') ? fields.text('repository') : undefined;
  const imageReferences = fields.texts('imageReferences');
  if (imageReferences.length === 0)
    throw policyFault('expected an image reference', fields.at('imageReferences'));
  const mutateDigest = fields.flag('mutateDigest', true);
  if (mutateDigest && audit)
    throw policyFault('must be false where failures only warn', fields.at('mutateDigest'));
  return {
    rule,
    pointer: fields.pointer,
    type,
    imageReferences,
    skipImageReferences: fields.texts('skipImageReferences'),
    audit,
    attestors: fields.list('attestors', (item, pointer) => attestorSet(item, pointer, repository, 0)),
    attestations: fields.list('attestations', (item, pointer) =>
      readFields(item, pointer, (attestation) => attestationOf(attestation, repository)),
    ),
    mutateDigest,
    verifyDigest: fields.flag('verifyDigest', true),
    required: fields.flag('required', true),
    deny: fields.child('validate', denyRule),
  };
}

function attestationOf(fields: Fields, repository: string | undefined): KyvernoAttestation {
  const predicateType = fields.text('type') || fields.text('predicateType');
  if (predicateType === '') throw policyFault('expected the type of an attestation', fields.at('type'));
  return {
    name: fields.text('name'),
    predicateType,
    attestors: fields.list('attestors', (item, pointer) => attestorSet(item, pointer, repository, 0)),
    conditions: fields.list('conditions', (item, pointer) => readFields(item, pointer, conditionGroup)),
  };
}

function attestorSet(
  value: JsonValue,
  pointer: string,
  repository: string | undefined,
  depth: number,
): AttestorSet {
  if (depth > MAX_DEPTH) throw policyFault(`attestors are nested more than ${MAX_DEPTH} deep`, pointer);
  return readFields(value, pointer, (fields) => {
    const listed = fields.list('entries', (item, place) => attestors(item, place, repository, depth));
    const entries = listed.flat();
    const count = fields.count('count');
    if (entries.length === 0) throw policyFault('expected an attestor', fields.at('entries'));
    if ((count ?? 0) > listed.length) throw policyFault('more than there are entries', fields.at('count'));
    return { count: count ?? entries.length, entries };
  });
}

/** One entry; several keys in one PEM are several. */
function attestors(
  value: JsonValue,
  pointer: string,
  repository: string | undefined,
  depth: number,
): readonly Attestor[] {
  return readFields(value, pointer, (fields) => {
    const given = KINDS.filter((name) => fields.has(name));
    if (given.length !== 1) throw policyFault(`expected exactly one of ${KINDS.join(', ')}`, pointer);
    const annotations = fields.pairs('annotations');
    const place = fields.has('repository') ? fields.text('repository') : repository;
    if (given[0] === 'attestor') {
      return [
        { nested: attestorSet(fields.get('attestor') ?? null, fields.at('attestor'), place, depth + 1) },
      ];
    }
    const parts =
      fields.child('keys', keys) ??
      fields.child('certificates', certificates) ??
      fields.child('keyless', keyless);
    const { subjects = [], log } = parts ?? {};
    if (log === undefined) throw policyFault('expected an attestor', pointer);
    return subjects.map((subject) => ({ subject, log, annotations, repository: place }));
  });
}

interface AttestorParts {
  readonly subjects: readonly AuthoritySubject[];
  readonly log: LogRule;
}

function keys(fields: Fields): AttestorParts {
  const hash =
    fields.word('signatureAlgorithm', ['', 'sha224', 'sha256', 'sha384', 'sha512'], '') || 'sha256';
  if (hash === 'sha224') throw policyFault('SHA-224 is not taken', fields.at('signatureAlgorithm'));
  const pem = fields.text('publicKeys');
  const kms = fields.text('kms');
  const secret = fields.child('secret', (each) => ({
    name: each.text('name'),
    namespace: each.text('namespace'),
  }));
  if (Number(pem !== '') + Number(kms !== '') + Number(secret !== undefined) !== 1) {
    throw policyFault('expected exactly one of publicKeys, kms and secret', fields.pointer);
  }
  const sources: readonly KeySource[] =
    secret !== undefined ? [{ secret }] : kms !== '' ? [{ kms }] : publicKeys(pem, fields.at('publicKeys'));
  return { subjects: sources.map((key) => ({ kind: 'key', key, hash })), log: logRule(fields) };
}

function publicKeys(text: string, pointer: string): readonly KeySource[] {
  const [, namespace, name] = /^k8s:\/\/([^/]+)\/([^/]+)$/.exec(text.trim()) ?? [];
  if (namespace !== undefined && name !== undefined) return [{ secret: { namespace, name } }];
  const blocks = text.split(PEM_END).slice(0, -1);
  if (blocks.length > 0) return blocks.map((block) => ({ pem: `${block.trim()}\n${PEM_END}\n` }));
  if (/^[a-z0-9]+:\/\//.test(text)) return [{ kms: text }];
  throw policyFault('expected public keys in PEM', pointer);
}

function certificates(fields: Fields): AttestorParts {
  const certificate = fields.text('cert');
  const chain = fields.text('certChain');
  if (certificate === '' && chain === '') throw policyFault('expected cert or certChain', fields.pointer);
  return { subjects: [{ kind: 'certificate', certificate, chain }], log: logRule(fields) };
}

function keyless(fields: Fields): AttestorParts {
  const rule = (name: string): TextRule | undefined => {
    if (fields.has(`${name}RegExp`)) return { regExp: fields.text(`${name}RegExp`) };
    return fields.has(name) ? { wildcard: fields.text(name) } : undefined;
  };
  const identities = [{ issuer: rule('issuer'), subject: rule('subject') }];
  fields.text('issuer');
  fields.text('subject');
  const roots = fields.has('roots') ? fields.text('roots') : undefined;
  const extensions = fields.pairs('additionalExtensions');
  return { subjects: [{ kind: 'keyless', identities, roots, extensions }], log: logRule(fields) };
}

/** An empty URL is the public log's: Kyverno forgets this where `rekor` is there without one. */
function logRule(fields: Fields): LogRule {
  const rekor = fields.child('rekor', (each) => ({
    url: each.text('url'),
    key: each.text('pubkey'),
    ignore: each.flag('ignoreTlog', false),
  }));
  const ctLog = fields.child('ctlog', (each) => ({
    key: each.text('pubkey'),
    ignore: each.flag('ignoreSCT', false),
    timestamps: each.text('tsaCertChain'),
  }));
  return {
    ignoreLog: rekor?.ignore ?? false,
    ignoreSct: ctLog?.ignore ?? false,
    rekorUrl: rekor?.url || DEFAULT_REKOR,
    rekorKey: rekor?.key || undefined,
    ctLogKey: ctLog?.key || undefined,
    timestampChain: ctLog?.timestamps || undefined,
    wantsTimestamp: (ctLog?.timestamps ?? '') !== '',
  };
}

/** The public log. */
export const DEFAULT_REKOR = 'https://rekor.sigstore.dev';
/** Kyverno's newer kinds. */
const IN_CEL = /^(?:Namespaced)?ImageValidatingPolicy$/;
const KINDS = ['keys', 'certificates', 'keyless', 'attestor'];
const ACTIONS = ['Audit', 'Enforce', 'audit', 'enforce'] as const;
const PEM_END = '-----END PUBLIC KEY-----';
const MAX_DEPTH = 8;
const MAX_ATTESTORS = 10_000;
