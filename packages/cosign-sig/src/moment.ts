/**
 * A moment in RFC 3339, in milliseconds since 1970; `NaN` for what is none. `Date.parse` alone takes the 30th of February, and an hour 24.
 *
 * @param text - with a zone
 */
export function momentOf(text: string): number {
  const clock = text.slice(0, 19);
  const local = FORM.test(text) ? Date.parse(`${clock}Z`) : Number.NaN;
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(clock)) return Number.NaN;
  return Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
}

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
