import { TtrpcError } from './errors.js';

/** Where a socket is. What a kind means is up to the platform: see `@sealwright/ttrpc/node`. */
export type SocketAddress =
  | {
      /** A unix socket: `unix://<path>`, or the path alone; `@<name>` is an abstract one. */
      readonly kind: 'unix';
      /** The path, or `@` and the name. */
      readonly path: string;
    }
  | {
      /** A socket between a virtual machine and its host: `vsock://<cid>:<port>`. */
      readonly kind: 'vsock';
      /** The machine: 0 to 2^32 - 1, or -1 for any. */
      readonly cid: number;
      /** 0 to 2^32 - 1. */
      readonly port: number;
    }
  | {
      /** The unix socket with which a virtual machine monitor offers the vsock of its guest: `hvsock://<path>:<port>`. */
      readonly kind: 'hvsock';
      /** The path of the unix socket. */
      readonly path: string;
      /** The vsock port: 0 to 2^32 - 1. */
      readonly port: number;
    }
  | {
      /** `tcp://<host>:<port>`. */
      readonly kind: 'tcp';
      /** A name or an address; an IPv6 address without its brackets. */
      readonly host: string;
      /** 0 to 65535. */
      readonly port: number;
    };

/**
 * Read the address of a socket.
 *
 * @param text - `unix://<path>`, `<path>`, `unix://@<name>`, `@<name>`, `vsock://<cid>:<port>`, `hvsock://<path>:<port>`
 * or `tcp://<host>:<port>`; a path is absolute
 * @throws {@link TtrpcError} `ERR_TTRPC_ADDRESS`.
 */
export function parseAddress(text: string): SocketAddress {
  const at = text.indexOf('://');
  const scheme = at < 0 ? 'unix' : text.slice(0, at);
  const rest = at < 0 ? text : text.slice(at + 3);
  if (scheme === 'unix') return { kind: 'unix', path: pathOf(rest) };
  const colon = rest.lastIndexOf(':');
  const [place, number] = [rest.slice(0, colon), rest.slice(colon + 1)];
  if (colon < 0) throw bad(`${scheme}:// needs a port`);
  if (scheme === 'vsock') {
    const cid = place === '-1' ? -1 : numberOf(place, 0xffff_ffff, 'context id');
    return { kind: 'vsock', cid, port: numberOf(number, 0xffff_ffff, 'port') };
  }
  if (scheme === 'hvsock')
    return { kind: 'hvsock', path: pathOf(place), port: numberOf(number, 0xffff_ffff, 'port') };
  if (scheme === 'tcp') return { kind: 'tcp', host: hostOf(place), port: numberOf(number, 0xffff, 'port') };
  throw bad('the kinds of address are unix, vsock, hvsock and tcp');
}

/**
 * Write the address of a socket, as {@link parseAddress} reads it.
 *
 * @param address - the address
 */
export function formatAddress(address: SocketAddress): string {
  if (address.kind === 'unix') return `unix://${address.path}`;
  if (address.kind === 'vsock') return `vsock://${address.cid}:${address.port}`;
  if (address.kind === 'hvsock') return `hvsock://${address.path}:${address.port}`;
  return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

function pathOf(text: string): string {
  if (text.includes('\0')) throw bad('a path holds no NUL');
  if (text === '@' || !(text.startsWith('/') || text.startsWith('@')))
    throw bad('a path is absolute, or @ and a name');
  return text;
}

function hostOf(text: string): string {
  const bracketed = text.startsWith('[') && text.endsWith(']');
  const host = bracketed ? text.slice(1, -1) : text;
  if (host === '' || host.includes(':') !== bracketed)
    throw bad('an IPv6 address is put in brackets, and a host is needed');
  return host;
}

function numberOf(text: string, max: number, what: string): number {
  const number = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= max)) throw bad(`a ${what} is a number up to ${max}`);
  return number;
}

function bad(message: string): TtrpcError {
  return new TtrpcError('ERR_TTRPC_ADDRESS', message);
}
