import { jsonPointer, type JsonValue } from '@sealwright/json';
import type { Statement } from '../statement.js';
import { fault, Fields } from './fields.js';
import { type Artifacts, LAYOUT_LIMITS, type Link } from './model.js';
import { ArtifactReader, artifactsOf } from './parse-link.js';

/** The predicate type of links as statements. */
export const LINK_PREDICATE = 'https://in-toto.io/attestation/link/v0.3';

/** Its older name, under which files stand by path or as a list, and products may be among them. */
export const LINK_PREDICATE_V1 = 'https://in-toto.io/Link/v1';

/**
 * The classic link that a statement with a link predicate stands for: products are its subjects, by name.
 *
 * @param statement - with predicate type {@link LINK_PREDICATE} or {@link LINK_PREDICATE_V1}
 * @throws {@link InTotoError} also for subjects or materials without a name or digest.
 */
export function linkFromStatement(statement: Statement): Link {
  const { predicateType } = statement;
  if (predicateType !== LINK_PREDICATE && predicateType !== LINK_PREDICATE_V1)
    throw fault('INTOTO_PREDICATE_TYPE', `the predicate type is ${LINK_PREDICATE}`, '/predicateType');
  const predicate = new Fields({ ...statement.predicate }, '/predicate', LAYOUT_LIMITS.maxItems);
  const subjects = statement.subject.map(({ name = '', digest }) => ({ name, digest: { ...digest } }));
  const ownProducts = predicateType === LINK_PREDICATE_V1 && predicate.value('products') !== undefined;
  return {
    name: predicate.name('name'),
    command: predicate.texts('command'),
    materials: filesOf(predicate, 'materials'),
    products: ownProducts ? filesOf(predicate, 'products') : byName(subjects, '/subject'),
    byproducts: predicate.object('byproducts'),
    environment: predicate.object('environment'),
  };
}

function filesOf(fields: Fields, member: string): Artifacts {
  if (!Array.isArray(fields.value(member))) return artifactsOf(fields, member, LAYOUT_LIMITS.maxItems);
  const list = fields.list(member, (item) => item);
  return byName(list, fields.at(member));
}

function byName(list: readonly JsonValue[], pointer: string): Artifacts {
  const artifacts = new ArtifactReader(LAYOUT_LIMITS.maxItems);
  const entries = list.map((item, index) => {
    const fields = new Fields(item, pointer + jsonPointer(index), LAYOUT_LIMITS.maxItems);
    const name = fields.text('name') || fields.text('uri') || fields.name('name');
    return [name, artifacts.read(name, fields.object('digest'), fields.at('digest'))] as const;
  });
  return Object.fromEntries(entries);
}
