import { encodeBase64 } from '@sealwright/bytes';
import { ANNOTATION_PREFIX, type RunSource } from '../run-source.js';
import type { Storage } from './storage.js';

/**
 * The storage `tekton`: annotations of the run itself.
 *
 * @param source - where the runs are
 */
export function tektonStorage(source: RunSource): Storage {
  return {
    name: 'tekton',
    store: (run, { shortKey, payload, signature }) =>
      source.annotate(run, {
        [`${ANNOTATION_PREFIX}cert-${shortKey}`]: '',
        [`${ANNOTATION_PREFIX}chain-${shortKey}`]: '',
        [`${ANNOTATION_PREFIX}payload-${shortKey}`]: encodeBase64(payload),
        [`${ANNOTATION_PREFIX}signature-${shortKey}`]: encodeBase64(signature),
      }),
  };
}
