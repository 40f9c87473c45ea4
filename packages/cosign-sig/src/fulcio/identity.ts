/**
 * Who signed, compared with who may.
 *
 * @module
 */
import type { SubjectName } from '../x509/extensions.js';
import type { FulcioExtensionName, FulcioExtensions } from './extensions.js';
import { issuerOf } from './extensions.js';

/** What a text must be: exactly this text, or whatever the matcher takes. */
export type TextRule = string | TextMatcher;

/** A pattern, compiled by whoever wants one. */
export interface TextMatcher {
  /** How the pattern reads, for messages. */
  readonly pattern: string;
  /**
   * Whether a text fits. It must take time linear in the text, which a signer chose.
   *
   * @param text - an issuer or a subject
   */
  test(text: string): boolean;
}

/** One signer who may sign. */
export interface CertificateIdentity {
  /** Who vouched for the signer, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: TextRule;
  /** The signer: one of the names in the certificate. */
  readonly subject: TextRule;
  /** Extensions of Fulcio that must be there, with these values. */
  readonly extensions?: FulcioExtensions;
}

/** Who a certificate says that the signer is. */
export interface CertifiedSigner {
  /** The names in the certificate. */
  readonly names: readonly SubjectName[];
  /** The extensions of Fulcio. */
  readonly extensions: FulcioExtensions;
}

/**
 * Why a signer is not the one who may sign; `undefined` when it is.
 *
 * @param signer - from a verified certificate
 * @param identity - who may sign
 */
export function whyNotIdentity(signer: CertifiedSigner, identity: CertificateIdentity): string | undefined {
  const issuer = issuerOf(signer.extensions);
  if (issuer === undefined || !fits(issuer, identity.issuer))
    return `expected issuer ${describe(identity.issuer)}, found ${issuer ?? 'none'}`;
  if (!signer.names.some(({ value }) => fits(value, identity.subject))) {
    const found = signer.names.map(({ value }) => value).join(', ') || 'none';
    return `expected subject ${describe(identity.subject)}, found ${found}`.slice(0, 1024);
  }
  for (const [name, expected] of Object.entries(identity.extensions ?? {})) {
    const actual = signer.extensions[name as FulcioExtensionName]; // the names come from the same type
    if (actual !== expected) return `expected ${name} ${expected}, found ${actual ?? 'none'}`;
  }
  return undefined;
}

/**
 * A pattern in which `*` stands for any run of characters, empty or not; it must fit the whole text.
 *
 * @param pattern - such as `https://github.com/example/*`
 *
 * @example
 * ```ts
 * const subject = wildcard('https://github.com/example/*');
 * console.log(subject.test('https://github.com/example/app/.github/workflows/release.yml@refs/heads/main')); // true
 * console.log(subject.test('https://evil.example/https://github.com/example/app')); // false
 * ```
 */
export function wildcard(pattern: string): TextMatcher {
  const parts = pattern.split('*');
  return { pattern, test: (text) => (parts.length === 1 ? text === pattern : fitsParts(text, parts)) };
}

/** Each part is looked for behind the one before, first come first served, which is enough for wildcards. */
function fitsParts(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function fits(text: string, rule: TextRule): boolean {
  return typeof rule === 'string' ? text === rule : rule.test(text);
}

function describe(rule: TextRule): string {
  return typeof rule === 'string' ? rule : rule.pattern;
}
