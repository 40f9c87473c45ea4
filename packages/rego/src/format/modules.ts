import type { Body, Import, Module, Rule, Term } from '../ast.js';
import { LineWriter } from './terms.js';

/** Writes a module. */
export class ModuleWriter extends LineWriter {
  readonly #module: Module;

  constructor(source: string, module: Module) {
    super(source, module.comments);
    this.#module = module;
  }

  /** The whole file. */
  text(): string {
    const { packagePlace, imports, keywordImports, rules } = this.#module;
    this.commentsBefore(packagePlace.line);
    if (this.written !== '' && this.source.split('\n')[packagePlace.line - 2]?.trim() === '')
      this.blankLine();
    this.write(`package ${this.#path(this.#module.package)}`);
    this.commentAt(packagePlace.endLine);
    this.endLine();
    const all = [...imports, ...keywordImports].sort((a, b) => a.place.from - b.place.from);
    if (all.length > 0) this.#imports(all);
    this.#rules(rules);
    this.blankLine();
    const before = this.written.length;
    this.commentsBefore(Infinity);
    return before === this.written.length ? this.written.replace(/\n+$/, '\n') : this.written;
  }

  #path(names: readonly string[]): string {
    return names
      .map((name, index) => {
        if (index === 0) return name;
        return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
      })
      .join('');
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
        (a, b) => order(this.#path(a.path), this.#path(b.path)) || order(a.alias, b.alias),
      );
      for (const each of sorted) {
        this.write(`import ${this.#path(each.path)}${each.hasAlias ? ` as ${each.alias}` : ''}`);
        this.commentAt(each.place.endLine);
        this.endLine();
      }
    }
  }

  #rules(rules: readonly Rule[]): void {
    let last: { readonly endLine: number; readonly isLong: boolean } | undefined;
    for (const [index, rule] of rules.entries()) {
      if (rule.head.isChained) continue;
      const { line } = rule.place;
      const first = this.hasCommentBefore(line) ? this.nextComment : line;
      const isApart =
        last === undefined || last.isLong || first > last.endLine + 1 || this.hasCommentBefore(line);
      const before = this.written.length;
      if (isApart) this.blankLine();
      this.commentsBefore(line);
      if (
        this.source.split('\n')[line - 2]?.trim() === '' &&
        this.written.length > before + 1 &&
        first < line
      )
        this.blankLine();
      const start = this.written.length;
      this.#rule(rule, rules.slice(index + 1));
      const isLong = this.written.slice(start).trimEnd().includes('\n');
      if (isLong && !isApart) this.separate(start);
      last = { endLine: rule.place.endLine, isLong };
    }
  }

  #rule(rule: Rule, after: readonly Rule[]): void {
    if (rule.isDefault) this.write('default ');
    this.#head(rule);
    const chained = this.#chain(after);
    this.#body(
      rule,
      rule.body,
      rule.place.line,
      this.#endOfBody(rule),
      rule.head.sign !== '' || rule.kind === 'set',
    );
    for (const each of chained) {
      this.write(' ');
      this.#block(each.body, each.place.line, each.place.endLine);
    }
    for (const [index, each] of rule.otherwise.entries()) {
      const before = rule.otherwise[index - 1]?.place ?? rule.place;
      if (this.#isInline(before.line, each.place.line)) this.write(' ');
      else {
        this.commentAt(index === 0 ? this.#endOfBody(rule) : before.endLine);
        this.endLine();
        this.blankLine();
        this.commentsBefore(each.place.line);
      }
      this.write('else');
      if (each.hasValue) {
        this.write(' := ');
        this.term(each.value);
      }
      this.#body(rule, each.body, each.place.line, each.place.endLine, each.hasValue);
    }
    this.commentAt(rule.place.endLine);
    this.endLine();
  }

  /** Whether a key stands in brackets though it could stand after a dot: it was written so. */
  #isBracketed([name, key]: readonly Term[]): boolean {
    if (name?.kind !== 'variable' || key?.kind !== 'scalar' || typeof key.value !== 'string') return false;
    return this.source.charAt(key.place.from) === '"';
  }

  /** Whether `else` goes on with a line that something stands on before it. */
  #isInline(start: number, line: number): boolean {
    const text = this.source.split('\n')[line - 1]?.trim() ?? '';
    return line > start && !text.startsWith('else') && !this.hasCommentBefore(line);
  }

  #chain(after: readonly Rule[]): readonly Rule[] {
    const end = after.findIndex(({ head }) => !head.isChained);
    return end < 0 ? after : after.slice(0, end);
  }

  #endOfBody(rule: Rule): number {
    const [first] = rule.otherwise;
    const last = rule.body.at(-1);
    if (first === undefined) return rule.place.endLine;
    return Math.max(last?.place.endLine ?? 0, Math.min(first.place.line, rule.place.endLine));
  }

  #head(rule: Rule): void {
    const { reference, sign } = rule.head;
    const keys = sign === 'contains' ? reference.slice(0, -1) : reference;
    for (const [index, each] of keys.entries()) {
      if (index === 0) this.term(each);
      else if (keys.length === 2 && sign !== 'contains' && this.#isBracketed(keys)) {
        this.write('[');
        this.term(each);
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
    const item = sign === 'contains' ? reference.at(-1) : undefined;
    if (item !== undefined) {
      this.write(' contains ');
      this.term(item);
    } else if (sign === ':=' || sign === '=') {
      this.write(this.#module.strict ? ' := ' : ` ${sign} `);
      this.term(rule.value);
    }
  }

  #body(rule: Rule, body: Body, from: number, to: number, hasValue: boolean): void {
    const [only] = body;
    if (only === undefined) return;
    const isTrue =
      body.length === 1 &&
      only.what.kind === 'term' &&
      only.what.term.kind === 'scalar' &&
      only.what.term.value === true;
    if (isTrue && !only.negated && only.withs.length === 0 && hasValue && !this.hasCommentBefore(to)) return;
    const word = this.#module.strict || rule.head.hasIf ? ' if ' : ' ';
    this.write(word);
    const isShort = body.length === 1 && only.place.line === from && only.place.endLine === to;
    if (isShort && word === ' if ' && !this.hasCommentBefore(to)) {
      this.expression(only);
      return;
    }
    this.#block(body, from, to);
  }

  #block(body: Body, from: number, to: number): void {
    this.write('{');
    this.commentAt(from);
    this.endLine();
    this.indented(() => this.lines(body, to));
    this.write('}');
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
