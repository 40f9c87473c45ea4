import { BuiltinFault } from '../../builtins/builtin.js';
import { isArray, RegoObject, type Value } from '../../values.js';

/** The schemas of a document by their URLs, and what references in it lead to. Nothing is loaded. */
export class References {
  readonly #byUrl: Map<string, Value> = new Map();

  constructor(document: Value) {
    this.#byUrl.set('', document);
    this.#collect(document, '');
  }

  /** The document that a reference leads to. */
  find(url: string): Value {
    const known = this.#byUrl.get(url);
    if (known !== undefined) return known;
    const hash = url.indexOf('#');
    const base = hash < 0 ? url : url.slice(0, hash);
    const document = this.#byUrl.get(base);
    if (document !== undefined) return pointed(document, hash < 0 ? '' : url.slice(hash + 1));
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(url)) throw new BuiltinFault(`Reference ${url} must be canonical`);
    throw new BuiltinFault(`remote reference loading disabled: ${url}`);
  }

  #collect(value: Value, base: string): void {
    if (isArray(value)) for (const item of value) this.#collect(item, base);
    if (!(value instanceof RegoObject)) return;
    const own = baseOf(value, base);
    if (own !== base) {
      if (this.#byUrl.has(own)) throw new BuiltinFault(`Reference already exists: ${JSON.stringify(own)}`);
      this.#byUrl.set(own, value);
    }
    for (const [key, item] of value.entries()) {
      if (key === 'const' || key === 'enum') continue;
      const isNamed = key === 'properties' || key === 'dependencies' || key === 'patternProperties';
      if (isNamed && item instanceof RegoObject)
        for (const [, child] of item.entries()) this.#collect(child, own);
      else this.#collect(item, own);
    }
  }
}

/** The URL that references within a schema are relative to. */
export function baseOf(schema: RegoObject, base: string): string {
  const id = schema.get('id') ?? schema.get('$id');
  return typeof id === 'string' ? resolved(base, id) : base;
}

/** A reference as an absolute URL, as far as there is a base. */
export function resolved(base: string, reference: string): string {
  const plain = reference.endsWith('#') ? reference.slice(0, -1) : reference;
  if (base === '') return plain;
  if (URL.canParse(plain, base)) return new URL(plain, base).href.replace(/#$/, '');
  return plain === '' || plain.startsWith('#') ? `${base.replace(/#.*$/s, '')}${plain}` : plain;
}

/** What a JSON pointer, escaped for a URL, leads to; the whole document for a fragment that is none. */
function pointed(document: Value, fragment: string): Value {
  if (!fragment.startsWith('/')) return document;
  let found: Value | undefined = document;
  for (const escaped of fragment.slice(1).split('/')) {
    const step = unescaped(escaped);
    if (found instanceof RegoObject) found = found.get(step);
    else if (isArray(found) && /^(?:0|[1-9][0-9]{0,8})$/.test(step)) found = found[Number(step)];
    else found = undefined;
    if (found === undefined) throw new BuiltinFault(`Object has no key '${step}'`);
  }
  return found;
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    throw new BuiltinFault(`invalid URL escape in ${JSON.stringify(step)}`);
  }
}
