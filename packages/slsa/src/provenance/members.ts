/** Members of predicates: unset, null and empty are the same. */

/** An object without the members that are unset; what is inside them is left as it is. */
export function withoutUnset<T extends object>(members: T): Given<T> {
  const kept: unknown = Object.fromEntries(Object.entries(members).filter(([, member]) => !isUnset(member)));
  return kept as Given<T>; // only unset members are missing
}

/** The same; `undefined` when nothing is left. */
export function filled<T extends object>(members: T | undefined): Given<T> | undefined {
  if (members === undefined) return undefined;
  const kept = withoutUnset(members);
  return isUnset(kept) ? undefined : kept;
}

/** What {@link withoutUnset} leaves: optional members, but never `undefined` itself. */
export type Given<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Whether a member says nothing: undefined, null, empty text, an empty list or object. `false` and `0` say something. */
export function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
