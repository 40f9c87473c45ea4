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
import { certificatePolicy, mustHaveBeenValid } from './certificate-authority.js';
import { matchWildcard } from './wildcard.js';
import { refuse } from './refuse.js';

/** What {@link sigstoreAuthority} takes. */
export interface SigstoreAuthorityOptions extends KeyAuthorityOptions {
  /** Which authorities and logs are believed where a policy names none of its own. */
  readonly trustedRoot: TrustedRoot;
  /** Gets what a policy trusts by a name (`trustRootRef`). Default: such policies are not fulfilled. */
  readonly trustRoots?: (name: string) => Promise<TrustedRoot>;
  /**
   * Compiles the regular expressions of policies (RE2, found anywhere in the text) into something that takes time linear in the text. Default:
   * rules with regular expressions fit nobody.
   */
  readonly regExp?: (pattern: string) => TextMatcher;
  /**
   * What time it is, milliseconds since 1970: the moment for certificates of one's own authority under a policy that asks for no log. Default:
   * they are not believed, as nothing says when they were used.
   */
  readonly now?: () => number;
}

/**
 * Answers for keys, for certificates of Fulcio and for certificates of one's own, with everything that the policy wants to be known about
 * logs and time.
 *
 * @param registry - where the image and its signatures are
 * @param options - what is believed
 */
export function sigstoreAuthority(registry: ReferrersRegistry, options: SigstoreAuthorityOptions): Authority {
  const byKey = keyAuthority(registry, options);
  return async (request) => {
    const { subject, log, format, image, predicateType, annotations, tagPrefix, repository } = request;
    // hashes other than the usual are a matter of keys without a log
    if (subject.kind === 'key' && log.ignoreLog && log.wantsTimestamp !== true && format === 'tag')
      return byKey(request);
    const verifier = createBundleVerifier(await trustOf(options, subject, log));
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
    if (subject.kind === 'certificate') await mustHaveBeenValid(subject, signatures, options);
    return {
      by: signatures.map(signerOf).join(', '),
      signatures: signatures.map(({ subject: digest, verdict: { certificate }, statement }) => ({
        digest,
        certificate,
        statement: predicateType === undefined ? undefined : (statement as unknown as JsonObject),
      })),
    };
  };
}

async function policyOf(
  subject: AuthoritySubject,
  log: LogRule,
  options: SigstoreAuthorityOptions,
): Promise<VerificationPolicy> {
  const wanted = { logEntries: log.ignoreLog ? 0 : 1, timestamps: log.wantsTimestamp === true ? 1 : 0 };
  const scts = log.ignoreSct ? { scts: 0 } : {};
  if (subject.kind === 'key') return { keys: await keysOf(subject.key, options), ...wanted };
  if (subject.kind === 'certificate') return { ...certificatePolicy(subject, log, options), ...wanted };
  return {
    identities: subject.identities.map((rule) => identityOf(rule, subject.extensions, options)),
    ...wanted,
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
async function trustOf(
  options: SigstoreAuthorityOptions,
  subject: AuthoritySubject,
  log: LogRule,
): Promise<TrustedRoot> {
  const named = async (name: string | undefined): Promise<TrustedRoot> => {
    if (name === undefined) return options.trustedRoot;
    if (options.trustRoots === undefined) throw refuse(`what ${name} trusts cannot be had here`);
    return options.trustRoots(name);
  };
  const certifying = await named(subject.kind === 'keyless' ? subject.trustRoot : undefined);
  const logging = await named(log.rekorTrustRoot);
  const stamping = await named(log.timestampTrustRoot);
  const roots = rootsOf(subject);
  return {
    tlogs: log.rekorKey === undefined ? logging.tlogs : [logOf(log.rekorKey)],
    ctlogs: log.ctLogKey === undefined ? certifying.ctlogs : [logOf(log.ctLogKey)],
    certificateAuthorities: roots === undefined ? certifying.certificateAuthorities : authoritiesOf(roots),
    timestampAuthorities:
      log.timestampChain === undefined
        ? stamping.timestampAuthorities
        : [trustedAuthority(certificates(log.timestampChain))],
  };
}

function rootsOf(subject: AuthoritySubject): string | undefined {
  if (subject.kind === 'keyless') return subject.roots;
  // where one certificate is named, its key decides, and its chain is looked at afterwards
  return subject.kind === 'certificate' && subject.certificate === '' ? subject.chain : undefined;
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

const MAX_NAME = 4096;
