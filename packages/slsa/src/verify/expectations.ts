import type { JsonObject } from '@sealwright/json';
import type { AnyStandardSchema } from '@sealwright/in-toto/predicates';
import type { BuildLevel, TrustRule } from './trust-rule.js';

/** Whom to trust, and what to expect. */
export interface ProvenancePolicy {
  /** Pairs of signer and builder: see `@sealwright/slsa/trust` for ready-made ones. */
  readonly trust: readonly TrustRule[];
  /** What provenance must say. */
  readonly expect: ProvenanceExpectations;
}

/** What provenance must say. Only what is given is checked; the verdict lists the rest as skipped. */
export interface ProvenanceExpectations {
  /** Digests of the artifact, each `algorithm:value`: every one must be there. */
  readonly digest: string | readonly string[];
  /**
   * The builder, with or without a version. For a workflow that signs for itself this is also a reason to trust it, up to
   * `maxLevel`.
   */
  readonly builderId?: string;
  /** The exact build type. */
  readonly buildType?: string;
  /** The repository, such as `github.com/owner/name` or a URL. */
  readonly source?: string;
  /** The commit, in hexadecimal. */
  readonly commit?: string;
  /** The full ref, such as `refs/heads/main`. */
  readonly ref?: string;
  /** The tag. */
  readonly tag?: string;
  /** A tag that stands for its latest versions, such as `v1` or `v1.2`. */
  readonly versionedTag?: string;
  /** The branch. */
  readonly branch?: string;
  /** A ref of the builder that will do, other than a release tag. */
  readonly acceptBuilderRef?: string;
  /** The least level. */
  readonly minLevel?: BuildLevel;
  /** The most that is believed of this builder. Default 3 for trust rules, 2 for a builder that only `builderId` names. */
  readonly maxLevel?: BuildLevel;
  /** External parameters. */
  readonly externalParameters?: ParameterExpectations;
  /** How a run of Tekton was configured. */
  readonly tekton?: TektonExpectations;
}

/** What external parameters must be. As soon as one of these is given, a parameter that none of them names is refused. */
export interface ParameterExpectations {
  /** Parameters that may have any value. */
  readonly allowOnly?: readonly string[];
  /** Parameters that must be there with exactly this value. */
  readonly equals?: Readonly<JsonObject>;
  /** A schema for all of them, which then stands for every parameter. */
  readonly schema?: AnyStandardSchema<unknown>;
  /** Parameters that may be there and say nothing. */
  readonly ignore?: readonly string[];
}

/** How a run of Tekton must have been configured. */
export interface TektonExpectations {
  /** Where the Pipeline or Task came from. */
  readonly pipeline?: {
    /** Its repository or bundle, such as `git+https://example.com/pipelines`; exact. */
    readonly uri: string;
    /** Its revision: one of these digests must be there. */
    readonly digest?: Readonly<Record<string, string>>;
    /** Its file in the repository. */
    readonly path?: string;
  };
  /** Parameters of the run: each that it sets must be here, with this value. */
  readonly params?: Readonly<JsonObject>;
  /** Whether the run may bring its Pipeline or Task along instead of referring to one. Default `false`. */
  readonly allowInlineSpec?: boolean;
  /** Whether every image that a step names must have a digest. Default `false`. */
  readonly requirePinnedStepImages?: boolean;
  /** Other members that the spec of the run may have, such as `workspaces` or `taskRunTemplate`. Any when left out. */
  readonly specMembers?: readonly string[];
  /** The service accounts that will do. */
  readonly serviceAccounts?: readonly string[];
}
