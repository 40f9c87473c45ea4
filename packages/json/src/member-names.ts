import type { Units } from './units.js';

/** The names of the objects that a scan is in, to find those that stand twice. */
export class MemberNames {
  readonly #document: Units;
  readonly #units: Uint8Array | Uint16Array;
  /** Offsets of the names of small objects, the innermost object last: start, end, start, end. */
  readonly #offsets: number[] = [];
  /** How many of the offsets are in use. */
  #used = 0;
  /** How many objects the scan is in. */
  #depth = 0;
  /** By depth: where the names of the object begin in the offsets. */
  readonly #bases: number[] = [0];
  /** By depth: the names of an object that is large or spells names with escapes. */
  readonly #sets: (Set<string> | undefined)[] = [undefined];

  constructor(document: Units) {
    this.#document = document;
    this.#units = document.units;
  }

  /** Begin an object. */
  enter(): void {
    this.#depth += 1;
    this.#bases[this.#depth] = this.#used;
    this.#sets[this.#depth] = undefined;
  }

  /** End the innermost object. */
  leave(): void {
    this.#used = this.#bases[this.#depth] ?? 0;
    this.#depth -= 1;
  }

  /** Note a name that stands between two offsets, without its quotes; `false` when the object has it already. */
  add(start: number, end: number, isEscaped: boolean): boolean {
    const base = this.#bases[this.#depth] ?? 0;
    let set = this.#sets[this.#depth];
    if (set === undefined) {
      if (!isEscaped && this.#used - base < SMALL) return this.#addToFew(base, start, end);
      set = new Set();
      for (let index = base; index < this.#used; index += 2)
        set.add(this.#document.slice(this.#offsets[index] ?? 0, this.#offsets[index + 1] ?? 0));
      this.#sets[this.#depth] = set;
    }
    const name = this.#document.slice(start, end);
    const size = set.size;
    return set.add(isEscaped ? String(JSON.parse(`"${name}"`)) : name).size > size;
  }

  #addToFew(base: number, start: number, end: number): boolean {
    const offsets = this.#offsets;
    const used = this.#used;
    for (let index = base; index < used; index += 2)
      if (this.#isSame(offsets[index] ?? 0, offsets[index + 1] ?? 0, start, end)) return false;
    offsets[used] = start;
    offsets[used + 1] = end;
    this.#used = used + 2;
    return true;
  }

  #isSame(a: number, aEnd: number, b: number, bEnd: number): boolean {
    if (aEnd - a !== bEnd - b) return false;
    const units = this.#units;
    for (let index = 0; index < aEnd - a; index += 1) if (units[a + index] !== units[b + index]) return false;
    return true;
  }
}

/** Twice the number of names that are compared one by one. */
const SMALL = 16;
