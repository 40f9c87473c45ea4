/**
 * What Fulcio writes into a certificate about whoever asked for it: the arc 1.3.6.1.4.1.57264.1.
 *
 * @module
 */
import { BytesError, decodeUtf8 } from '@sealwright/bytes';
import { type Certificate, DerError, DerReader } from '@sealwright/der';
import { CosignError } from '../errors.js';

/** The names of the extensions, as Fulcio documents them. */
export type FulcioExtensionName =
  | 'issuer'
  | 'githubWorkflowTrigger'
  | 'githubWorkflowSha'
  | 'githubWorkflowName'
  | 'githubWorkflowRepository'
  | 'githubWorkflowRef'
  | 'issuerV2'
  | 'buildSignerURI'
  | 'buildSignerDigest'
  | 'runnerEnvironment'
  | 'sourceRepositoryURI'
  | 'sourceRepositoryDigest'
  | 'sourceRepositoryRef'
  | 'sourceRepositoryIdentifier'
  | 'sourceRepositoryOwnerURI'
  | 'sourceRepositoryOwnerIdentifier'
  | 'buildConfigURI'
  | 'buildConfigDigest'
  | 'buildTrigger'
  | 'runInvocationURI'
  | 'sourceRepositoryVisibilityAtSigning'
  | 'deploymentEnvironment'
  | 'tokenSubject';

/** The extensions of one certificate. */
export type FulcioExtensions = Readonly<Partial<Record<FulcioExtensionName, string>>>;

/**
 * Read the extensions of Fulcio. They are as good as the certificate, so verify that first.
 *
 * @param certificate - of a signer
 * @throws {@link CosignError} `ERR_COSIGN_CERTIFICATE` for a value that is no text.
 */
export function fulcioExtensions(certificate: Certificate): FulcioExtensions {
  const found: Partial<Record<FulcioExtensionName, string>> = {};
  for (const { oid, value } of certificate.extensions) {
    const number = oid.startsWith(ARC) ? Number(oid.slice(ARC.length)) : Number.NaN;
    const name = NAMES.get(number);
    if (name !== undefined) found[name] = textOf(value, number);
  }
  return found;
}

/**
 * Who vouched for the signer's identity: the newer extension, else the older one.
 *
 * @param extensions - of a certificate
 * @throws {@link CosignError} `ERR_COSIGN_CERTIFICATE` when the two contradict each other.
 */
export function issuerOf(extensions: FulcioExtensions): string | undefined {
  const { issuer, issuerV2 } = extensions;
  if (issuer !== undefined && issuerV2 !== undefined && issuer !== issuerV2)
    throw new CosignError('ERR_COSIGN_CERTIFICATE', 'the certificate names two different issuers');
  return issuerV2 ?? issuer;
}

/**
 * The object identifier of an extension, dotted.
 *
 * @param name - of the extension
 */
export function fulcioExtensionOid(name: FulcioExtensionName): string {
  const number = [...NAMES].find(([, known]) => known === name)?.[0] ?? 0;
  return `${ARC}${number}`;
}

/** Up to .6 the text itself, from .8 on a UTF8String. */
function textOf(value: Uint8Array, number: number): string {
  try {
    if (number < 7) return decodeUtf8(value);
    const reader = new DerReader(value);
    const { contents } = reader.element(0x0c);
    reader.end();
    return decodeUtf8(contents);
  } catch (cause) {
    if (!(cause instanceof DerError) && !(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_CERTIFICATE', `extension ${ARC}${number} is no text`, { cause });
  }
}

const ARC = '1.3.6.1.4.1.57264.1.';
const NAMES: ReadonlyMap<number, FulcioExtensionName> = new Map([
  [1, 'issuer'],
  [2, 'githubWorkflowTrigger'],
  [3, 'githubWorkflowSha'],
  [4, 'githubWorkflowName'],
  [5, 'githubWorkflowRepository'],
  [6, 'githubWorkflowRef'],
  [8, 'issuerV2'],
  [9, 'buildSignerURI'],
  [10, 'buildSignerDigest'],
  [11, 'runnerEnvironment'],
  [12, 'sourceRepositoryURI'],
  [13, 'sourceRepositoryDigest'],
  [14, 'sourceRepositoryRef'],
  [15, 'sourceRepositoryIdentifier'],
  [16, 'sourceRepositoryOwnerURI'],
  [17, 'sourceRepositoryOwnerIdentifier'],
  [18, 'buildConfigURI'],
  [19, 'buildConfigDigest'],
  [20, 'buildTrigger'],
  [21, 'runInvocationURI'],
  [22, 'sourceRepositoryVisibilityAtSigning'],
  [23, 'deploymentEnvironment'],
  [24, 'tokenSubject'],
]);
