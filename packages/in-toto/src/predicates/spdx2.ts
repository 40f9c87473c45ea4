import { object } from './composites.js';
import type { Check } from './check.js';
import { definePredicate, type Predicate } from './predicate.js';
import { text } from './scalars.js';

/** A JSON document of SPDX 2; everything but what tells its version is kept and unchecked. */
export interface Spdx2Predicate {
  /** Such as `SPDX-2.3`. */
  readonly spdxVersion: string;
  /** The document's own id. */
  readonly SPDXID: string;
}

const version: Check<string> = (value, context) => {
  const checked = text(value, context);
  if (checked === undefined || context.predicateType !== V23 || checked === 'SPDX-2.3') return checked;
  return context.error('PREDICATE_VERSION_MISMATCH', 'the predicate type says version 2.3');
};

const V23 = 'https://spdx.dev/Document/v2.3';

/** SPDX documents of version 2, under the general type or that of version 2.3. */
export const spdx2: Predicate<
  'https://spdx.dev/Document' | 'https://spdx.dev/Document/v2.3',
  Spdx2Predicate
> = definePredicate({
  type: 'https://spdx.dev/Document',
  aliases: [V23],
  name: 'spdx',
  check: object({ spdxVersion: version, SPDXID: text }),
});
