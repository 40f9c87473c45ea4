/** A local variable, and the line of its body that declares it. */
export interface Local {
  readonly name: string;
  readonly line: number;
}

/** What names stand for at a line of a body. The lines of one body share what it declares, so that many lines cost no more than few. */
export class LocalScope {
  readonly #outer: LocalScope | undefined;
  /** By name, the last declared first. */
  readonly #declared: ReadonlyMap<string, readonly Local[]>;
  readonly #line: number;

  constructor(outer?: LocalScope, declared: ReadonlyMap<string, readonly Local[]> = new Map(), line = 0) {
    this.#outer = outer;
    this.#declared = declared;
    this.#line = line;
  }

  /** The local variable that a name stands for; `undefined` for none. */
  get(name: string): string | undefined {
    const local = this.#declared.get(name)?.find(({ line }) => line <= this.#line);
    return local?.name ?? this.#outer?.get(name);
  }

  /** Whether a name stands for a local variable. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}
