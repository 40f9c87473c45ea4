/**
 * GraphQL documents as objects: the grammar of the specification of October 2021, the shapes of the reference.
 *
 * @module
 */
import type { RegoObject, Value } from '../../values.js';
import { node } from './cursor.js';
import { OPERATIONS } from './query.js';
import { GraphTerms } from './terms.js';

/** Read a document with types. */
export function parseGraphSchema(source: string): RegoObject {
  return new SchemaParser(source).schema();
}

class SchemaParser extends GraphTerms {
  schema(): RegoObject {
    const found: Record<'Schema' | 'SchemaExtension' | 'Directives' | 'Definitions' | 'Extensions', Value[]> =
      {
        Schema: [],
        SchemaExtension: [],
        Directives: [],
        Definitions: [],
        Extensions: [],
      };
    while (this.peek.kind !== 'end') {
      const at = this.peek;
      const description = this.#description();
      const { kind, text } = this.peek;
      if (kind !== 'name') throw this.unexpected();
      if (text === 'extend') {
        if (description !== '' || at !== this.peek) throw this.unexpectedAt(at);
        this.take();
        if (this.peek.kind === 'name' && this.peek.text === 'schema')
          found.SchemaExtension.push(this.#schemaOf('', true));
        else found.Extensions.push(this.#definition('', true));
      } else if (text === 'schema') found.Schema.push(this.#schemaOf(description, false));
      else if (text === 'directive') found.Directives.push(this.#directive(description));
      else found.Definitions.push(this.#definition(description, false));
    }
    return node(found);
  }

  #description(): string {
    return this.peek.kind === 'string' || this.peek.kind === 'block' ? this.take().text : '';
  }

  #schemaOf(description: string, isExtension: boolean): Value {
    this.take();
    const directives = this.directives(true);
    const types = this.some('{', '}', () => {
      const { kind, text } = this.peek;
      if (kind !== 'name' || !OPERATIONS.has(text)) throw this.unexpected();
      const operation = this.name();
      this.expect(':');
      return node({ Operation: operation, Type: this.name() });
    });
    if (isExtension && directives.length === 0 && types.length === 0) throw this.unexpected();
    return node({ Description: description, Directives: directives, OperationTypes: types });
  }

  #directive(description: string): Value {
    this.take();
    this.expect('@');
    const name = this.name();
    const args = this.#argumentDefinitions();
    const isRepeatable = this.peek.text === 'repeatable' && this.peek.kind === 'name';
    if (isRepeatable) this.take();
    this.keyword('on');
    this.skip('|');
    const locations: Value[] = [];
    do {
      if (this.peek.kind === 'name' && !LOCATIONS.has(this.peek.text)) throw this.unexpected();
      locations.push(this.name());
    } while (this.skip('|'));
    return node({
      Description: description,
      Name: name,
      Arguments: args,
      Locations: locations,
      IsRepeatable: isRepeatable,
    });
  }

  #definition(description: string, isExtension: boolean): Value {
    const { kind: tokenKind, text } = this.peek;
    const kind = KINDS.get(text);
    if (tokenKind !== 'name' || kind === undefined) throw this.unexpected();
    this.take();
    const name = this.name();
    const interfaces = kind === 'OBJECT' || kind === 'INTERFACE' ? this.#interfaces() : [];
    const directives = this.directives(true);
    const fields =
      kind === 'OBJECT' || kind === 'INTERFACE' ? this.some('{', '}', () => this.#fieldDefinition()) : [];
    const inputs = kind === 'INPUT_OBJECT' ? this.some('{', '}', () => this.#argumentDefinition()) : [];
    const values = kind === 'ENUM' ? this.some('{', '}', () => this.#enumValue()) : [];
    const types = kind === 'UNION' ? this.#unionTypes() : [];
    const parts = [interfaces, directives, fields, inputs, values, types];
    if (isExtension && parts.every((part) => part.length === 0)) throw this.unexpected();
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
    if (this.peek.text !== 'implements' || this.peek.kind !== 'name') return [];
    this.take();
    this.skip('&');
    const names: Value[] = [this.name()];
    while (this.skip('&')) names.push(this.name());
    return names;
  }

  #unionTypes(): Value[] {
    if (!this.skip('=')) return [];
    this.skip('|');
    const names: Value[] = [this.name()];
    while (this.skip('|')) names.push(this.name());
    return names;
  }

  #fieldDefinition(): Value {
    const description = this.#description();
    const name = this.name();
    const args = this.#argumentDefinitions();
    this.expect(':');
    const type = this.type();
    return node({
      Description: description,
      Name: name,
      Arguments: args,
      Type: type,
      Directives: this.directives(true),
    });
  }

  #argumentDefinitions(): Value[] {
    return this.some('(', ')', () => this.#argumentDefinition());
  }

  #argumentDefinition(): Value {
    const description = this.#description();
    const name = this.name();
    this.expect(':');
    const type = this.type();
    const fallback = this.skip('=') ? this.value(true) : undefined;
    return node({
      Description: description,
      Name: name,
      DefaultValue: fallback,
      Type: type,
      Directives: this.directives(true),
    });
  }

  #enumValue(): Value {
    const description = this.#description();
    const name = this.name();
    return node({ Description: description, Name: name, Directives: this.directives(true) });
  }
}

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
