/**
 * GraphQL documents as objects: the grammar of the specification of October 2021, the shapes of the reference.
 *
 * @module
 */
import { BuiltinFault } from '../../builtins/builtin.js';
import { RegoObject, type Value } from '../../values.js';
import { type GraphToken, graphTokens } from './lexer.js';

/** Members with a value; empty lists are left out. */
export function node(members: Readonly<Record<string, Value | undefined>>): RegoObject {
  return new RegoObject(
    Object.entries(members).flatMap(([name, value]): [Value, Value][] =>
      value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[name, value]],
    ),
  );
}

/** Read a document with operations and fragments. */
export function parseGraphQuery(source: string): RegoObject {
  return new GraphParser(source).query();
}

/** Read a document with types. */
export function parseGraphSchema(source: string): RegoObject {
  return new GraphParser(source).schema();
}

class GraphParser {
  readonly #tokens: readonly GraphToken[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = graphTokens(source);
  }

  query(): RegoObject {
    const operations: Value[] = [];
    const fragments: Value[] = [];
    while (this.#peek.kind !== 'end') {
      const { kind, text } = this.#peek;
      if (text === '{' && kind === 'punctuation') operations.push(this.#operation());
      else if (kind === 'name' && OPERATIONS.has(text)) operations.push(this.#operation());
      else if (kind === 'name' && text === 'fragment') fragments.push(this.#fragment());
      else throw this.#unexpected();
    }
    return node({ Operations: operations, Fragments: fragments });
  }

  #operation(): Value {
    const isShort = this.#is('{');
    const operation = isShort ? 'query' : this.#take().text;
    const name = !isShort && this.#peek.kind === 'name' ? this.#take().text : '';
    const variables = isShort ? [] : this.#variables();
    const directives = isShort ? [] : this.#directives(false);
    return node({
      Operation: operation,
      Name: name,
      VariableDefinitions: variables,
      Directives: directives,
      SelectionSet: this.#selections(),
    });
  }

  #fragment(): Value {
    this.#take();
    if (this.#peek.text === 'on' && this.#peek.kind === 'name') throw this.#unexpected();
    const name = this.#name();
    const variables = this.#variables();
    this.#keyword('on');
    const condition = this.#name();
    const directives = this.#directives(false);
    return node({
      Name: name,
      VariableDefinition: variables,
      TypeCondition: condition,
      Directives: directives,
      SelectionSet: this.#selections(),
    });
  }

  #variables(): Value[] {
    return this.#some('(', ')', () => {
      this.#expect('$');
      const variable = this.#name();
      this.#expect(':');
      const type = this.#type();
      const fallback = this.#skip('=') ? this.#value(true) : undefined;
      return node({
        Variable: variable,
        Type: type,
        DefaultValue: fallback,
        Directives: this.#directives(false),
        Used: false,
      });
    });
  }

  #selections(): Value[] {
    if (!this.#is('{')) throw this.#expected('{');
    return this.#deeper(() => this.#some('{', '}', () => this.#selection()));
  }

  #selection(): Value {
    if (!this.#skip('...')) return this.#field();
    const { kind, text } = this.#peek;
    if (kind === 'name' && text !== 'on') {
      const name = this.#take().text;
      return node({ Name: name, Directives: this.#directives(false) });
    }
    const condition = kind === 'name' ? (this.#take(), this.#name()) : '';
    const directives = this.#directives(false);
    return node({ TypeCondition: condition, Directives: directives, SelectionSet: this.#selections() });
  }

  #field(): Value {
    const first = this.#name();
    const name = this.#skip(':') ? this.#name() : first;
    const args = this.#arguments(false);
    const directives = this.#directives(false);
    const selections = this.#is('{') ? this.#selections() : undefined;
    return node({
      Alias: first,
      Name: name,
      Arguments: args,
      Directives: directives,
      SelectionSet: selections,
    });
  }

  #arguments(isConstant: boolean): Value[] {
    return this.#some('(', ')', () => {
      const name = this.#name();
      this.#expect(':');
      return node({ Name: name, Value: this.#value(isConstant) });
    });
  }

  #directives(isConstant: boolean): Value[] {
    const found: Value[] = [];
    while (this.#skip('@'))
      found.push(node({ Name: this.#name(), Arguments: this.#arguments(isConstant), Location: '' }));
    return found;
  }

  #value(isConstant: boolean): Value {
    return this.#deeper(() => {
      const made = (kind: number, raw: string, children: Value[] = []): Value =>
        node({ Raw: raw, Children: children, Kind: kind, ExpectedTypeHasDefault: false });
      const token = this.#peek;
      switch (token.kind) {
        case 'int':
          return made(1, this.#take().text);
        case 'float':
          return made(2, this.#take().text);
        case 'string':
          return made(3, this.#take().text);
        case 'block':
          return made(4, this.#take().text);
        case 'name': {
          const { text } = this.#take();
          return made(text === 'true' || text === 'false' ? 5 : text === 'null' ? 6 : 7, text);
        }
        case 'punctuation':
        case 'end':
        case 'invalid':
      }
      if (this.#is('$') && !isConstant) {
        this.#take();
        return made(0, this.#name());
      }
      if (this.#is('['))
        return made(
          8,
          '',
          this.#any('[', ']', () => node({ Name: '', Value: this.#value(isConstant) })),
        );
      if (!this.#is('{')) throw this.#unexpected();
      const members = this.#any('{', '}', () => {
        const name = this.#name();
        this.#expect(':');
        return node({ Name: name, Value: this.#value(isConstant) });
      });
      return made(9, '', members);
    });
  }

  #type(): Value {
    return this.#deeper(() => {
      if (!this.#skip('[')) {
        const name = this.#name();
        return node({ NamedType: name, NonNull: this.#skip('!') });
      }
      const inner = this.#type();
      this.#expect(']');
      return node({ NamedType: '', Elem: inner, NonNull: this.#skip('!') });
    });
  }

  schema(): RegoObject {
    const found: Record<'Schema' | 'SchemaExtension' | 'Directives' | 'Definitions' | 'Extensions', Value[]> =
      {
        Schema: [],
        SchemaExtension: [],
        Directives: [],
        Definitions: [],
        Extensions: [],
      };
    while (this.#peek.kind !== 'end') {
      const at = this.#peek;
      const description = this.#description();
      const { kind, text } = this.#peek;
      if (kind !== 'name') throw this.#unexpected();
      if (text === 'extend') {
        if (description !== '' || at !== this.#peek) throw this.#unexpectedAt(at);
        this.#take();
        if (this.#peek.kind === 'name' && this.#peek.text === 'schema')
          found.SchemaExtension.push(this.#schemaOf('', true));
        else found.Extensions.push(this.#definition('', true));
      } else if (text === 'schema') found.Schema.push(this.#schemaOf(description, false));
      else if (text === 'directive') found.Directives.push(this.#directive(description));
      else found.Definitions.push(this.#definition(description, false));
    }
    return node(found);
  }

  #description(): string {
    return this.#peek.kind === 'string' || this.#peek.kind === 'block' ? this.#take().text : '';
  }

  #schemaOf(description: string, isExtension: boolean): Value {
    this.#take();
    const directives = this.#directives(true);
    const types = this.#some('{', '}', () => {
      const { kind, text } = this.#peek;
      if (kind !== 'name' || !OPERATIONS.has(text)) throw this.#unexpected();
      const operation = this.#name();
      this.#expect(':');
      return node({ Operation: operation, Type: this.#name() });
    });
    if (isExtension && directives.length === 0 && types.length === 0) throw this.#unexpected();
    return node({ Description: description, Directives: directives, OperationTypes: types });
  }

  #directive(description: string): Value {
    this.#take();
    this.#expect('@');
    const name = this.#name();
    const args = this.#argumentDefinitions();
    const isRepeatable = this.#peek.text === 'repeatable' && this.#peek.kind === 'name';
    if (isRepeatable) this.#take();
    this.#keyword('on');
    this.#skip('|');
    const locations: Value[] = [];
    do {
      if (this.#peek.kind === 'name' && !LOCATIONS.has(this.#peek.text)) throw this.#unexpected();
      locations.push(this.#name());
    } while (this.#skip('|'));
    return node({
      Description: description,
      Name: name,
      Arguments: args,
      Locations: locations,
      IsRepeatable: isRepeatable,
    });
  }

  #definition(description: string, isExtension: boolean): Value {
    const { kind: tokenKind, text } = this.#peek;
    const kind = KINDS.get(text);
    if (tokenKind !== 'name' || kind === undefined) throw this.#unexpected();
    this.#take();
    const name = this.#name();
    const interfaces = kind === 'OBJECT' || kind === 'INTERFACE' ? this.#interfaces() : [];
    const directives = this.#directives(true);
    const fields =
      kind === 'OBJECT' || kind === 'INTERFACE' ? this.#some('{', '}', () => this.#fieldDefinition()) : [];
    const inputs = kind === 'INPUT_OBJECT' ? this.#some('{', '}', () => this.#argumentDefinition()) : [];
    const values = kind === 'ENUM' ? this.#some('{', '}', () => this.#enumValue()) : [];
    const types = kind === 'UNION' ? this.#unionTypes() : [];
    const parts = [interfaces, directives, fields, inputs, values, types];
    if (isExtension && parts.every((part) => part.length === 0)) throw this.#unexpected();
    return node({
      Kind: kind,
      Description: description,
      Name: name,
      Directives: directives,
      Interfaces: interfaces,
      Fields: [...fields, ...inputs],
      Types: types,
      EnumValues: values,
      BuiltIn: false,
    });
  }

  #interfaces(): Value[] {
    if (this.#peek.text !== 'implements' || this.#peek.kind !== 'name') return [];
    this.#take();
    this.#skip('&');
    const names: Value[] = [this.#name()];
    while (this.#skip('&')) names.push(this.#name());
    return names;
  }

  #unionTypes(): Value[] {
    if (!this.#skip('=')) return [];
    this.#skip('|');
    const names: Value[] = [this.#name()];
    while (this.#skip('|')) names.push(this.#name());
    return names;
  }

  #fieldDefinition(): Value {
    const description = this.#description();
    const name = this.#name();
    const args = this.#argumentDefinitions();
    this.#expect(':');
    const type = this.#type();
    return node({
      Description: description,
      Name: name,
      Arguments: args,
      Type: type,
      Directives: this.#directives(true),
    });
  }

  #argumentDefinitions(): Value[] {
    return this.#some('(', ')', () => this.#argumentDefinition());
  }

  #argumentDefinition(): Value {
    const description = this.#description();
    const name = this.#name();
    this.#expect(':');
    const type = this.#type();
    const fallback = this.#skip('=') ? this.#value(true) : undefined;
    return node({
      Description: description,
      Name: name,
      DefaultValue: fallback,
      Type: type,
      Directives: this.#directives(true),
    });
  }

  #enumValue(): Value {
    const description = this.#description();
    const name = this.#name();
    return node({ Description: description, Name: name, Directives: this.#directives(true) });
  }

  /** Nothing, or one and more in brackets. */
  #some(open: string, close: string, item: () => Value): Value[] {
    if (!this.#is(open)) return [];
    const found = this.#any(open, close, item);
    if (found.length > 0) return found;
    const before = this.#tokens[this.#at - 1] ?? this.#peek;
    throw fault(`expected at least one definition, found ${before.text}`, before);
  }

  #any(open: string, close: string, item: () => Value): Value[] {
    this.#expect(open);
    const found: Value[] = [];
    while (!this.#skip(close)) found.push(item());
    return found;
  }

  #deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw fault('the document nests too deep', this.#peek);
    const result = work();
    this.#depth -= 1;
    return result;
  }

  get #peek(): GraphToken {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    if (token === undefined) throw new TypeError('there is always a last token');
    return token;
  }

  #take(): GraphToken {
    const token = this.#peek;
    this.#at += 1;
    return token;
  }

  #is(text: string): boolean {
    return this.#peek.kind === 'punctuation' && this.#peek.text === text;
  }

  #skip(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#take();
    return true;
  }

  #expect(text: string): void {
    if (!this.#skip(text)) throw this.#expected(text);
  }

  #name(): string {
    if (this.#peek.kind !== 'name') throw this.#expected('Name');
    return this.#take().text;
  }

  #keyword(word: string): void {
    if (this.#peek.kind !== 'name' || this.#peek.text !== word) throw this.#expected(JSON.stringify(word));
    this.#take();
  }

  #expected(what: string): BuiltinFault {
    return fault(`Expected ${what}, found ${shown(this.#peek)}`, this.#peek);
  }

  #unexpected(): BuiltinFault {
    return this.#unexpectedAt(this.#peek);
  }

  #unexpectedAt(token: GraphToken): BuiltinFault {
    return fault(`Unexpected ${shown(token)}`, token);
  }
}

function fault(message: string, { line, column }: GraphToken): BuiltinFault {
  return new BuiltinFault(`${message} in GraphQL string at location ${line}:${column}`);
}

function shown({ kind, text }: GraphToken): string {
  if (kind === 'end') return '<EOF>';
  if (kind === 'invalid') return '<Invalid>';
  if (kind === 'punctuation') return text;
  const names = { name: 'Name', string: 'String', block: 'BlockString', int: 'Int', float: 'Float' };
  return `${names[kind]} ${JSON.stringify(text)}`;
}

const OPERATIONS: ReadonlySet<string> = new Set(['query', 'mutation', 'subscription']);
const KINDS: ReadonlyMap<string, string> = new Map([
  ['scalar', 'SCALAR'],
  ['type', 'OBJECT'],
  ['interface', 'INTERFACE'],
  ['union', 'UNION'],
  ['enum', 'ENUM'],
  ['input', 'INPUT_OBJECT'],
]);
const LOCATIONS: ReadonlySet<string> = new Set(
  (
    'QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT ' +
    'FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION'
  ).split(' '),
);
const MAX_DEPTH = 200;
