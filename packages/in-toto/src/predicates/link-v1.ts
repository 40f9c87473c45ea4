import type { JsonObject } from '@sealwright/json';
import type { DigestSet } from '../digest-set.js';
import type { Check } from './check.js';
import { list, map, object, optional } from './composites.js';
import { descriptorWith, type DescriptorWith, digestSet } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyObject, anyText, text } from './scalars.js';

/** Files of a link: digests by path, or descriptors. */
export type LinkV1Artifacts = Readonly<Record<string, DigestSet>> | readonly DescriptorWith<'digest'>[];

/** A classic link in a statement, as cosign and others wrote it before there was version 0.3: `https://in-toto.io/Link/v1`. */
export interface LinkV1Predicate {
  /** The step. */
  readonly name: string;
  /** What ran, word by word. */
  readonly command?: readonly string[];
  /** What went in. */
  readonly materials?: LinkV1Artifacts;
  /** What came out; the subjects, where it is missing. */
  readonly products?: LinkV1Artifacts;
  /** What else came out, such as `return-value` and `stdout`. */
  readonly byproducts?: Readonly<JsonObject>;
  /** Where it ran. */
  readonly environment?: Readonly<JsonObject>;
}

const byPath: Check<LinkV1Artifacts> = map(digestSet);
const listed: Check<LinkV1Artifacts> = list(descriptorWith('digest'));
const artifacts: Check<LinkV1Artifacts> = (value, context) =>
  (Array.isArray(value) ? listed : byPath)(value, context);

/** Links under their older name. New ones are written with `link`. */
export const linkV1: Predicate<'https://in-toto.io/Link/v1', LinkV1Predicate> = definePredicate({
  type: 'https://in-toto.io/Link/v1',
  name: 'link',
  check: object({
    name: text,
    command: optional(list(anyText)),
    materials: optional(artifacts),
    products: optional(artifacts),
    byproducts: optional(anyObject),
    environment: optional(anyObject),
  }),
});
