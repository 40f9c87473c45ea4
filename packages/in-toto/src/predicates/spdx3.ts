import type { JsonValue } from '@sealwright/json';
import { list, object } from './composites.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyValue } from './scalars.js';

/** A JSON-LD document of SPDX 3; its graph is kept and unchecked. */
export interface Spdx3Predicate {
  /** What the names in the graph mean. */
  readonly '@context': JsonValue;
  /** The elements. */
  readonly '@graph': readonly JsonValue[];
}

/** SPDX documents of version 3. */
export const spdx3: Predicate<'https://spdx.dev/Document/v3', Spdx3Predicate> = definePredicate({
  type: 'https://spdx.dev/Document/v3',
  name: 'spdx',
  check: object({ '@context': anyValue, '@graph': list(anyValue) }),
});
