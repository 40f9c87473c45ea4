import type { Report } from './report.js';

/** Warn of what is no proper URI. Producers write so much else that it is never an error. */
export function checkUri(uri: string, pointer: string, report: Report): void {
  const problem = uriProblem(uri);
  if (problem !== undefined) report.warn(problem.code, pointer, problem.message);
}

/** What keeps text from being a URI (RFC 3986) without capitals where there should be none. */
export function uriProblem(
  uri: string,
): { code: 'INTOTO_BAD_URI' | 'INTOTO_URI_NOT_NORMALIZED'; message: string } | undefined {
  if (NORMAL.test(uri) && !FOREIGN.test(uri)) return undefined;
  const scheme = SCHEME.exec(uri)?.[1];
  if (scheme === undefined || FOREIGN.test(uri))
    return { code: 'INTOTO_BAD_URI', message: 'expected a URI with a scheme' };
  if (!hasCapitals(scheme) && !hasCapitals(hostOf(uri.slice(scheme.length + 1)))) return undefined;
  return { code: 'INTOTO_URI_NOT_NORMALIZED', message: 'scheme and host of a URI are in lower case' };
}

function hostOf(rest: string): string {
  if (!rest.startsWith('//')) return '';
  const [authority = ''] = rest.slice(2).split(AFTER_AUTHORITY, 1);
  return authority.slice(authority.lastIndexOf('@') + 1);
}

function hasCapitals(text: string): boolean {
  return text !== text.toLowerCase();
}

/** No capitals in scheme and authority. */
const NORMAL = /^[a-z][a-z0-9+.-]*:(?!\/\/[^/?#]*[A-Z])/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const FOREIGN = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})/;
const AFTER_AUTHORITY = /[/?#]/;
