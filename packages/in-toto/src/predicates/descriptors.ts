import { isJsonObject, type JsonValue } from '@sealwright/json';
import { checkDescriptor, checkDescriptorMembers, type ResourceDescriptor } from '../descriptor.js';
import { checkDigestSet, type DigestSet } from '../digest-set.js';
import type { Report } from '../report.js';
import { type Check, type CheckContext, Place } from './check.js';

/** A descriptor in which some members must be there. */
export type DescriptorWith<K extends keyof ResourceDescriptor> = ResourceDescriptor &
  Required<Pick<ResourceDescriptor, K>>;

/**
 * A resource descriptor.
 *
 * @param value - to check
 * @param context - where it is
 */
export const descriptor: Check<ResourceDescriptor> = (value, context) =>
  isJsonObject(value)
    ? checkDescriptor(value, context.pointer, reportOf(context))
    : context.error('PREDICATE_WRONG_TYPE', 'expected a resource descriptor');

/**
 * A digest set, possibly empty.
 *
 * @param value - to check
 * @param context - where it is
 */
export const digestSet: Check<DigestSet> = (value, context) =>
  isJsonObject(value)
    ? checkDigestSet(value, context.pointer, reportOf(context))
    : context.error('PREDICATE_WRONG_TYPE', 'expected digests by algorithm');

/**
 * A resource descriptor in which some members must be there and say something.
 *
 * @param names - of those members
 */
export function descriptorWith<const K extends keyof ResourceDescriptor>(
  ...names: readonly K[]
): Check<DescriptorWith<K>> {
  return (value, context) => {
    if (!isJsonObject(value)) return context.error('PREDICATE_WRONG_TYPE', 'expected a resource descriptor');
    const missing = names.filter((name) => isUnset(value[name]));
    for (const name of missing)
      context.at(name).error('PREDICATE_MISSING_FIELD', `member ${name} is missing`);
    const check = missing.length > 0 ? checkDescriptorMembers : checkDescriptor;
    const checked = check(value, context.pointer, reportOf(context));
    const complete = checked !== undefined && names.every((name) => checked[name] !== undefined);
    return complete ? (checked as DescriptorWith<K>) : undefined; // just looked
  };
}

function reportOf(context: CheckContext): Report {
  if (context instanceof Place) return context.report;
  throw new TypeError('a context is made by this package');
}

function isUnset(value: JsonValue | undefined): boolean {
  if (isJsonObject(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '';
}
