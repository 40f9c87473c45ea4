import { decodeUtf8 } from '@sealwright/bytes';
import {
  encodeRekorBundle,
  encodeTimestampAnnotation,
  type FulcioExtensionName,
  fulcioExtensionOid,
  type SignedImageEvidence,
} from '@sealwright/cosign-sig';

/**
 * The payload of a verified signature as cosign prints it: among `optional` stands what the certificate says, and for a signature
 * under a tag what a log and an authority that stamps said of it, of which only what holds. That of a bundle is made up.
 *
 * @param found - the signature
 * @param name - of the image
 */
export function payloadText(found: SignedImageEvidence, name: string): string {
  const { claims, payload, statement } = found;
  const added = [...certified(found), ...(claims === undefined ? [] : vouched(found))];
  if (claims !== undefined && added.length === 0) return decodeUtf8(payload);
  const said = claims === undefined ? madeUp(statement, name) : (JSON.parse(decodeUtf8(payload)) as Payload);
  if (added.length === 0) return JSON.stringify(said);
  const optional = [...Object.entries(said.optional ?? {}), ...added].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...said, optional: Object.fromEntries(optional) });
}

interface Payload {
  readonly critical: object;
  readonly optional?: object | null;
}

type Member = readonly [name: string, value: unknown];

function certified({ verdict: { certificate } }: SignedImageEvidence): readonly Member[] {
  if (certificate === undefined) return [];
  const { issuer } = certificate;
  const workflow = WORKFLOW.flatMap((extension): readonly Member[] => {
    const value = certificate.extensions[extension];
    return value === undefined
      ? []
      : [
          [fulcioExtensionOid(extension), value],
          [extension, value],
        ];
  });
  return [
    ['Subject', certificate.names[0]?.value],
    ...(issuer === undefined ? [] : ([['Issuer', issuer]] as const)),
    ...(certificate.extensions.issuer === undefined
      ? []
      : ([[fulcioExtensionOid('issuer'), certificate.extensions.issuer]] as const)),
    ...workflow,
  ];
}

function vouched({ verdict, evidence }: SignedImageEvidence): readonly Member[] {
  const held = new Set(verdict.logEntries.map(({ logIndex }) => logIndex));
  const entry = evidence.logEntries.find(
    ({ logIndex, inclusionPromise }) => held.has(logIndex) && inclusionPromise !== undefined,
  );
  const [timestamp] = verdict.timestamps.length === 0 ? [] : evidence.timestamps;
  return [
    ...(entry === undefined ? [] : ([['Bundle', JSON.parse(encodeRekorBundle(entry))]] as const)),
    ...(timestamp === undefined
      ? []
      : ([['RFC3161Timestamp', JSON.parse(encodeTimestampAnnotation(timestamp))]] as const)),
  ];
}

function madeUp(statement: SignedImageEvidence['statement'], name: string): Payload {
  const [subject] = statement?.subject ?? [];
  return {
    critical: {
      identity: { 'docker-reference': name },
      image: { 'docker-manifest-digest': `sha256:${subject?.digest['sha256'] ?? ''}` },
      type: statement?.predicateType ?? '',
    },
    optional: subject?.annotations ?? {},
  };
}

const WORKFLOW: readonly FulcioExtensionName[] = [
  'githubWorkflowTrigger',
  'githubWorkflowSha',
  'githubWorkflowName',
  'githubWorkflowRepository',
  'githubWorkflowRef',
];
