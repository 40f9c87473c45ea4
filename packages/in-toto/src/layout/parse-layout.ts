import { jsonPointer, type JsonValue } from '@sealwright/json';
import { isTimestamp } from '../timestamp.js';
import { fault, Fields, textOf } from './fields.js';
import type { LayoutKey } from './key.js';
import type { CertConstraint, Inspection, Layout, Step } from './model.js';
import { type ArtifactRule, parseRule } from './rule.js';

/** Read the object of a layout whose `_type` was seen. */
export function layoutOf(value: JsonValue | undefined, pointer: string, maxItems: number): Layout {
  const fields = new Fields(value, pointer, maxItems);
  const expires = fields.name('expires');
  if (!isTimestamp(expires))
    throw fault('LAYOUT_BAD_EXPIRY', 'expires is RFC 3339 in UTC with Z', fields.at('expires'));
  const keys = (name: string): Record<string, LayoutKey> =>
    fields.map(name, (item, place, id) => keyOf(new Fields(item, place, maxItems), id));
  const layout: Layout = {
    expires,
    readme: fields.text('readme'),
    keys: keys('keys'),
    rootCas: keys('rootcas'),
    intermediateCas: keys('intermediatecas'),
    steps: fields.list('steps', (item, place) => stepOf(new Fields(item, place, maxItems), maxItems)),
    inspections: fields.list('inspect', (item, place) => inspectionOf(new Fields(item, place, maxItems))),
  };
  mustBeUnique(layout, pointer);
  return layout;
}

function keyOf(fields: Fields, id: string): LayoutKey {
  const keyid = fields.value('keyid');
  if (keyid !== undefined && keyid !== id)
    throw fault('LAYOUT_BAD_KEY', 'a key has the id that it is listed under', fields.at('keyid'));
  const keyval = new Fields(fields.object('keyval'), fields.at('keyval'), Number.POSITIVE_INFINITY);
  const certificate = keyval.text('certificate');
  const algorithms = fields.value('keyid_hash_algorithms');
  return {
    keyid: id,
    ...(algorithms === undefined ? {} : { keyidHashAlgorithms: fields.texts('keyid_hash_algorithms') }),
    keytype: fields.name('keytype'),
    scheme: fields.name('scheme'),
    public: keyval.text('public'),
    ...(certificate === '' ? {} : { certificate }),
  };
}

function stepOf(fields: Fields, maxItems: number): Step {
  const threshold = fields.value('threshold') ?? 1;
  if (typeof threshold !== 'number' || !Number.isSafeInteger(threshold))
    throw fault('INTOTO_WRONG_TYPE', 'threshold is an integer', fields.at('threshold'));
  if (threshold < 1)
    throw fault('DSSE_THRESHOLD_INVALID', 'a threshold is at least 1', fields.at('threshold'));
  return {
    name: typed(fields, 'step').name('name'),
    expectedCommand: fields.texts('expected_command'),
    pubkeys: fields.texts('pubkeys'),
    certConstraints: fields.list('cert_constraints', (item, place) =>
      constraintOf(new Fields(item, place, maxItems)),
    ),
    threshold,
    ...rulesOf(fields),
  };
}

function inspectionOf(fields: Fields): Inspection {
  return { name: typed(fields, 'inspection').name('name'), run: fields.texts('run'), ...rulesOf(fields) };
}

function typed(fields: Fields, type: string): Fields {
  const found = fields.value('_type') ?? type;
  if (found !== type) throw fault('LAYOUT_UNSUPPORTED_TYPE', `_type is ${type}`, fields.at('_type'));
  return fields;
}

function rulesOf(fields: Fields): Pick<Step, 'expectedMaterials' | 'expectedProducts'> {
  return {
    expectedMaterials: fields.list('expected_materials', ruleOf),
    expectedProducts: fields.list('expected_products', ruleOf),
  };
}

function ruleOf(value: JsonValue, pointer: string): ArtifactRule {
  if (!Array.isArray(value)) throw fault('INTOTO_WRONG_TYPE', 'a rule is a list of words', pointer);
  return parseRule(
    value.map((word, index) => textOf(word, pointer + jsonPointer(index))),
    pointer,
  );
}

function constraintOf(fields: Fields): CertConstraint {
  return {
    commonName: fields.text('common_name'),
    dnsNames: fields.texts('dns_names'),
    emails: fields.texts('emails'),
    organizations: fields.texts('organizations'),
    roots: fields.texts('roots'),
    uris: fields.texts('uris'),
  };
}

function mustBeUnique(layout: Layout, pointer: string): void {
  const seen = new Set<string>();
  const check = (list: readonly { readonly name: string }[], member: string): void => {
    for (const [index, { name }] of list.entries()) {
      if (seen.has(name)) {
        const place = pointer + jsonPointer(member, index, 'name');
        throw fault('INTOTO_DUPLICATE_NAME', 'a step or inspection has a name of its own', place);
      }
      seen.add(name);
    }
  };
  check(layout.steps, 'steps');
  check(layout.inspections, 'inspect');
}
