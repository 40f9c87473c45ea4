import { printable } from '../printable.js';
import { table } from '../command.js';

/** A piece of evidence as a person looks at it. */
export interface Picture {
  /** What it is, in one line. */
  readonly title: string;
  /** What it says. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Who vouches for whom, from the root down. */
  readonly chain: readonly Link[];
  /** What is bound to what. */
  readonly bindings: readonly (readonly [name: string, value: string])[];
  /** Why it is good enough, or why not. */
  readonly findings: readonly Finding[];
}

/** One link of a chain of trust. */
export interface Link {
  /** Its name. */
  readonly name: string;
  /** What there is to say about it. */
  readonly note: string;
}

/** One thing that was looked at. */
export interface Finding {
  /** Whether it is as it should be; `undefined` when that cannot be said here. */
  readonly ok: boolean | undefined;
  /** What was looked at. */
  readonly name: string;
  /** What was found. */
  readonly text: string;
}

/** What a picture depends on besides the evidence. */
export interface Circumstances {
  /** The time for which to decide. */
  readonly at: Date;
  /** A leaf certificate that did not come with the evidence. */
  readonly leaf?: Uint8Array;
  /** What Intel says of a platform, in the flat form of JSON. */
  readonly collateral?: Uint8Array;
}

/** Knows one kind of evidence. */
export interface Recogniser {
  /** What it knows. */
  readonly name: string;
  /**
   * Whether these bytes are of its kind. It only looks: it does not throw.
   *
   * @param bytes - a file
   * @param document - the same as JSON, when it is an object of JSON
   */
  matches(bytes: Uint8Array, document: Readonly<Record<string, unknown>> | undefined): boolean;
  /**
   * Draw.
   *
   * @param bytes - a file that matches
   * @param circumstances - time and certificates
   */
  picture(bytes: Uint8Array, circumstances: Circumstances): Promise<Picture>;
}

/**
 * Draw a picture as text.
 *
 * @param picture - the picture
 */
export function drawn({ title, fields, chain, bindings, findings }: Picture): string {
  const sections = [
    `${printable(title)}\n\n${table(fields)}`,
    chain.length === 0 ? '' : `Chain of trust\n${drawnChain(chain)}`,
    bindings.length === 0 ? '' : `What is bound to what\n${indented(table(bindings))}`,
    findings.length === 0 ? '' : `Is it good enough? ${conclusionOf(findings)}\n${drawnFindings(findings)}`,
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** The answer in a few words, for who reads no further. */
function conclusionOf(findings: readonly Finding[]): string {
  const bad = findings.filter(({ ok }) => ok === false).map(({ name }) => name);
  if (bad.length > 0) return `NO: ${bad.map(printable).join(', ')}`;
  return findings.some(({ ok }) => ok === undefined)
    ? 'Nothing speaks against it; answer what is asked.'
    : 'yes';
}

function drawnChain(chain: readonly Link[]): string {
  const width = Math.max(...chain.map(({ name }, depth) => name.length + depth * 3));
  return chain
    .map(({ name, note }, depth) => {
      const head = depth === 0 ? name : `${' '.repeat((depth - 1) * 3)}└─ ${name}`;
      return `  ${printable(head).padEnd(width)}  ${printable(note)}\n`;
    })
    .join('');
}

function drawnFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .map(({ ok, name, text }) => {
      const mark = ok === undefined ? '?  ' : ok ? 'yes' : 'NO ';
      return `  ${mark}  ${printable(name).padEnd(width)}  ${printable(text)}\n`;
    })
    .join('');
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
