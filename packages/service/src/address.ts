import { UsageError } from './exit.js';

/** Where to listen. */
export interface Address {
  /** Host name or address; an IPv6 address without brackets. */
  readonly host: string;
  /** 0 to 65535; 0 takes any free port. */
  readonly port: number;
}

/**
 * Read `host:port`, `[v6]:port` or `:port`, which is every interface.
 *
 * @param text - the address
 * @throws {@link UsageError} when it is none.
 */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  const port = text.slice(colon + 1);
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const isPort = /^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535;
  if (colon < 0 || !isPort || (bare === host && host.includes(':')) || /[\s/]/.test(host)) {
    throw new UsageError(`an address is host:port, such as 127.0.0.1:8080, not ${JSON.stringify(text)}`);
  }
  return { host: bare === '' ? '0.0.0.0' : bare, port: Number(port) };
}

/**
 * Write an address as the authority of a URL.
 *
 * @param address - the address
 */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
