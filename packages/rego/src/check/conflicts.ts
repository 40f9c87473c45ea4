import type { Module } from '../ast.js';
import { RegoError } from '../errors.js';
import type { NamedRule, RuleIndex } from './uses.js';

/** Clauses of one name that are rules of different kinds, and rules that stand where others have values. */
export function findConflicts(modules: readonly Module[], rules: RuleIndex): readonly RegoError[] {
  const packages = new Map(modules.map((each) => [['data', ...each.package].join('.'), each.packagePlace]));
  return [...rules.clauses].flatMap(([name, own]) => {
    const clauses = own.map((rule): NamedRule => ({ name, rule }));
    const mistake = (message: string, place = clauses[0]?.rule.place): readonly RegoError[] => [
      new RegoError('ERR_REGO_CONFLICT', message, { place }),
    ];
    const below = rules
      .below(name)
      .flatMap((each) => (rules.clauses.get(each) ?? []).map((rule): NamedRule => ({ name: each, rule })));
    const other = clauses.some(isWhole) ? below[0] : below.find(({ rule }) => rule.kind === 'function');
    if (other !== undefined)
      return mistake(
        `${name} conflicts with ${other.name}, in line ${other.rule.place.line} of ${other.rule.place.file}`,
      );
    if (!isOneKind(clauses)) return mistake(`the clauses of ${name} are of different kinds`);
    const defaults = clauses.filter(({ rule }) => rule.isDefault);
    if (defaults.length > 1) return mistake(`${name} has more than one default`, defaults[1]?.rule.place);
    const place = packages.get(name);
    return place === undefined ||
      !clauses.some(({ rule }) => rule.keys.length === 0 || isWhole({ name, rule }))
      ? []
      : mistake(`the package ${name.slice('data.'.length)} conflicts with a rule of this name`, place);
  });
}

/** Whether a clause gives all that stands at its name. */
function isWhole({ rule: { kind, keys } }: NamedRule): boolean {
  return keys.length === (kind === 'set' ? 1 : 0);
}

function isOneKind(clauses: readonly NamedRule[]): boolean {
  const kinds = clauses.map(({ rule: { kind, keys, args } }) => {
    const shape = keys.length > (kind === 'set' ? 1 : 0) ? 'object' : kind === 'set' ? 'set' : 'value';
    return `${kind === 'set' ? 'many' : 'one'} ${shape} ${kind === 'function' ? args.length : 0}`;
  });
  return new Set(kinds).size <= 1;
}
