import { isJsonObject } from '@sealwright/json';
import type { Check } from './check.js';
import { anyText } from './scalars.js';

/** Metadata of old provenance whose `buildInvocationId` is also read from `buildInvocationID`, as some write it. */
export function withInvocationId<T extends { readonly buildInvocationId?: string }>(
  metadata: Check<T>,
): Check<T> {
  return (value, context) => {
    const checked = metadata(value, context);
    const id = isJsonObject(value) ? (value['buildInvocationID'] ?? null) : null;
    if (id === null) return checked;
    const place = context.at('buildInvocationID');
    place.warn('PREDICATE_LEGACY_SHAPE', 'this member is called buildInvocationId');
    const buildInvocationId = anyText(id, place);
    if (checked === undefined || buildInvocationId === undefined) return undefined;
    return { buildInvocationId, ...checked };
  };
}
