import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import type { Comment, Import, Module, Otherwise, Rule, Term } from '../ast.js';
import { partsOf } from '../parts.js';
import { countCharacters } from '../builtins/builtin.js';
import { type Node, path, scalar, TermNodes } from './terms.js';

/** A module as Open Policy Agent writes it in JSON. `source` is its text, without a byte order mark. */
export function moduleNode(module: Module, source: string): Node {
  const nodes = new RuleNodes(source, module.wideNot);
  const imports = [...module.imports, ...module.keywordImports].sort((a, b) => a.place.from - b.place.from);
  return {
    package: { path: path(['data', ...module.package]) },
    ...(imports.length === 0 ? {} : { imports: imports.map(importNode) }),
    ...(module.rules.length === 0 ? {} : { rules: module.rules.map((rule) => nodes.rule(rule)) }),
    ...(module.comments.length === 0
      ? {}
      : { comments: module.comments.map((each) => commentNode(each, source)) }),
  };
}

function importNode({ path: names, alias, hasAlias }: Import): Node {
  return { path: { type: 'ref', value: path(names) }, ...(hasAlias ? { alias } : {}) };
}

/** The text is in base64, the column counted in characters. */
function commentNode({ text, place }: Comment, source: string): Node {
  const column = countCharacters(source, place.from - place.column + 1, place.from) + 1;
  return {
    Text: encodeBase64(encodeUtf8(text)),
    Location: { file: place.file, row: place.line, col: column },
  };
}

class RuleNodes extends TermNodes {
  rule(rule: Rule): Node {
    const { head, body, isDefault, value } = rule;
    return {
      ...(isDefault ? { default: true } : {}),
      head: this.#head(rule, rule.kind === 'set' ? undefined : value, head.sign === ':='),
      body: body.length === 0 ? GENERATED : this.body(body),
      ...this.#otherwise(rule, rule.otherwise, head.sign === ':='),
    };
  }

  /** A name and one key are told beside the reference, the key where it is a variable or no body follows. */
  #head({ head, kind, args, isDefault }: Rule, value: Term | undefined, isAssigned: boolean): Node {
    const item = kind === 'set' ? head.reference.at(-1) : undefined;
    const reference = item === undefined ? head.reference : head.reference.slice(0, -1);
    const [first, second] = reference;
    const isPair = reference.length === 2 && item === undefined && !isDefault;
    const hasMember = isPair && (head.hasIf ? kind === 'function' || head.sign !== '' : kind !== 'function');
    const hasKey =
      isPair && kind !== 'function' && second !== undefined && (!head.hasIf || !isGround(second));
    const key = item ?? (hasKey ? second : undefined);
    const hasName = first?.kind === 'variable' && (reference.length === 1 || hasMember);
    return {
      ...(hasName ? { name: first.name } : {}),
      ref: reference.map((each, index) => (index === 0 ? this.variable(each) : this.term(each))),
      ...(args.length === 0 ? {} : { args: args.map((each) => this.term(each)) }),
      ...(key === undefined ? {} : { key: this.term(key) }),
      ...(value === undefined ? {} : { value: this.term(value) }),
      ...(isAssigned ? { assign: true } : {}),
    };
  }

  /** Each is within the one before it, has its sign unless it has one of its own, and wildcards of its own for parameters. */
  #otherwise(rule: Rule, [first, ...rest]: readonly Otherwise[], wasAssigned: boolean): Node {
    if (first === undefined) return {};
    const { value, body, place, hasValue } = first;
    const isAssigned = hasValue ? this.between(place.from, value.place.from).includes(':=') : wasAssigned;
    this.renewWildcards();
    return {
      else: {
        head: this.#head(rule, value, isAssigned),
        body: body.length === 0 ? GENERATED : this.body(body),
        ...this.#otherwise(rule, rest, isAssigned),
      },
    };
  }
}

/** Whether a term is its own value. */
function isGround(term: Term): boolean {
  const hasParts = ['array', 'set', 'object', 'call'].includes(term.kind);
  return term.kind === 'scalar' || (hasParts && partsOf(term).every(isGround));
}

const GENERATED: readonly Node[] = [{ generated: true, index: 0, terms: scalar(true) }];
