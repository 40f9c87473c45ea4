import { isJsonObject, type JsonObject } from '@sealwright/json';
import type { Check } from './check.js';
import { list, object, optional } from './composites.js';
import { anyObject, anyText, text, timestamp, uri } from './scalars.js';

/** A vulnerability that a scanner found. */
export interface VulnsResult {
  /** Such as `CVE-2017-5645`. */
  readonly id: string;
  /** How bad it is, by the methods of different people. */
  readonly severity: readonly {
    /** Such as `nvd` or `cvss_score`. */
    readonly method: string;
    /** Text, also for numbers. */
    readonly score: string;
  }[];
  /** Anything else. */
  readonly annotations?: readonly Readonly<JsonObject>[];
}

/** What a scanner for vulnerabilities found: `https://in-toto.io/attestation/vulns`, versions 0.1 and 0.2. */
export interface VulnsPredicate {
  /** Who looked. */
  readonly scanner: {
    /** Which scanner. */
    readonly uri: string;
    /** Which version of it. */
    readonly version?: string;
    /** What it compared with. */
    readonly db: {
      /** Which database. */
      readonly uri?: string;
      /** Which version of it. */
      readonly version?: string;
      /** Timestamp. */
      readonly lastUpdate: string;
    };
    /** What it found; empty when nothing. */
    readonly result: readonly VulnsResult[];
  };
  /** When it looked. */
  readonly metadata: {
    /** Timestamp. */
    readonly scanStartedOn: string;
    /** Timestamp. */
    readonly scanFinishedOn: string;
  };
}

/** A result as the example of both versions has it. */
export const vulnsResult: Check<VulnsResult> = object({
  id: text,
  severity: list(object({ method: anyText, score: anyText })),
  annotations: optional(list(anyObject)),
});

/** A result as the field list of version 0.1 nests it, taken out of its nest; or flat. */
export const nestedResult: Check<VulnsResult> = (value, context) => {
  const inner =
    isJsonObject(value) && Object.hasOwn(value, 'vulnerability') ? value['vulnerability'] : undefined;
  if (inner === undefined || inner === null) return vulnsResult(value, context);
  const place = context.at('vulnerability');
  place.warn('PREDICATE_LEGACY_SHAPE', 'expected the members of vulnerability in the result itself');
  return vulnsResult(inner, place);
};

/** The whole predicate, with one shape of results or the other. */
export function vulnsPredicate(result: Check<VulnsResult>): Check<VulnsPredicate> {
  return object({
    scanner: object({
      uri,
      version: optional(anyText),
      db: object({ uri: optional(uri), version: optional(anyText), lastUpdate: timestamp }),
      result: list(result),
    }),
    metadata: object({ scanStartedOn: timestamp, scanFinishedOn: timestamp }),
  });
}
