import { isArray, RegoObject, RegoSet, toText, type Value } from '../../values.js';
import { isAmbiguous } from './scalars.js';

/** A value as YAML: keys sorted, sequences not further in than their key. */
export function printYaml(value: Value): string {
  return block(value, '').replace(/^\n/, '').replace(/^ /, '') + '\n';
}

/** With what stands before it: a blank for a scalar, a line break for a collection. */
function block(value: Value, indent: string): string {
  if (value instanceof RegoObject && value.size > 0) {
    return value
      .entries()
      .map(([key, item]) => {
        const name = scalar(typeof key === 'string' ? key : toText(key), indent);
        const inner = isList(item) ? indent : `${indent}  `;
        return `\n${indent}${name}:${block(item, inner)}`;
      })
      .join('');
  }
  const items = value instanceof RegoSet ? value.items() : isArray(value) ? value : undefined;
  if (items !== undefined && items.length > 0) {
    return items
      .map((item) => {
        const inner = block(item, `${indent}  `);
        return `\n${indent}-${inner.startsWith('\n') ? ` ${inner.slice(indent.length + 3)}` : inner}`;
      })
      .join('');
  }
  if (items !== undefined) return ' []';
  return value instanceof RegoObject ? ' {}' : ` ${scalar(value, indent)}`;
}

function isList(value: Value): boolean {
  return isArray(value) || value instanceof RegoSet;
}

function scalar(value: Value, indent: string): string {
  if (typeof value !== 'string') return toText(value);
  if (value === '') return '""';
  if (
    /\n/.test(value) &&
    !/[^\n\t -~\u00a0-\ud7ff\ue000-\ufffd]/u.test(value) &&
    !/[ \t]\n|^\s/.test(value)
  ) {
    const chomp = value.endsWith('\n\n') || value === '\n' ? '+' : value.endsWith('\n') ? '' : '-';
    const body = value.replace(/\n$/, '');
    return `|${chomp}\n${body
      .split('\n')
      .map((line) => (line === '' ? '' : `${indent || '  '}${line}`))
      .join('\n')}`;
  }
  // oxlint-disable-next-line no-control-regex -- control characters need escapes
  if (isAmbiguous(value) || /[\u0000-\u001f\u007f]/.test(value)) return JSON.stringify(value);
  if (
    /^[-?:,[\]{}#&*!|>'"%@`]/.test(value) ? !/^[-?:][^\s]/.test(value) || /^[-?:][,[\]{}]/.test(value) : false
  )
    return quoted(value);
  if (/: |:$| #|^\s|\s$/.test(value)) return quoted(value);
  return value;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
