import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Address, formatAddress } from './address.js';

/**
 * A service as a function.
 *
 * @param request - the request
 * @param remoteAddress - who asks: an IP address, empty when it is not known
 */
export type Handler = (request: Request, remoteAddress: string) => Promise<Response> | Response;

/** How a server treats those who call it. */
export interface ListenOptions {
  /** Milliseconds that a request may take to arrive whole. Default 60 000. */
  readonly requestTimeout?: number;
  /** Milliseconds that requests under way are given when the server stops. Default 5000. */
  readonly drain?: number;
  /** How long the head of a request may be, in bytes. Default 16 384. */
  readonly maxHeaderBytes?: number;
}

/** A server that listens. */
export interface Listening {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Take no more connections, give requests under way their time, then close what is left. */
  close(): Promise<void>;
}

/**
 * Serve a handler over HTTP.
 *
 * @param handler - what answers
 * @param address - where; port 0 takes any free one
 * @param options - limits
 * @throws what the system says when it cannot listen there, with the address in the message.
 */
export async function listen(
  handler: Handler,
  address: Address,
  options: ListenOptions = {},
): Promise<Listening> {
  const listener = getRequestListener((request, { incoming }) =>
    handler(request, incoming.socket.remoteAddress ?? ''),
  );
  const server = createServer(
    { requestTimeout: options.requestTimeout ?? 60_000, maxHeaderSize: options.maxHeaderBytes ?? 16_384 },
    listener,
  );
  await bind(server, address);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    url: `http://${formatAddress({ host: address.host, port })}`,
    close: () => close(server, options.drain ?? 5000),
  };
}

function bind(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`cannot listen on ${formatAddress(address)}: ${cause.message}`, { cause }));
    });
    server.listen(address.port, address.host, () => resolve());
  });
}

function close(server: Server, drain: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), drain);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
