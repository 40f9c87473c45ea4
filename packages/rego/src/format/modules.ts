import type { Body, Expression, Import, Module, Rule, Term } from '../ast.js';
import type { RegoVersion } from '../parser.js';
import { ExpressionWriter } from './expressions.js';
import { nameOf } from './terms.js';

/** Writes a module. */
export class ModuleWriter extends ExpressionWriter {
  readonly #module: Module;
  readonly #isV1: boolean;
  readonly #keywords: ReadonlySet<string>;
  readonly #hasIf: boolean;
  readonly #hasContains: boolean;
  /** Whether a rule has a name of more than two parts: then those of two have a dot too. */
  readonly #hasLongNames: boolean;

  constructor(source: string, module: Module, version: RegoVersion) {
    super(source, module.comments);
    this.#module = module;
    this.#isV1 = version === 'v1';
    const names = new Set(module.keywordImports.map(({ path }) => path.join('.')));
    const hasAll = names.has('future.keywords') || names.has('rego.v2');
    const isImported = (name: string): boolean => hasAll || names.has(`future.keywords.${name}`);
    this.#keywords = new Set(['and', 'or', 'not'].filter(isImported));
    this.#hasIf = module.strict || isImported('if');
    this.#hasContains = module.strict || isImported('contains');
    this.#hasLongNames = module.rules.some(({ head: { reference } }) => reference.length > 2);
  }

  protected override isKeyword(name: string): boolean {
    return this.#keywords.has(name);
  }

  /** The whole file. */
  text(): string {
    const { packagePlace, imports, keywordImports, rules } = this.#module;
    this.commentsBefore(packagePlace.line);
    if (this.written !== '' && this.source.split('\n')[packagePlace.line - 2]?.trim() === '')
      this.blankLine();
    this.write(`package ${this.path(this.#module.package, this.quotedKeywords(packagePlace))}`);
    this.commentAt(packagePlace.endLine);
    this.endLine();
    const isSecond = keywordImports.some(({ path }) => path.join('.') === 'rego.v2');
    const keywords = keywordImports.filter(({ path }) => !isSecond || path.join('.') === 'rego.v2');
    const all = [...imports, ...keywords].sort((a, b) => a.place.from - b.place.from);
    if (all.length > 0) this.#imports(all);
    this.#rules(rules);
    this.blankLine();
    const before = this.written.length;
    this.commentsBefore(Infinity);
    return before === this.written.length ? this.written.replace(/\n+$/, '\n') : this.written;
  }

  /** Imports that stand together are sorted. */
  #imports(all: readonly Import[]): void {
    const groups: Import[][] = [];
    let last = -1;
    for (const each of all) {
      const group = groups.at(-1);
      if (group === undefined || each.place.line > last + 1) groups.push([each]);
      else group.push(each);
      last = each.place.endLine;
    }
    for (const group of groups) {
      this.blankLine();
      this.commentsBefore(group[0]?.place.line ?? 0);
      const sorted = [...group].sort(
        (a, b) => order(this.path(a.path), this.path(b.path)) || order(a.alias, b.alias),
      );
      for (const each of sorted) {
        this.write(
          `import ${this.path(each.path, this.quotedKeywords(each.place))}${each.hasAlias ? ` as ${nameOf(each.alias)}` : ''}`,
        );
        this.commentAt(each.place.endLine);
        this.endLine();
      }
    }
  }

  #rules(rules: readonly Rule[]): void {
    let last: Rule | undefined;
    for (const rule of rules) {
      const { line } = rule.place;
      const first = this.hasCommentBefore(line) ? this.nextComment : line;
      const isTogether = last !== undefined && this.#isShort(last) && this.#isShort(rule);
      const before = this.written.length;
      if (!isTogether || line !== (last?.place.line ?? 0) + 1 || this.hasCommentBefore(line))
        this.blankLine();
      this.commentsBefore(line);
      if (
        this.source.split('\n')[line - 2]?.trim() === '' &&
        this.written.length > before + 1 &&
        first < line
      )
        this.blankLine();
      this.#rule(rule);
      last = rule;
    }
  }

  /** Whether a rule may stand beside another without an empty line between. */
  #isShort(rule: Rule): boolean {
    const { body, isDefault, otherwise } = rule;
    const [only] = body;
    return (
      body.length <= 1 &&
      !isDefault &&
      otherwise.length === 0 &&
      this.#usesIf(rule) &&
      (only === undefined || !isSet(only))
    );
  }

  #usesIf({ kind }: Rule): boolean {
    return this.#hasIf && (this.#hasContains || kind !== 'set');
  }

  /** A further body of a clause gets a head of its own. */
  #rule(rule: Rule): void {
    if (rule.isDefault) this.write('default ');
    const isAlone = rule.otherwise.length === 0;
    this.#head(rule, isAlone && isOnlyTrue(rule.body));
    const start = rule.head.isChained ? rule.place.endLine : rule.head.endLine;
    let isBlock = this.#body(rule, rule.body, start, this.#endOfBody(rule), isAlone);
    for (const [index, each] of rule.otherwise.entries()) {
      const before = rule.otherwise[index - 1]?.place ?? rule.place;
      if (isBlock && this.#isInline(before.line, each.place.line)) this.write(' ');
      else {
        this.commentAt(index === 0 ? this.#endOfBody(rule) : before.endLine);
        this.endLine();
        this.blankLine();
        const start = this.written.length;
        this.commentsBefore(each.place.line);
        if (this.written.length > start && this.source.split('\n')[each.place.line - 2]?.trim() === '')
          this.blankLine();
      }
      this.write('else');
      const isLast = index === rule.otherwise.length - 1;
      const isConstant = isLast && (each.body.length === 0 || isOnlyTrue(each.body));
      const written = this.source.slice(each.place.from, each.value.place.from);
      const isAssigned = each.hasValue ? written.includes(':=') : rule.head.sign === ':=';
      if (isConstant || !isTrue(each.value)) this.#value(each.value, isAssigned);
      isBlock = this.#body(
        rule,
        each.body,
        each.place.line,
        isLast ? each.place.endLine : this.closingLine(each.body.at(-1)?.place ?? each.place),
        isLast,
        true,
      );
    }
    this.commentAt(rule.place.endLine);
    this.endLine();
  }

  /** Whether `else` goes on with a line that something stands on before it. */
  #isInline(start: number, line: number): boolean {
    const text = this.source.split('\n')[line - 1]?.trim() ?? '';
    return line > start && !text.startsWith('else') && !this.hasCommentBefore(line);
  }

  #endOfBody(rule: Rule): number {
    const last = rule.body.at(-1);
    if (rule.otherwise.length === 0) return rule.place.endLine;
    return last === undefined ? rule.head.endLine : this.closingLine(last.place);
  }

  /** A value that is true of itself is left out unless there is nothing else. */
  #value(value: Term, isAssigned: boolean): void {
    this.write(this.#isV1 || isAssigned ? ' := ' : ' = ');
    if (isTrue(value)) this.write('true');
    else this.term(value);
  }

  #head(rule: Rule, isConstant: boolean): void {
    const { reference, sign } = rule.head;
    const isContains = sign === 'contains' || (rule.kind === 'set' && this.#hasContains);
    const keys = isContains ? reference.slice(0, -1) : reference;
    for (const [index, each] of keys.entries()) {
      if (index === 0) this.term(each);
      else if (keys.length === 2 && !this.#hasLongNames) {
        this.write('[');
        this.key(each);
        this.write(']');
      } else this.step(each);
    }
    if (rule.kind === 'function') {
      this.write('(');
      for (const [index, each] of rule.args.entries()) {
        if (index > 0) this.write(', ');
        this.term(each);
      }
      this.write(')');
    }
    const item = isContains ? reference.at(-1) : undefined;
    if (item !== undefined) {
      this.write(' contains ');
      this.term(item);
    } else if (
      isConstant || rule.isDefault
        ? rule.kind !== 'set'
        : sign !== '' && (rule.body.length === 0 || !isTrue(rule.value))
    )
      this.#value(rule.value, sign === ':=');
  }

  /** Whether it is written in braces. */
  #body(rule: Rule, body: Body, from: number, to: number, canDrop: boolean, isElse = false): boolean {
    const [only] = body;
    if (only === undefined || (isOnlyTrue(body) && canDrop && !this.hasCommentBefore(to))) return false;
    const word = this.#usesIf(rule) ? ' if ' : ' ';
    this.write(word);
    const isShort =
      body.length === 1 &&
      only.place.line === from &&
      !isSet(only) &&
      !(isElse && this.source.startsWith('{', only.place.from));
    if (isShort && word === ' if ' && !this.hasCommentBefore(only.place.line)) {
      this.expression(only);
      return false;
    }
    this.#block(body, from, to, word === ' if ');
    return true;
  }

  #block(body: Body, from: number, to: number, isAfterIf = false): void {
    this.write('{');
    this.commentAt(from);
    this.endLine();
    this.indented(() => this.lines(body, to, isAfterIf));
    this.write('}');
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isTrue(term: Term): boolean {
  return term.kind === 'scalar' && term.value === true;
}

function isOnlyTrue([only, ...others]: Body): boolean {
  return (
    only?.what.kind === 'term' &&
    isTrue(only.what.term) &&
    !only.negated &&
    only.withs.length + others.length === 0
  );
}

/** A set alone would be taken for the braces of a body. */
function isSet({ negated, what }: Expression): boolean {
  return !negated && what.kind === 'term' && what.term.kind === 'set';
}
