import { object } from './composites.js';
import { definePredicate, type Predicate } from './predicate.js';
import { oneOf, text } from './scalars.js';

/** A JSON document of CycloneDX; everything but what tells its version is kept and unchecked. */
export interface CycloneDxPredicate {
  /** Always the same. */
  readonly bomFormat: 'CycloneDX';
  /** Such as `1.5`. */
  readonly specVersion: string;
}

/** CycloneDX documents, under the general type or that of version 1.4. */
export const cyclonedx: Predicate<
  'https://cyclonedx.org/bom' | 'https://cyclonedx.org/bom/v1.4',
  CycloneDxPredicate
> = definePredicate({
  type: 'https://cyclonedx.org/bom',
  aliases: ['https://cyclonedx.org/bom/v1.4'],
  name: 'cyclonedx',
  check: object({ bomFormat: oneOf('CycloneDX'), specVersion: text }),
});
