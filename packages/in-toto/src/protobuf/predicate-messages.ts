/**
 * The messages of predicates, package `in_toto_attestation.predicates`, as of in-toto/attestation `protos/`. Where a schema says
 * other than the text of its predicate, the text's members that have no field are left out.
 *
 * @module
 */
import type { PredicateField, PredicateFieldType, PredicateMessage } from './predicate-message.js';

function one(number: number, type: PredicateFieldType): PredicateField {
  return { number, type };
}

function optional(number: number): PredicateField {
  return { number, type: 'text', presence: true };
}

function list(number: number, type: PredicateFieldType): PredicateField {
  return { number, type, list: true };
}

const URI_AND_DIGEST: PredicateMessage = { uri: one(1, 'text'), digest: one(2, 'texts') };
const ID: PredicateMessage = { id: one(1, 'text') };

/** SLSA provenance of version 1: `provenance.v1.Provenance`. */
export const PROVENANCE_V1_MESSAGE: PredicateMessage = {
  buildDefinition: one(1, {
    buildType: one(1, 'text'),
    externalParameters: one(2, 'struct'),
    internalParameters: one(3, 'struct'),
    resolvedDependencies: list(4, 'descriptor'),
  }),
  runDetails: one(2, {
    builder: one(1, {
      id: one(1, 'text'),
      version: one(2, 'texts'),
      builderDependencies: list(3, 'descriptor'),
    }),
    metadata: one(2, {
      invocationId: one(1, 'text'),
      startedOn: one(2, 'timestamp'),
      finishedOn: one(3, 'timestamp'),
    }),
    byproducts: list(3, 'descriptor'),
  }),
};

/** SLSA provenance of version 0.2: `provenance.v02.Provenance`. */
export const PROVENANCE_V02_MESSAGE: PredicateMessage = {
  builder: one(1, ID),
  buildType: one(2, 'text'),
  invocation: one(3, {
    configSource: one(1, { ...URI_AND_DIGEST, entryPoint: one(3, 'text') }),
    parameters: one(2, 'struct'),
    environment: one(3, 'struct'),
  }),
  buildConfig: one(4, 'struct'),
  metadata: one(5, metadata('parameters')),
  materials: list(6, URI_AND_DIGEST),
};

/** SLSA provenance of version 0.1: `provenance.v01.Provenance`. */
export const PROVENANCE_V01_MESSAGE: PredicateMessage = {
  builder: one(1, ID),
  recipe: one(2, {
    type: one(1, 'text'),
    definedInMaterial: one(2, 'int32'),
    entryPoint: one(3, 'text'),
    arguments: one(4, 'struct'),
    environment: one(5, 'struct'),
  }),
  metadata: one(3, metadata('arguments')),
  materials: list(4, URI_AND_DIGEST),
};

/** Verification summaries of version 1: `vsa.v1.VerificationSummary`; it has no field for `verifier.version`. */
export const VSA_V1_MESSAGE: PredicateMessage = {
  verifier: one(1, ID),
  timeVerified: one(2, 'timestamp'),
  resourceUri: one(3, 'text'),
  policy: one(4, URI_AND_DIGEST),
  inputAttestations: list(5, URI_AND_DIGEST),
  verificationResult: one(6, 'text'),
  verifiedLevels: list(7, 'text'),
  dependencyLevels: one(8, 'counts'),
  slsaVersion: one(9, 'text'),
};

/** Verification summaries of versions 0.1 and 0.2: `vsa.v0.VerificationSummary`. */
export const VSA_V0_MESSAGE: PredicateMessage = {
  verifier: one(1, ID),
  time_verified: one(2, 'timestamp'),
  resource_uri: one(3, 'text'),
  policy: one(4, URI_AND_DIGEST),
  input_attestations: list(5, URI_AND_DIGEST),
  verification_result: one(6, 'text'),
  policy_level: one(7, 'text'),
  dependency_levels: one(8, 'counts'),
};

/** Links of version 0.3: `link.v0.Link`. */
export const LINK_MESSAGE: PredicateMessage = {
  name: one(1, 'text'),
  command: list(2, 'text'),
  materials: list(3, 'descriptor'),
  byproducts: one(4, 'struct'),
  environment: one(5, 'struct'),
};

/** SCAI reports of version 0.3: `scai.v0.AttributeReport`. */
export const SCAI_MESSAGE: PredicateMessage = {
  attributes: list(1, {
    attribute: one(1, 'text'),
    target: one(2, 'descriptor'),
    conditions: one(3, 'struct'),
    evidence: one(4, 'descriptor'),
  }),
  producer: one(2, 'descriptor'),
};

/** References of version 0.1: `reference.v0.Reference`. */
export const REFERENCE_MESSAGE: PredicateMessage = {
  attester: one(1, ID),
  references: list(2, 'descriptor'),
};

/** Releases of version 0.1: `release.v0.Release`. */
export const RELEASE_V01_MESSAGE: PredicateMessage = { purl: one(1, 'text'), releaseId: optional(2) };

/** Releases of version 0.2: `release.v02.Release`. */
export const RELEASE_V02_MESSAGE: PredicateMessage = { purl: one(1, 'text'), packageId: optional(2) };

/** Simple verification results of version 0.1: `svr.v0_1.SimpleVerificationResult`, but for `verifier.policy`, which is an `Any` there. */
export const SVR_V01_MESSAGE: PredicateMessage = {
  verifier: one(1, ID),
  timeCreated: one(2, 'timestamp'),
  properties: list(3, 'text'),
};

/** Test results of version 0.1: `test_result.v0.TestResult`. */
export const TEST_RESULT_MESSAGE: PredicateMessage = {
  result: one(1, 'text'),
  configuration: list(2, 'descriptor'),
  url: one(3, 'text'),
  passedTests: list(4, 'text'),
  warnedTests: list(5, 'text'),
  failedTests: list(6, 'text'),
};

/** Vulnerability scans of version 0.2: `vulns.v02.Vulns`. */
export const VULNS_V02_MESSAGE: PredicateMessage = {
  scanner: one(1, {
    uri: one(1, 'text'),
    version: optional(2),
    db: one(3, { uri: optional(1), version: optional(2), lastUpdate: one(3, 'timestamp') }),
    result: list(4, {
      id: one(1, 'text'),
      severity: list(2, { method: one(1, 'text'), score: one(2, 'text') }),
      annotations: list(3, 'struct'),
    }),
  }),
  metadata: one(2, { scanStartedOn: one(1, 'timestamp'), scanFinishedOn: one(2, 'timestamp') }),
};

function metadata(inputs: 'parameters' | 'arguments'): PredicateMessage {
  return {
    buildInvocationId: one(1, 'text'),
    buildStartedOn: one(2, 'timestamp'),
    buildFinishedOn: one(3, 'timestamp'),
    completeness: one(4, {
      [inputs]: one(1, 'bool'),
      environment: one(2, 'bool'),
      materials: one(3, 'bool'),
    }),
    reproducible: one(5, 'bool'),
  };
}
