/**
 * GraphQL documents as objects: the grammar of the specification of October 2021, the shapes of the reference.
 *
 * @module
 */
import type { RegoObject, Value } from '../../values.js';
import { node } from './cursor.js';
import { GraphTerms } from './terms.js';

/** Read a document with operations and fragments. */
export function parseGraphQuery(source: string): RegoObject {
  return new QueryParser(source).query();
}

class QueryParser extends GraphTerms {
  query(): RegoObject {
    const operations: Value[] = [];
    const fragments: Value[] = [];
    while (this.peek.kind !== 'end') {
      const { kind, text } = this.peek;
      if (text === '{' && kind === 'punctuation') operations.push(this.#operation());
      else if (kind === 'name' && OPERATIONS.has(text)) operations.push(this.#operation());
      else if (kind === 'name' && text === 'fragment') fragments.push(this.#fragment());
      else throw this.unexpected();
    }
    return node({ Operations: operations, Fragments: fragments });
  }

  #operation(): Value {
    const isShort = this.is('{');
    const operation = isShort ? 'query' : this.take().text;
    const name = !isShort && this.peek.kind === 'name' ? this.take().text : '';
    const variables = isShort ? [] : this.#variables();
    const directives = isShort ? [] : this.directives(false);
    return node({
      Operation: operation,
      Name: name,
      VariableDefinitions: variables,
      Directives: directives,
      SelectionSet: this.#selections(),
    });
  }

  #fragment(): Value {
    this.take();
    if (this.peek.text === 'on' && this.peek.kind === 'name') throw this.unexpected();
    const name = this.name();
    const variables = this.#variables();
    this.keyword('on');
    const condition = this.name();
    const directives = this.directives(false);
    return node({
      Name: name,
      VariableDefinition: variables,
      TypeCondition: condition,
      Directives: directives,
      SelectionSet: this.#selections(),
    });
  }

  #variables(): Value[] {
    return this.some('(', ')', () => {
      this.expect('$');
      const variable = this.name();
      this.expect(':');
      const type = this.type();
      const fallback = this.skip('=') ? this.value(true) : undefined;
      return node({
        Variable: variable,
        Type: type,
        DefaultValue: fallback,
        Directives: this.directives(false),
        Used: false,
      });
    });
  }

  #selections(): Value[] {
    if (!this.is('{')) throw this.expected('{');
    return this.deeper(() => this.some('{', '}', () => this.#selection()));
  }

  #selection(): Value {
    if (!this.skip('...')) return this.#field();
    const { kind, text } = this.peek;
    if (kind === 'name' && text !== 'on') {
      const name = this.take().text;
      return node({ Name: name, Directives: this.directives(false) });
    }
    const condition = kind === 'name' ? (this.take(), this.name()) : '';
    const directives = this.directives(false);
    return node({ TypeCondition: condition, Directives: directives, SelectionSet: this.#selections() });
  }

  #field(): Value {
    const first = this.name();
    const name = this.skip(':') ? this.name() : first;
    const args = this.arguments(false);
    const directives = this.directives(false);
    const selections = this.is('{') ? this.#selections() : undefined;
    return node({
      Alias: first,
      Name: name,
      Arguments: args,
      Directives: directives,
      SelectionSet: selections,
    });
  }
}

/** Kinds of operations. */
export const OPERATIONS: ReadonlySet<string> = new Set(['query', 'mutation', 'subscription']);
