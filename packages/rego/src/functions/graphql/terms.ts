import type { Value } from '../../values.js';
import { GraphCursor, node } from './cursor.js';

/** Reads what operations and types have in common: arguments, directives, values, references to types. */
export class GraphTerms extends GraphCursor {
  /** Names with values, in parentheses. */
  protected arguments(isConstant: boolean): Value[] {
    return this.some('(', ')', () => {
      const name = this.name();
      this.expect(':');
      return node({ Name: name, Value: this.value(isConstant) });
    });
  }

  /** Names after an at sign. */
  protected directives(isConstant: boolean): Value[] {
    const found: Value[] = [];
    while (this.skip('@'))
      found.push(node({ Name: this.name(), Arguments: this.arguments(isConstant), Location: '' }));
    return found;
  }

  /** A value; a constant has no variables. */
  protected value(isConstant: boolean): Value {
    return this.deeper(() => {
      const made = (kind: number, raw: string, children: Value[] = []): Value =>
        node({ Raw: raw, Children: children, Kind: kind, ExpectedTypeHasDefault: false });
      const token = this.peek;
      switch (token.kind) {
        case 'int':
          return made(1, this.take().text);
        case 'float':
          return made(2, this.take().text);
        case 'string':
          return made(3, this.take().text);
        case 'block':
          return made(4, this.take().text);
        case 'name': {
          const { text } = this.take();
          return made(text === 'true' || text === 'false' ? 5 : text === 'null' ? 6 : 7, text);
        }
        case 'punctuation':
        case 'end':
        case 'invalid':
      }
      if (this.is('$') && !isConstant) {
        this.take();
        return made(0, this.name());
      }
      if (this.is('['))
        return made(
          8,
          '',
          this.any('[', ']', () => node({ Name: '', Value: this.value(isConstant) })),
        );
      if (!this.is('{')) throw this.unexpected();
      const members = this.any('{', '}', () => {
        const name = this.name();
        this.expect(':');
        return node({ Name: name, Value: this.value(isConstant) });
      });
      return made(9, '', members);
    });
  }

  /** A reference to a type. */
  protected type(): Value {
    return this.deeper(() => {
      if (!this.skip('[')) {
        const name = this.name();
        return node({ NamedType: name, NonNull: this.skip('!') });
      }
      const inner = this.type();
      this.expect(']');
      return node({ NamedType: '', Elem: inner, NonNull: this.skip('!') });
    });
  }
}
