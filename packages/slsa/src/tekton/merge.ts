/** A thing with digests: a subject, whose name this calls its URI, or a dependency. */
export interface Entry {
  readonly uri: string;
  readonly digest: Readonly<Record<string, string>>;
}

/** Join lists: an entry of the same URI that shares a digest is united with the first of them, others are appended. */
export function merged(...lists: readonly (readonly Entry[])[]): readonly Entry[] {
  const result: Entry[] = [];
  for (const entry of lists.flat()) {
    const index = result.findIndex((known) => known.uri === entry.uri && sharesDigest(known, entry));
    const known = result[index];
    if (known === undefined) result.push(entry);
    else result[index] = { ...known, digest: { ...known.digest, ...entry.digest } };
  }
  return result;
}

function sharesDigest(a: Entry, b: Entry): boolean {
  return Object.entries(a.digest).some(([algorithm, hex]) => b.digest[algorithm] === hex);
}
