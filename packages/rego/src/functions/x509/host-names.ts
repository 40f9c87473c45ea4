import { type Certificate, findExtension } from '@sealwright/der';
import { canonicalAddress } from '../net.js';
import { alternativeNames } from './general-names.js';

/** Whether a certificate is for a host: a name, or an address, which may stand in brackets. The common name of its subject says nothing. */
export function namesHost(certificate: Certificate, host: string): boolean {
  const { dns, addresses } = alternativeNames(findExtension(certificate, '2.5.29.17'));
  const address = canonicalAddress(/^\[.+\]$/.test(host) ? host.slice(1, -1) : host);
  if (address !== undefined) return addresses.some((each) => canonicalAddress(each) === address);
  const name = lower(host);
  return dns.some((each) =>
    isHostName(name.replace(/\.$/, '')) && isPattern(each)
      ? fits(lower(each), name.replace(/\.$/, ''))
      : lower(each) === name && name !== '' && name !== '.',
  );
}

/** The first label of a pattern may be a star. */
function fits(pattern: string, host: string): boolean {
  const [labels, wanted] = [pattern.split('.'), host.split('.')];
  return (
    labels.length === wanted.length &&
    labels.every((label, index) => (index === 0 && label === '*') || label === wanted[index])
  );
}

function isPattern(name: string): boolean {
  return name !== '*' && isHostName(name.replace(/^\*\./, 'a.'));
}

function isHostName(name: string): boolean {
  return name.split('.').every((label) => /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(label));
}

/** Only letters of ASCII have two forms. */
function lower(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
