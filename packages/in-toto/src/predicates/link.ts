import type { JsonObject } from '@sealwright/json';
import { list, object, optional, refine } from './composites.js';
import type { Check } from './check.js';
import { descriptorWith, type DescriptorWith } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyObject, anyText, text } from './scalars.js';

/** What one step of a supply chain did: `https://in-toto.io/attestation/link/v0.3`. The subjects are its products. */
export interface LinkPredicate {
  /** The step. */
  readonly name: string;
  /** What ran, word by word. */
  readonly command?: readonly string[];
  /** What went in; names are unique. */
  readonly materials?: readonly DescriptorWith<'name' | 'digest'>[];
  /** What else came out, such as `return-value` and `stdout`. */
  readonly byproducts?: Readonly<JsonObject>;
  /** Where it ran. */
  readonly environment?: Readonly<JsonObject>;
}

const members: Check<LinkPredicate> = object({
  name: text,
  command: optional(list(anyText)),
  materials: optional(list(descriptorWith('name', 'digest'))),
  byproducts: optional(anyObject),
  environment: optional(anyObject),
});

/** Links of version 0.3. */
export const link: Predicate<'https://in-toto.io/attestation/link/v0.3', LinkPredicate> = definePredicate({
  type: 'https://in-toto.io/attestation/link/v0.3',
  name: 'link',
  check: refine(members, ({ materials = [] }, context) => {
    for (const index of repeats(materials))
      context.at('materials', index, 'name').error('PREDICATE_DUPLICATE_NAME', 'two materials have one name');
    for (const index of repeats(context.subject))
      context.error('PREDICATE_DUPLICATE_NAME', `subject ${index} has the name of an earlier one`);
  }),
});

/** The things whose name an earlier one has. */
function repeats(things: readonly { readonly name?: string }[]): readonly number[] {
  const seen = new Set<string>();
  return things.flatMap(({ name }, index) => {
    if (name === undefined) return [];
    const repeated = seen.has(name);
    seen.add(name);
    return repeated ? [index] : [];
  });
}
