/**
 * The package URL of a package of npm, as attestations name their subject: the `@` of a scope in percent-encoding.
 *
 * @param name - of the package, with its scope
 * @param version - of the package
 */
export function npmPurl(name: string, version: string): string {
  const encoded = name.startsWith('@') ? `%40${name.slice(1)}` : name;
  return `pkg:npm/${encoded}@${version}`;
}
