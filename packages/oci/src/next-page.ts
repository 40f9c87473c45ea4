/**
 * Lists that a registry gives in pages.
 *
 * @module
 */
import { OciError } from './errors.js';

/** The address of the next page (RFC 8288): on the same registry, or it is not followed. */
export function nextPage(response: Response, base: URL): URL | undefined {
  for (const [, address = '', parameters = ''] of linksOf(response)) {
    const [, quoted, bare] = RELATION.exec(parameters) ?? [];
    if ((quoted ?? bare)?.toLowerCase().split(' ').includes('next') !== true) continue;
    const url = URL.canParse(address, base.href) ? new URL(address, base) : undefined;
    if (url !== undefined && url.origin === base.origin) return url;
    throw new OciError('ERR_OCI_REGISTRY', 'the next page is on another registry');
  }
  return undefined;
}

function linksOf(response: Response): Iterable<RegExpExecArray> {
  return (response.headers.get('link') ?? '').slice(0, MAX_HEADER).matchAll(LINK);
}

const MAX_HEADER = 8192;
const LINK = /<([^<>]*)>([^<]*)/g;
const RELATION = /;[ \t]*rel[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;,"]+))/i;
