import type { JsonObject } from '@sealwright/json';
import type { DigestSet } from '../digest-set.js';
import type { LayoutKey } from './key.js';
import type { ArtifactRule } from './rule.js';

/** Files by path, each with at least one digest. */
export type Artifacts = Readonly<Record<string, DigestSet>>;

/** What one step, or one inspection, says that it did. */
export interface Link {
  /** The step. */
  readonly name: string;
  /** What ran. */
  readonly command: readonly string[];
  /** The files before. */
  readonly materials: Artifacts;
  /** The files after. */
  readonly products: Artifacts;
  /** `return-value`, `stdout`, `stderr` and whatever else. */
  readonly byproducts: Readonly<JsonObject>;
  /** Whatever was recorded of the surroundings. */
  readonly environment: Readonly<JsonObject>;
}

/** What a certificate must hold to stand for a functionary (ITE-7). A list of only `*` takes anything; an empty one nothing. */
export interface CertConstraint {
  /** The common name; `*` takes any. */
  readonly commonName: string;
  /** DNS names, all of them. */
  readonly dnsNames: readonly string[];
  /** Mail addresses, all of them. */
  readonly emails: readonly string[];
  /** Organizations, all of them. */
  readonly organizations: readonly string[];
  /** Ids of roots in the layout, one of which its chain ends in. */
  readonly roots: readonly string[];
  /** URIs, all of them. */
  readonly uris: readonly string[];
}

/** A step that must have been done, and by whom. */
export interface Step {
  /** Unique in its layout. */
  readonly name: string;
  /** What should have run; a difference is only a warning. */
  readonly expectedCommand: readonly string[];
  /** Ids of keys in the layout. */
  readonly pubkeys: readonly string[];
  /** Certificates that may sign in place of those keys. */
  readonly certConstraints: readonly CertConstraint[];
  /** How many different functionaries must have signed. */
  readonly threshold: number;
  /** Rules over the files before. */
  readonly expectedMaterials: readonly ArtifactRule[];
  /** Rules over the files after. */
  readonly expectedProducts: readonly ArtifactRule[];
}

/** A command that whoever verifies should run, and what it may find. This package never runs any. */
export interface Inspection {
  /** Unique in its layout, steps included. */
  readonly name: string;
  /** The command. */
  readonly run: readonly string[];
  /** Rules over the files before. */
  readonly expectedMaterials: readonly ArtifactRule[];
  /** Rules over the files after. */
  readonly expectedProducts: readonly ArtifactRule[];
}

/** What must have happened to a piece of software, and who may say so. */
export interface Layout {
  /** RFC 3339 with `Z`. */
  readonly expires: string;
  /** For people. */
  readonly readme: string;
  /** Keys of functionaries by id. */
  readonly keys: Readonly<Record<string, LayoutKey>>;
  /** Root certificates by id. */
  readonly rootCas: Readonly<Record<string, LayoutKey>>;
  /** Intermediate certificates by id. */
  readonly intermediateCas: Readonly<Record<string, LayoutKey>>;
  /** In the order in which they happened. */
  readonly steps: readonly Step[];
  /** To be run by whoever verifies. */
  readonly inspections: readonly Inspection[];
}

/** Caps on layouts, links and the work of verifying them. */
export interface LayoutLimits {
  /** The JSON text of one file, in bytes. */
  readonly maxBytes: number;
  /** Nesting. */
  readonly maxDepth: number;
  /** Entries of any one list or map. */
  readonly maxItems: number;
  /** Signatures of one file. */
  readonly maxSignatures: number;
  /** Layouts below the first. */
  readonly maxSublayouts: number;
  /** Steps of matching paths against patterns, over the whole verification. */
  readonly maxMatchSteps: number;
}

/** The caps that hold unless others are given: 32 MiB, 128 levels, 100 000 entries, 100 signatures, 8 levels of sublayouts. */
export const LAYOUT_LIMITS: LayoutLimits = {
  maxBytes: 32 << 20,
  maxDepth: 128,
  maxItems: 100_000,
  maxSignatures: 100,
  maxSublayouts: 8,
  maxMatchSteps: 50_000_000,
};
