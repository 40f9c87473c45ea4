/**
 * `TrustRoot` of Sigstore's policy-controller: what a `trustRootRef` names.
 *
 * @module
 */
import { BytesError, decodeBase64, decodeUtf8 } from '@sealwright/bytes';
import { CryptoError, importPublicKey } from '@sealwright/crypto';
import type { JsonValue } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { logIdOf } from '../log/log-id.js';
import {
  type TrustedAuthority,
  trustedAuthority,
  type TrustedLog,
  trustedLog,
  type TrustedRoot,
} from '../trust/trusted-root.js';
import { certificates } from './authorities.js';
import { type Fields, readFields } from './fields.js';
import { readKubernetes } from './kubernetes.js';
import { policyFault } from './members.js';

/** What is trusted under a name. */
export interface NamedTrustRoot {
  /** What policies call it. */
  readonly name: string;
  /** What is trusted. */
  readonly root: TrustedRoot;
}

/**
 * Read a `TrustRoot` with keys of its own (`sigstoreKeys`). One that names a TUF repository is refused: fetch its `trusted_root.json`.
 *
 * @param value - the object, as JSON
 * @throws {@link CosignError} `ERR_COSIGN_POLICY` with the place.
 */
export function parseTrustRoot(value: JsonValue): NamedTrustRoot {
  const { kind, name, spec } = readKubernetes(value);
  if (kind !== 'TrustRoot') throw policyFault('expected a TrustRoot', '/kind');
  for (const other of ['remote', 'repository']) {
    if (spec.has(other))
      throw policyFault('a TUF repository is not read here: give its trusted_root.json', spec.at(other));
  }
  const root = spec.child('sigstoreKeys', keysOf);
  spec.end();
  if (root === undefined) throw policyFault('expected sigstoreKeys', '/spec');
  return { name, root };
}

function keysOf(fields: Fields): TrustedRoot {
  const authorities = (name: string): readonly TrustedAuthority[] =>
    fields.list(name, (item, pointer) => readFields(item, pointer, authorityOf));
  const logs = (name: string): readonly TrustedLog[] =>
    fields.list(name, (item, pointer) => readFields(item, pointer, logOf));
  return {
    certificateAuthorities: authorities('certificateAuthorities'),
    tlogs: logs('tLogs'),
    ctlogs: logs('ctLogs'),
    timestampAuthorities: authorities('timestampAuthorities'),
  };
}

function authorityOf(fields: Fields): TrustedAuthority {
  fields.child('subject', (each) => [each.text('organization'), each.text('commonName')]); // for people
  const uri = fields.text('uri');
  return checked(fields.at('certChain'), () =>
    trustedAuthority(certificates(pemOf(fields, 'certChain')), { uri }),
  );
}

function logOf(fields: Fields): TrustedLog {
  const baseUrl = fields.text('baseURL');
  const hash = fields.text('hashAlgorithm', 'sha-256').toLowerCase().replaceAll(/[-_]/g, '');
  if (hash !== 'sha256' && hash !== 'sha2256')
    throw policyFault('a log hashes with SHA-256', fields.at('hashAlgorithm'));
  return checked(fields.at('publicKey'), () => {
    const key = importPublicKey(pemOf(fields, 'publicKey'));
    return trustedLog(key, logIdOf(key), { baseUrl });
  });
}

/** Base64 of PEM, as Kubernetes keeps bytes. */
function pemOf(fields: Fields, name: string): string {
  return decodeUtf8(decodeBase64(fields.text(name)));
}

function checked<T>(pointer: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof BytesError || cause instanceof CryptoError || cause instanceof CosignError)
      throw new CosignError('ERR_COSIGN_POLICY', `what is trusted cannot be read: ${cause.message}`, {
        pointer,
        cause,
      });
    throw cause;
  }
}
