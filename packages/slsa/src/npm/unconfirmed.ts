import { jsonPointer } from '@sealwright/json';
import type { ProvenanceView } from '../provenance/view.js';
import { sharedFacts } from '../verify/certificate-facts.js';
import { type Check, check } from '../verify/check.js';
import type { SignerIdentity } from '../verify/signer.js';
import { object, sourceClaims } from '../verify/source.js';

/**
 * What a workflow says that its certificate does not confirm. The workflow signs for itself and could say anything, so each fact
 * must be in its certificate, and what could not be there must not be said.
 */
export function unconfirmedChecks(
  view: ProvenanceView,
  signer: SignerIdentity | undefined,
): readonly Check[] {
  const claims = signer?.kind === 'certificate' ? signer.claims : {};
  const facts = sharedFacts(view, sourceClaims(view)[0], claims);
  const looked = new Set(facts.map(({ pointer }) => pointer));
  const silent = new Set(
    facts.flatMap(({ certified, pointer }) => (certified === undefined ? [pointer] : [])),
  );
  const unconfirmed = said(view).filter((pointer) => !looked.has(pointer) || silent.has(pointer));
  const message = 'the certificate does not confirm this';
  if (unconfirmed.length === 0) return [check('SLSA_CERT_CLAIM', true)];
  return unconfirmed.map((pointer) => check('SLSA_CERT_CLAIM', false, { pointer, message }));
}

/** Where provenance says something, in the places where {@link sharedFacts} looks and in those where nothing can be confirmed. */
function said(view: ProvenanceView): readonly string[] {
  const { external, internal, pointers } = view;
  const members = (value: object, pointer: string): string[] =>
    Object.keys(value).map((name) => pointer + jsonPointer(name));
  const { workflow, ...parameters } = external;
  const { github, ...variables } = internal;
  const [source, ...others] = sourceClaims(view);
  const sources = view.dependencies.flatMap(({ uri = '' }, index) =>
    isSource(uri, source) ? [] : [`${pointers.dependencies}/${index}`],
  );
  const { ref: _ref, repository: _repository, path: _path, ...extra } = object(workflow);
  return [
    pointers.builderId,
    ...members(extra, `${pointers.external}/workflow`),
    ...(workflow === undefined ? [] : [pointers.source]),
    ...(source === undefined ? [pointers.source] : [source.pointer]),
    ...members(parameters, pointers.external),
    ...members(variables, pointers.internal),
    ...members(object(github), `${pointers.internal}/github`),
    ...sources,
    ...others.map(({ pointer }) => pointer),
    ...(view.invocationId === undefined ? [] : [pointers.invocationId]),
    ...times(view),
    ...(view.buildConfig === undefined ? [] : ['/predicate/buildConfig']),
    ...view.byproducts.map((_, index) => `/predicate/runDetails/byproducts/${index}`),
    ...(view.reproducible === true ? ['/predicate/metadata/reproducible'] : []),
    ...Object.entries(view.completeness ?? {}).flatMap(([name, value]) =>
      value ? [`/predicate/metadata/completeness/${name}`] : [],
    ),
  ];
}

function times({ version, pointers, startedOn, finishedOn }: ProvenanceView): readonly string[] {
  const metadata = pointers.invocationId.slice(0, pointers.invocationId.lastIndexOf('/'));
  const [start, end] = version === 'v1' ? ['startedOn', 'finishedOn'] : ['buildStartedOn', 'buildFinishedOn'];
  return [
    ...(startedOn === undefined ? [] : [`${metadata}/${start}`]),
    ...(finishedOn === undefined ? [] : [`${metadata}/${end}`]),
  ];
}

function isSource(uri: string, source: { repository: string; ref: string } | undefined): boolean {
  return source !== undefined && (uri === source.repository || uri === `${source.repository}@${source.ref}`);
}
