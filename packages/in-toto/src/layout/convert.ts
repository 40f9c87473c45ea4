import { jsonPointer, type JsonValue } from '@sealwright/json';
import type { Statement } from '../statement.js';
import { fault, Fields } from './fields.js';
import { type Artifacts, LAYOUT_LIMITS, type Link } from './model.js';
import { ArtifactReader } from './parse-link.js';

/** The predicate type of links as statements. */
export const LINK_PREDICATE = 'https://in-toto.io/attestation/link/v0.3';

/**
 * The classic link that a statement with a link predicate stands for: products are its subjects, by name.
 *
 * @param statement - with predicate type {@link LINK_PREDICATE}
 * @throws {@link InTotoError} also for subjects or materials without a name or digest.
 */
export function linkFromStatement(statement: Statement): Link {
  if (statement.predicateType !== LINK_PREDICATE)
    throw fault('INTOTO_PREDICATE_TYPE', `the predicate type is ${LINK_PREDICATE}`, '/predicateType');
  const predicate = new Fields({ ...statement.predicate }, '/predicate', LAYOUT_LIMITS.maxItems);
  const subjects = statement.subject.map(({ name = '', digest }) => ({ name, digest: { ...digest } }));
  return {
    name: predicate.name('name'),
    command: predicate.texts('command'),
    materials: byName(
      predicate.list('materials', (item) => item),
      predicate.at('materials'),
    ),
    products: byName(subjects, '/subject'),
    byproducts: predicate.object('byproducts'),
    environment: predicate.object('environment'),
  };
}

function byName(list: readonly JsonValue[], pointer: string): Artifacts {
  const artifacts = new ArtifactReader(LAYOUT_LIMITS.maxItems);
  const entries = list.map((item, index) => {
    const fields = new Fields(item, pointer + jsonPointer(index), LAYOUT_LIMITS.maxItems);
    const name = fields.name('name');
    return [name, artifacts.read(name, fields.object('digest'), fields.at('digest'))] as const;
  });
  return Object.fromEntries(entries);
}
