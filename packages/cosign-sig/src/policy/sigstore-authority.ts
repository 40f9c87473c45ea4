/**
 * Answers of the one verifier: keys and certificates, logs, timestamps, both layouts.
 *
 * @module
 */
import { CryptoError, importPublicKey, type PublicKey } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { parseReference } from '@sealwright/oci';
import { createBundleVerifier } from '../bundle/bundle-verifier.js';
import type { VerificationPolicy } from '../bundle/policy.js';
import { CosignError } from '../errors.js';
import type { CertificateIdentity, TextMatcher } from '../fulcio/identity.js';
import type { ReferrersRegistry } from '../image/referrers.js';
import { type SignedImageEvidence, verifySignedImage } from '../image/verify-signed-image.js';
import { logIdOf } from '../log/log-id.js';
import { trustedAuthority, type TrustedLog, trustedLog, type TrustedRoot } from '../trust/trusted-root.js';
import { authoritiesOf, certificates } from './authorities.js';
import {
  type Authority,
  type AuthoritySubject,
  keyAuthority,
  type KeyAuthorityOptions,
  keysOf,
  type LogRule,
  type TextRule,
} from './authority.js';
import { matchWildcard } from './wildcard.js';

/** What {@link sigstoreAuthority} takes. */
export interface SigstoreAuthorityOptions extends KeyAuthorityOptions {
  /** Which authorities and logs are believed where a policy names none of its own. */
  readonly trustedRoot: TrustedRoot;
  /**
   * Compiles the regular expressions of policies (RE2, found anywhere in the text) into something that takes time linear in the text. Default:
   * rules with regular expressions fit nobody.
   */
  readonly regExp?: (pattern: string) => TextMatcher;
}

/**
 * Answers for keys and for certificates of Fulcio, with everything that the policy wants to be known about logs and time.
 *
 * @param registry - where the image and its signatures are
 * @param options - what is believed
 */
export function sigstoreAuthority(registry: ReferrersRegistry, options: SigstoreAuthorityOptions): Authority {
  const byKey = keyAuthority(registry, options);
  return async (request) => {
    const { subject, log, format, image, predicateType, annotations, tagPrefix, repository } = request;
    // hashes other than the usual are a matter of keys without a log
    if (subject.kind === 'key' && log.ignoreLog && format === 'tag') return byKey(request);
    const verifier = createBundleVerifier(trustOf(options.trustedRoot, subject, log));
    const policy = await policyOf(subject, log, options);
    const { signatures } = await verifySignedImage(registry, image, {
      verifier,
      policy,
      annotations,
      tagPrefix,
      kind: predicateType === undefined ? 'signature' : 'attestation',
      layout: format === 'bundle' ? 'referrers' : 'tags',
      ...(predicateType === undefined ? {} : { predicateType }),
      ...(repository === undefined ? {} : { signatureRepository: parseReference(repository) }),
    });
    const statements = predicateType === undefined ? [] : signatures.map(({ statement }) => statement);
    return { by: signatures.map(signerOf).join(', '), statements: statements as unknown as JsonObject[] };
  };
}

async function policyOf(
  subject: AuthoritySubject,
  { ignoreLog, ignoreSct }: LogRule,
  options: SigstoreAuthorityOptions,
): Promise<VerificationPolicy> {
  const logEntries = ignoreLog ? 0 : 1;
  if (subject.kind === 'key') return { keys: await keysOf(subject.key, options), logEntries };
  if (subject.kind === 'certificate') throw refuse('a policy by certificate is not checked here');
  const scts = ignoreSct ? { scts: 0 } : {};
  return {
    identities: subject.identities.map((rule) => identityOf(rule, subject.extensions, options)),
    logEntries,
    ...scts,
  };
}

function identityOf(
  { issuer, subject }: { issuer: TextRule | undefined; subject: TextRule | undefined },
  extensions: Readonly<Record<string, string>>,
  options: SigstoreAuthorityOptions,
): CertificateIdentity {
  if (issuer === undefined && subject === undefined) throw refuse('the policy asks for nobody');
  return {
    issuer: matcherOf(issuer, options),
    subject: matcherOf(subject, options),
    extensions, // a name that Fulcio does not write is found in no certificate
  };
}

function matcherOf(rule: TextRule | undefined, { regExp }: SigstoreAuthorityOptions): string | TextMatcher {
  if (rule === undefined) return { pattern: '*', test: () => true };
  if ('exact' in rule) return rule.exact;
  if ('wildcard' in rule) {
    const pattern = rule.wildcard;
    return { pattern, test: (text) => text.length <= MAX_NAME && matchWildcard(pattern, text) };
  }
  if (regExp === undefined) throw refuse('regular expressions are not evaluated here');
  return regExp(rule.regExp);
}

/** What the policy names takes the place of what is believed otherwise. */
function trustOf(root: TrustedRoot, subject: AuthoritySubject, log: LogRule): TrustedRoot {
  const roots = subject.kind === 'keyless' ? subject.roots : undefined;
  return {
    tlogs: log.rekorKey === undefined ? root.tlogs : [logOf(log.rekorKey)],
    ctlogs: log.ctLogKey === undefined ? root.ctlogs : [logOf(log.ctLogKey)],
    certificateAuthorities: roots === undefined ? root.certificateAuthorities : authoritiesOf(roots),
    timestampAuthorities:
      log.timestampChain === undefined
        ? root.timestampAuthorities
        : [trustedAuthority(certificates(log.timestampChain))],
  };
}

function logOf(pem: string): TrustedLog {
  let key: PublicKey;
  try {
    key = importPublicKey(pem);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw refuse('expected the public key of a log, PEM');
  }
  return trustedLog(key, logIdOf(key));
}

function signerOf({ verdict }: SignedImageEvidence): string {
  const { key, certificate } = verdict;
  if (certificate === undefined) return `the key ${key?.fingerprint ?? ''}`;
  return `${certificate.names.map(({ value }) => value).join(' ')}, vouched for by ${certificate.issuer ?? 'nobody'}`;
}

function refuse(message: string): CosignError {
  return new CosignError('ERR_COSIGN_NO_MATCH', message);
}

const MAX_NAME = 4096;
