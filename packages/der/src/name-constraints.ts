/**
 * Which names an authority may certify (RFC 5280 section 4.2.1.10): permitted and excluded subtrees of directory names, hosts,
 * mailboxes, URIs and addresses.
 *
 * @module
 */
import { decodeUtf8, equalBytes } from '@sealwright/bytes';
import type { Certificate } from './certificate.js';
import { DerError } from './errors.js';
import { findExtension } from './extension.js';
import { DerReader } from './reader.js';

/** A GeneralName: its tag and its contents. */
interface GeneralName {
  readonly tag: number;
  readonly contents: Uint8Array;
}

/**
 * Check that an authority may certify the names of a certificate below it.
 *
 * @param authority - whose constraints, when it has some
 * @param certificate - whose subject and alternative names
 * @throws {@link DerError} `ERR_DER_NAME_CONSTRAINT`, also for constraints of a kind that is not used here.
 */
export function mustBePermitted(authority: Certificate, certificate: Certificate): void {
  const value = findExtension(authority, NAME_CONSTRAINTS);
  if (value === undefined) return;
  const [permitted, excluded] = readConstraints(value);
  for (const name of namesOf(certificate)) {
    const allowed = permitted.filter(({ tag }) => tag === name.tag);
    const forbidden = excluded.filter(({ tag }) => tag === name.tag);
    if (allowed.length + forbidden.length === 0) continue;
    const isAllowed = allowed.length === 0 || allowed.some((subtree) => isWithin(name, subtree));
    // A URI without the name of a host can be held to nothing.
    const isUnclear = name.tag === URI && hostOf(textOf(name)) === undefined;
    if (!isAllowed || isUnclear || forbidden.some((subtree) => isWithin(name, subtree)))
      throw new DerError('ERR_DER_NAME_CONSTRAINT', 'an authority may not certify a name of a certificate');
  }
}

function readConstraints(value: Uint8Array): [permitted: GeneralName[], excluded: GeneralName[]] {
  const reader = new DerReader(value);
  const constraints = reader.enter();
  reader.end();
  const permitted = constraints.peek() === 0xa0 ? readSubtrees(constraints.enter(0xa0)) : [];
  const excluded = constraints.peek() === 0xa1 ? readSubtrees(constraints.enter(0xa1)) : [];
  constraints.end();
  return [permitted, excluded];
}

/** A minimum and a maximum are never used, so a subtree is its base alone. */
function readSubtrees(list: DerReader): GeneralName[] {
  const subtrees: GeneralName[] = [];
  while (!list.done) {
    const subtree = list.enter();
    const { tag, contents } = subtree.element();
    subtree.end();
    if (!KINDS.has(tag))
      throw new DerError('ERR_DER_NAME_CONSTRAINT', 'a name constraint of a kind that is not used here');
    subtrees.push({ tag, contents });
  }
  return subtrees;
}

/** The subject, unless it is empty, and the alternative names. */
function namesOf(certificate: Certificate): GeneralName[] {
  const names: GeneralName[] = [];
  if (certificate.subject.byteLength > 2) names.push({ tag: DIRECTORY, contents: certificate.subject });
  const value = findExtension(certificate, SUBJECT_ALT_NAME);
  if (value === undefined) return names;
  const reader = new DerReader(value);
  const list = reader.enter();
  reader.end();
  while (!list.done) {
    const { tag, contents } = list.element();
    names.push({ tag, contents });
  }
  return names;
}

function isWithin(name: GeneralName, subtree: GeneralName): boolean {
  switch (name.tag) {
    case DIRECTORY:
      return isBelow(name.contents, subtree.contents);
    case ADDRESS:
      return isInRange(name.contents, subtree.contents);
    case HOST:
      return isHostWithin(textOf(name), textOf(subtree).replace(/^\.?/, '.'), true);
    case MAILBOX:
      return isMailboxWithin(textOf(name), textOf(subtree));
    default:
      return isHostWithin(hostOf(textOf(name)) ?? '', textOf(subtree));
  }
}

/** A directory name is below another when it begins with all of it. */
function isBelow(name: Uint8Array, base: Uint8Array): boolean {
  const [below, above] = [new DerReader(name).enter(), new DerReader(base).enter()];
  while (!above.done) {
    if (below.done || !equalBytes(below.element().raw, above.element().raw)) return false;
  }
  return true;
}

/** An address and a mask. */
function isInRange(address: Uint8Array, range: Uint8Array): boolean {
  const size = address.byteLength;
  if (range.byteLength !== size * 2) return false;
  return address.every((byte, at) => ((byte ^ (range[at] ?? 0)) & (range[size + at] ?? 0xff)) === 0);
}

/** A base that begins with a dot is a domain, another one host. */
function isHostWithin(host: string, base: string, orItself = false): boolean {
  if (!base.startsWith('.')) return host === base;
  return base === '.' || host.endsWith(base) || (orItself && host === base.slice(1));
}

function isMailboxWithin(mailbox: string, base: string): boolean {
  const host = mailbox.slice(mailbox.lastIndexOf('@') + 1);
  return base.includes('@') ? mailbox === base : isHostWithin(host, base);
}

/** The host of a URI, when it is a name. */
function hostOf(uri: string): string | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([a-z0-9.-]+)(?::[0-9]*)?(?:[/?#]|$)/.exec(uri);
  const host = match?.[1];
  return host === undefined || /^[0-9.]+$/.test(host) ? undefined : host;
}

/** Names of hosts do not depend on letter case; that mailboxes do is not worth a way around a constraint. */
function textOf({ contents }: GeneralName): string {
  try {
    return decodeUtf8(contents).toLowerCase();
  } catch (cause) {
    throw new DerError('ERR_DER_VALUE', 'expected text in ASCII', { cause });
  }
}

/** Identifier of nameConstraints. */
export const NAME_CONSTRAINTS = '2.5.29.30';
const SUBJECT_ALT_NAME = '2.5.29.17';
const MAILBOX = 0x81;
const HOST = 0x82;
const DIRECTORY = 0xa4;
const URI = 0x86;
const ADDRESS = 0x87;
const KINDS: ReadonlySet<number> = new Set([MAILBOX, HOST, DIRECTORY, URI, ADDRESS]);
