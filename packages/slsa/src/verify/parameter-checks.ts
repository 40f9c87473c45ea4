import { jsonPointer } from '@sealwright/json';
import { schemaIssues } from '../parameter-schema.js';
import type { ProvenanceView } from '../provenance/view.js';
import { type Check, check, sameJson } from './check.js';
import type { ParameterExpectations } from './expectations.js';

/** Compare external parameters with what is expected of them; every one must be accounted for. */
export function parameterChecks(
  view: ProvenanceView,
  expect: ParameterExpectations | undefined,
): readonly Check[] {
  const { external, pointers } = view;
  if (expect === undefined || Object.values(expect).every((value) => value === undefined)) {
    const message = 'nothing was expected of the external parameters';
    return [{ ...check('SLSA_EXTERNAL_PARAMETER', undefined, { pointer: pointers.external }), message }];
  }
  const { allowOnly = [], ignore = [], equals = {}, schema } = expect;
  const place = (name: string): string => pointers.external + jsonPointer(name);
  const known = new Set([...allowOnly, ...ignore, ...Object.keys(equals)]);
  const named = Object.keys(external).map((name) =>
    check('SLSA_EXTERNAL_PARAMETER', schema !== undefined || known.has(name), {
      pointer: place(name),
      message: 'this parameter was not expected',
    }),
  );
  const equal = Object.entries(equals).map(([name, expected]) => {
    const actual = Object.hasOwn(external, name) ? external[name] : undefined;
    const details = { expected, actual, pointer: place(name), message: 'this parameter has another value' };
    return check('SLSA_EXTERNAL_PARAMETER', sameJson(actual, expected), details);
  });
  const issues = schema === undefined ? [] : schemaIssues(schema, external, pointers.external);
  const refused = issues.map((issue) => check('SLSA_EXTERNAL_PARAMETER', false, issue));
  const all = [...named, ...equal, ...refused];
  return all.length > 0 ? all : [check('SLSA_EXTERNAL_PARAMETER', true, { pointer: pointers.external })];
}
