/** What local variable a name stands for at a line of a body; `undefined` for none. */
export type LocalScope = (name: string) => string | undefined;

/** A local variable, and the line of its body that declares it. */
export interface Local {
  readonly name: string;
  readonly line: number;
}

/** Where nothing is declared. */
export const NO_LOCALS: LocalScope = () => undefined;

/**
 * The scope of a line. The lines of one body share what it declares, so that many lines cost no more than few.
 *
 * @param outer - around the body
 * @param declared - by name, the last declared first
 * @param line - what later lines declare does not count
 */
export function scopeAt(
  outer: LocalScope,
  declared: ReadonlyMap<string, readonly Local[]>,
  line: number,
): LocalScope {
  return (name) => declared.get(name)?.find((local) => local.line <= line)?.name ?? outer(name);
}
