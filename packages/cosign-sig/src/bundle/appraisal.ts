/**
 * One appraisal of one signature.
 *
 * @module
 */
import { equalBytes } from '@sealwright/bytes';
import type { PublicKey } from '@sealwright/crypto';
import { BytesError } from '@sealwright/bytes';
import { DerError } from '@sealwright/der';
import {
  INTOTO_PAYLOAD_TYPE,
  InTotoError,
  matchSubjects,
  parseStatement,
  type Statement,
} from '@sealwright/in-toto';
import { encodeHex } from '@sealwright/bytes';
import { CosignError } from '../errors.js';
import { fulcioExtensions, issuerOf } from '../fulcio/extensions.js';
import { whyNotIdentity } from '../fulcio/identity.js';
import { embeddedScts, type VerifiedSct, verifySct } from '../fulcio/sct.js';
import { parseEntryBody } from '../log/entry-body.js';
import type { LogEntry } from '../log/log-entry.js';
import { type VerifiedLogEntry, verifyLogEntry } from '../log/verify-log-entry.js';
import { type VerifiedTimestamp, verifyTimestamp } from '../timestamp/verify-timestamp.js';
import type { TrustedRoot } from '../trust/trusted-root.js';
import { isWithin } from '../trust/validity.js';
import { type ChainCertificate, readCertificate, verifyChain } from '../x509/chain.js';
import { CODE_SIGNING, subjectNames } from '../x509/extensions.js';
import type { SignatureMemo } from '../x509/signature-memo.js';
import { Artifact, type ArtifactInput } from './artifact.js';
import { type SignedData, signedDataOf, whyNotSigned } from './check-signature.js';
import { matchEntry } from './match-entry.js';
import type { SigstoreBundle } from './parse-bundle.js';
import type { VerificationPolicy } from './policy.js';
import type { SignatureVerdict, VerificationCheck, VerifiedCertificate } from './verdict.js';

/** What the checks of one signature share. */
export class Appraisal {
  readonly #root: TrustedRoot;
  readonly #memo: SignatureMemo;
  readonly #bundle: SigstoreBundle;
  readonly #policy: VerificationPolicy;
  readonly #artifact: Artifact | undefined;
  readonly #data: SignedData | undefined;
  readonly #checks: VerificationCheck[] = [];

  constructor(
    root: TrustedRoot,
    memo: SignatureMemo,
    bundle: SigstoreBundle,
    artifact: ArtifactInput | undefined,
    policy: VerificationPolicy,
  ) {
    mustAskForSomebody(policy);
    this.#root = root;
    this.#memo = memo;
    this.#bundle = bundle;
    this.#policy = policy;
    this.#artifact = artifact === undefined ? undefined : new Artifact(artifact);
    this.#data = signedDataOf(bundle.content, this.#artifact);
  }

  async run(): Promise<SignatureVerdict> {
    const leaf = this.#leaf();
    const key = await this.#checkSignature(leaf);
    this.#checkDigest();
    const statement = this.#checkEnvelope();
    const logEntries = await this.#checkLogEntries(leaf, key);
    const timestamps = await this.#checkTimestamps();
    const times = this.#checkTimes(logEntries, timestamps, leaf !== undefined);
    const scts: VerifiedSct[] = [];
    let certificate: VerifiedCertificate | undefined;
    if (leaf !== undefined) {
      const issuer = await this.#checkChain(leaf, times);
      scts.push(...(await this.#checkScts(leaf, issuer)));
      certificate = this.#checkIdentity(leaf);
    }
    return {
      verified: this.#checks.every(({ outcome }) => outcome !== 'failed'),
      checks: this.#checks,
      key,
      certificate,
      logEntries,
      timestamps,
      scts,
      times,
      statement,
    };
  }

  #leaf(): ChainCertificate | undefined {
    const { material } = this.#bundle;
    const wantsKey = this.#policy.keys !== undefined;
    if (material.kind === 'publicKey') {
      if (!wantsKey)
        this.#fail(
          'key',
          '/verificationMaterial/publicKey',
          'it is signed with a key, and no key is trusted',
        );
      return undefined;
    }
    if (wantsKey) {
      this.#fail('key', '/verificationMaterial', 'it is signed with a certificate, not with one of the keys');
      return undefined;
    }
    try {
      return this.#memo.certificate(material.certificate, readCertificate);
    } catch (error) {
      this.#fail('certificate', '/verificationMaterial', reasonOf(error));
      return undefined;
    }
  }

  async #checkSignature(leaf: ChainCertificate | undefined): Promise<PublicKey | undefined> {
    const { content } = this.#bundle;
    const pointer = content.kind === 'dsse' ? '/dsseEnvelope/signatures/0' : '/messageSignature/signature';
    const keys = leaf === undefined ? (this.#policy.keys ?? []) : [leaf.key];
    const signature = content.kind === 'dsse' ? content.envelope.signatures[0]?.sig : content.signature;
    if (this.#data === undefined || signature === undefined) {
      this.#fail('signature', pointer, 'the artifact is not given');
      return undefined;
    }
    let reason = 'there is no key to verify it with';
    for (const key of keys) {
      const why = await whyNotSigned(key, this.#data, signature);
      if (why === undefined) {
        this.#pass('signature', pointer, `by the key ${key.fingerprint}`);
        return key;
      }
      reason = why;
    }
    this.#fail('signature', pointer, reason);
    return undefined;
  }

  /** The digest in a message signature is a hint, yet a hint that lies is refused. */
  #checkDigest(): void {
    const { content } = this.#bundle;
    if (content.kind !== 'message' || content.digest === undefined || this.#artifact === undefined) return;
    const pointer = '/messageSignature/messageDigest';
    const algorithm = DIGESTS.get(content.digest.algorithm);
    const own = algorithm === undefined ? undefined : this.#artifact.digest(algorithm);
    if (own === undefined)
      this.#skip('digest', pointer, `${content.digest.algorithm} of the artifact is not known`);
    else if (equalBytes(own, content.digest.value)) this.#pass('digest', pointer, encodeHex(own));
    else this.#fail('digest', pointer, 'it is not the digest of the artifact');
  }

  #checkEnvelope(): Statement | undefined {
    const { content } = this.#bundle;
    if (content.kind !== 'dsse') return undefined;
    const { payloadType, payload } = content.envelope;
    const expected = this.#policy.payloadType ?? INTOTO_PAYLOAD_TYPE;
    if (payloadType !== expected) {
      this.#fail(
        'payload type',
        '/dsseEnvelope/payloadType',
        `expected ${expected}, found ${payloadType}`.slice(0, 512),
      );
      return undefined;
    }
    if (payloadType !== INTOTO_PAYLOAD_TYPE) {
      this.#withoutArtifact('an envelope of this type does not say what it is about');
      return undefined;
    }
    try {
      const statement = parseStatement(payload, { mode: 'tolerant' });
      this.#checkSubjects(statement);
      return statement;
    } catch (error) {
      if (!(error instanceof InTotoError)) throw error;
      this.#fail('artifact', '/dsseEnvelope/payload', `the payload is no statement: ${error.message}`);
      return undefined;
    }
  }

  #checkSubjects(statement: Statement): void {
    if (this.#artifact === undefined) {
      this.#withoutArtifact('the artifact is not given');
      return;
    }
    const digests = Object.fromEntries(
      this.#artifact.known().map(([name, value]) => [name, encodeHex(value)]),
    );
    const options = { accept: Object.keys(digests), conflictPolicy: 'reject' as const };
    const [match] = matchSubjects(statement, digests, options);
    const pointer = '/dsseEnvelope/payload';
    if (match === undefined) this.#fail('artifact', pointer, 'the statement is not about the artifact');
    else this.#pass('artifact', pointer, `subject ${match.index}, by ${match.algorithm}`);
  }

  #withoutArtifact(reason: string): void {
    const skip = this.#policy.dangerouslySkipArtifact === true;
    (skip ? this.#skip : this.#fail).call(this, 'artifact', '/dsseEnvelope/payload', reason);
  }

  async #checkLogEntries(
    leaf: ChainCertificate | undefined,
    key: PublicKey | undefined,
  ): Promise<VerifiedLogEntry[]> {
    const found: VerifiedLogEntry[] = [];
    const seen = new Set<string>();
    for (const [index, entry] of this.#bundle.logEntries.entries()) {
      const pointer = `/verificationMaterial/tlogEntries/${index}`;
      const name = `${encodeHex(entry.logId)} ${entry.logIndex}`;
      if (seen.has(name)) this.#fail('log entry', pointer, 'the same entry is there twice');
      seen.add(name);
      try {
        const verified = await this.#checkLogEntry(entry, leaf, key);
        if (verified === undefined)
          this.#skip('log entry', pointer, `log ${encodeHex(entry.logId)} is not trusted`);
        else {
          found.push(verified);
          this.#pass('log entry', pointer, `index ${verified.logIndex} of ${verified.log || verified.logId}`);
        }
      } catch (error) {
        this.#fail('log entry', pointer, reasonOf(error));
      }
    }
    const logs = new Set(found.map(({ operator, logId }) => operator || logId));
    this.#count('log entries', logs.size, this.#policy.logEntries ?? 1, 'logs');
    const cosigned = Math.max(0, ...found.map(({ cosignatures }) => cosignatures.length));
    this.#count('cosignatures', cosigned, this.#policy.cosignatures ?? 0, 'witnesses');
    return found;
  }

  async #checkLogEntry(
    entry: LogEntry,
    leaf: ChainCertificate | undefined,
    key: PublicKey | undefined,
  ): Promise<VerifiedLogEntry | undefined> {
    const logs = this.#root.tlogs.filter(
      (log) => log.key !== undefined && equalBytes(log.logId, entry.logId),
    );
    if (logs.length === 0) return undefined;
    const signer = leaf?.key ?? key;
    if (signer === undefined || this.#data === undefined)
      throw new CosignError('ERR_COSIGN_LOG_ENTRY', 'there is no signature to compare it with');
    matchEntry(parseEntryBody(entry), {
      content: this.#bundle.content,
      data: this.#data,
      envelope: this.#bundle.envelope,
      tagged: this.#bundle.version === 'none',
      verifierKind: leaf === undefined ? 'publicKey' : 'certificate',
      verifier: leaf?.certificate.raw ?? signer.spki,
      key: signer,
    });
    let refusal: unknown;
    for (const log of logs) {
      try {
        return await verifyLogEntry(entry, log, { witnesses: this.#policy.witnesses ?? [] });
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  async #checkTimestamps(): Promise<VerifiedTimestamp[]> {
    const { content, timestamps, stamped } = this.#bundle;
    const signature = content.kind === 'dsse' ? content.envelope.signatures[0]?.sig : content.signature;
    const found: VerifiedTimestamp[] = [];
    for (const [index, response] of timestamps.entries()) {
      const pointer = `/verificationMaterial/timestampVerificationData/rfc3161Timestamps/${index}`;
      try {
        const verified = await verifyTimestamp(
          response,
          stamped ?? signature ?? new Uint8Array(0),
          this.#root.timestampAuthorities,
          { memo: this.#memo },
        );
        found.push(verified);
        this.#pass('timestamp', pointer, verified.time.toISOString());
      } catch (error) {
        this.#skip('timestamp', pointer, reasonOf(error));
      }
    }
    const sources = new Set(found.map(({ authority }) => sourceOf(authority)));
    this.#count('timestamps', sources.size, this.#policy.timestamps ?? 0, 'authorities');
    return found;
  }

  #checkTimes(
    entries: readonly VerifiedLogEntry[],
    timestamps: readonly VerifiedTimestamp[],
    certified: boolean,
  ): Date[] {
    const logs = entries.filter(({ integratedTime }) => integratedTime !== undefined);
    const sources = new Set([
      ...logs.map(({ operator, logId }) => `log ${operator || logId}`),
      ...timestamps.map(({ authority }) => sourceOf(authority)),
    ]);
    this.#count('times', sources.size, this.#policy.times ?? (certified ? 1 : 0), 'sources of time');
    return [
      ...timestamps.map(({ time }) => time),
      ...logs.flatMap(({ integratedTime }) => integratedTime ?? []),
    ];
  }

  /** The certificate must have been valid at every moment that is known, under an authority that was to be trusted then. */
  async #checkChain(leaf: ChainCertificate, times: readonly Date[]): Promise<ChainCertificate | undefined> {
    const pointer = '/verificationMaterial';
    const assumed = this.#policy.dangerouslyAssumeTime;
    const moments = times.length === 0 && assumed !== undefined ? [assumed] : times;
    if (moments.length === 0) {
      this.#fail('certificate', pointer, 'nothing trusted says when it was used');
      return undefined;
    }
    let issuer: ChainCertificate | undefined;
    try {
      for (const moment of new Set(moments.map((time) => time.getTime()))) {
        const path = await this.#pathAt(leaf, moment);
        issuer ??= path[1];
      }
      this.#pass(
        'certificate',
        pointer,
        `valid under ${issuer?.certificate.commonName ?? 'a trusted authority'}`,
      );
      return issuer;
    } catch (error) {
      this.#fail('certificate', pointer, reasonOf(error));
      return undefined;
    }
  }

  async #pathAt(leaf: ChainCertificate, at: number): Promise<ChainCertificate[]> {
    const given = this.#givenIntermediates(leaf);
    let refusal: unknown = new CosignError(
      'ERR_COSIGN_CERTIFICATE',
      'no authority was to be trusted at that time',
    );
    for (const authority of this.#root.certificateAuthorities) {
      if (!isWithin(authority.validFor, at)) continue;
      const intermediates = authority.intermediates.length > 0 ? authority.intermediates : given;
      try {
        const search = {
          anchors: [authority.anchor],
          intermediates,
          at,
          purpose: CODE_SIGNING,
          memo: this.#memo,
        };
        return await verifyChain(leaf, search);
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  /** What came along: in order, and without a root, although early writers put it at the end. */
  #givenIntermediates(leaf: ChainCertificate): ChainCertificate[] {
    const { material, version } = this.#bundle;
    const given = material.kind === 'certificate' ? material.intermediates.map(readCertificate) : [];
    const isRoot = ({ certificate }: ChainCertificate): boolean =>
      equalBytes(certificate.subject, certificate.issuer);
    for (const [index, { certificate }] of given.entries()) {
      const below = index === 0 ? leaf : given[index - 1];
      if (below === undefined || !equalBytes(certificate.subject, below.certificate.issuer))
        throw new CosignError('ERR_COSIGN_CERTIFICATE', 'the chain in the bundle is not in order');
    }
    const roots = given.filter(isRoot);
    if (roots.length > (version === '0.1' || version === 'none' ? 1 : 0))
      throw new CosignError('ERR_COSIGN_CERTIFICATE', 'the chain in the bundle holds a root');
    return given.filter((certificate) => !isRoot(certificate));
  }

  async #checkScts(leaf: ChainCertificate, issuer: ChainCertificate | undefined): Promise<VerifiedSct[]> {
    const wanted = this.#policy.scts ?? 1;
    const found: VerifiedSct[] = [];
    const pointer = '/verificationMaterial';
    try {
      const embedded = issuer === undefined ? [] : embeddedScts(leaf.certificate);
      const detached = this.#policy.detachedSct;
      const all = [
        ...embedded.map((sct) => ({ sct, signer: issuer?.key })),
        ...(detached === undefined ? [] : [{ sct: detached, signer: undefined }]),
      ];
      for (const { sct, signer } of all) {
        try {
          const verified = await verifySct(sct, leaf.certificate, signer, this.#root.ctlogs, this.#memo);
          if (verified === undefined)
            this.#skip('sct', pointer, `log ${encodeHex(sct.logId)} is not trusted`);
          else {
            found.push(verified);
            this.#pass(
              'sct',
              pointer,
              `${verified.log || verified.logId} at ${verified.timestamp.toISOString()}`,
            );
          }
        } catch (error) {
          this.#skip('sct', pointer, reasonOf(error));
        }
      }
    } catch (error) {
      this.#fail('sct', pointer, reasonOf(error));
    }
    this.#count('scts', new Set(found.map(({ logId }) => logId)).size, wanted, 'certificate logs');
    return found;
  }

  #checkIdentity(leaf: ChainCertificate): VerifiedCertificate | undefined {
    const pointer = '/verificationMaterial';
    try {
      const { certificate } = leaf;
      const names = subjectNames(certificate);
      const extensions = fulcioExtensions(certificate);
      const described = { der: certificate.raw, names, issuer: issuerOf(extensions), extensions };
      const identities = this.#policy.identities ?? [];
      const reasons = identities.map((identity) => whyNotIdentity({ names, extensions }, identity));
      const who = names.map(({ value }) => value).join(', ') || 'nobody';
      if (this.#policy.dangerouslyAcceptAnyIdentity === true)
        this.#skip('identity', pointer, `anybody may sign: ${who}`);
      else if (reasons.includes(undefined)) this.#pass('identity', pointer, `${who}, by ${described.issuer}`);
      else this.#fail('identity', pointer, reasons[0] ?? 'nobody may sign');
      return described;
    } catch (error) {
      this.#fail('identity', pointer, reasonOf(error));
      return undefined;
    }
  }

  #count(check: VerificationCheck['check'], found: number, wanted: number, what: string): void {
    const detail = `${found} of ${wanted} ${what}`;
    if (found >= wanted) this.#pass(check, '', detail);
    else this.#fail(check, '', detail);
  }

  #pass(check: VerificationCheck['check'], pointer: string, detail: string): void {
    this.#checks.push({ check, pointer, outcome: 'passed', detail });
  }

  #fail(check: VerificationCheck['check'], pointer: string, detail: string): void {
    this.#checks.push({ check, pointer, outcome: 'failed', detail });
  }

  #skip(check: VerificationCheck['check'], pointer: string, detail: string): void {
    this.#checks.push({ check, pointer, outcome: 'skipped', detail });
  }
}

function mustAskForSomebody(policy: VerificationPolicy): void {
  const { keys, identities, dangerouslyAcceptAnyIdentity } = policy;
  const anybody = dangerouslyAcceptAnyIdentity === true;
  if (keys === undefined ? !anybody && (identities ?? []).length === 0 : keys.length === 0)
    throw new TypeError('a policy names keys or identities');
  if (keys !== undefined && identities !== undefined)
    throw new TypeError('a policy names keys or identities, not both');
}

function sourceOf({ operator, uri, anchor }: TrustedRoot['timestampAuthorities'][number]): string {
  return operator || uri || anchor.key.fingerprint;
}

/** What is malformed in evidence is a reason; anything else is a fault of ours and goes on up. */
function reasonOf(error: unknown): string {
  if (error instanceof CosignError || error instanceof DerError || error instanceof BytesError)
    return error.message;
  throw error;
}

const DIGESTS: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512'> = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
]);
