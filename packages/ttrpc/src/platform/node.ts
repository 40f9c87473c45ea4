/**
 * Sockets of Node as connections for ttRPC: unix sockets, TCP, and the unix sockets with which a virtual machine monitor
 * offers the vsock of its guest. Node itself has no vsock; {@link duplexOf} takes the stream of a library that has.
 *
 * @packageDocumentation
 */
import { lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Duplex as NodeDuplex } from 'node:stream';
import { formatAddress, parseAddress, type SocketAddress } from '../address.js';
import type { Duplex } from '../duplex.js';
import { TtrpcError } from '../errors.js';

/** How to connect. */
export interface ConnectOptions {
  /** Gives up with `ERR_TTRPC_CANCELLED`. Default: only the system does. */
  readonly signal?: AbortSignal;
}

/** How to listen. */
export interface ListenOptions {
  /** Connections that may be open at once; one more is closed. Default 256. */
  readonly maxConnections?: number;
}

/** A socket that takes connections. */
export interface SocketListener {
  /** Where it listens: with the port that was taken where 0 was asked for. */
  readonly address: SocketAddress;
  /** Take no more connections, cut those that are open, remove the socket. */
  close(): Promise<void>;
}

/**
 * Connect to a socket.
 *
 * @param address - a `unix`, `hvsock` or `tcp` address; see `parseAddress`
 * @param options - how to give up
 * @returns the connection, to be given to `createClient`.
 * @throws TtrpcError `ERR_TTRPC_ADDRESS` for an address that is none; `ERR_TTRPC_CLOSED` where nobody listens,
 * the cause says why; `ERR_TTRPC_CANCELLED`.
 */
export async function connectSocket(
  address: string | SocketAddress,
  options: ConnectOptions = {},
): Promise<Duplex> {
  const to = typeof address === 'string' ? parseAddress(address) : address;
  const socket = await open(to, options.signal);
  try {
    if (to.kind === 'hvsock') await askForPort(socket, to.port, options.signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return duplexOf(socket);
}

/**
 * Listen on a socket. The folder of a unix socket is made where it is missing. A unix socket that nobody listens on any
 * more is replaced; one in use, or a file of another kind, is left alone. Who may connect to it is said by the
 * permissions that the process gives new files.
 *
 * @param address - a `unix` or `tcp` address; see `parseAddress`
 * @param accept - gets each connection, to be given to `serve`
 * @param options - limits
 * @throws TtrpcError `ERR_TTRPC_ADDRESS` for an address that is none or cannot be listened on;
 * `ERR_TTRPC_CLOSED` where the system refuses, the cause says why.
 */
export async function listenSocket(
  address: string | SocketAddress,
  accept: (connection: Duplex) => void,
  options: ListenOptions = {},
): Promise<SocketListener> {
  const at = typeof address === 'string' ? parseAddress(address) : address;
  const target = targetOf(at, 'listen on');
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    accept(duplexOf(socket));
  });
  server.maxConnections = options.maxConnections ?? 256;
  try {
    if (at.kind === 'unix' && !at.path.startsWith('@')) await bindPath(server, at.path);
    else await listen(server, target);
  } catch (cause) {
    throw new TtrpcError('ERR_TTRPC_CLOSED', `cannot listen on ${formatAddress(at)}`, { cause });
  }
  return {
    address: addressOf(server, at),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/**
 * Make a connection of a stream of Node, which it owns from now on.
 *
 * @param stream - any two-way stream of bytes: a socket, a pipe, a vsock of some library
 */
export function duplexOf(stream: NodeDuplex): Duplex {
  stream.on('error', () => undefined); // failures reach the streams; without a listener they would end the process
  let done = false; // nobody reads any more
  const readable = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (error?: unknown): void => {
          if (done) return;
          done = true;
          if (error === undefined) controller.close();
          else controller.error(error);
        };
        stream.on('data', (chunk: Uint8Array) => {
          if (done) return;
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
          if ((controller.desiredSize ?? 0) <= 0) stream.pause();
        });
        stream.pause();
        stream.once('end', () => end());
        stream.once('error', end);
        stream.once('close', () => end(new Error('the socket was closed')));
      },
      pull: () => void stream.resume(),
      cancel() {
        done = true;
        stream.resume(); // what still comes is dropped
      },
    },
    { highWaterMark: 1 },
  );
  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      // At once: `abort` below would wait for a write that the peer may never take.
      controller.signal.addEventListener('abort', () => stream.destroy());
    },
    write: (chunk) =>
      new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
    close: () =>
      new Promise((resolve) => {
        stream.end(() => {
          if (done) stream.destroy();
          resolve();
        });
      }),
    abort: () => void stream.destroy(),
  });
  return { readable, writable };
}

async function open(address: SocketAddress, signal: AbortSignal | undefined): Promise<Socket> {
  const socket = connect({ ...targetOf(address, 'connect to'), allowHalfOpen: true });
  const failure = `cannot connect to ${formatAddress(address)}`;
  await settled(socket, signal, failure, (resolve) => socket.once('connect', resolve));
  socket.setNoDelay(true);
  return socket.pause();
}

/** Say which port of the guest is meant. The monitor answers with a line, after which the guest speaks. */
async function askForPort(socket: Socket, port: number, signal: AbortSignal | undefined): Promise<void> {
  socket.write(`CONNECT ${port}\n`);
  await settled(socket, signal, `the monitor does not connect port ${port}`, (resolve, reject) => {
    let line = '';
    socket.on('readable', function read() {
      // One byte at a time: what is behind the line is not ours to take.
      for (
        let byte = socket.read(1) as Uint8Array | null;
        byte !== null;
        byte = socket.read(1) as Uint8Array | null
      ) {
        if (byte[0] !== NEWLINE) {
          line += String.fromCharCode(byte[0] ?? 0);
          if (line.length <= MAX_LINE) continue;
        }
        socket.off('readable', read);
        return /^OK [0-9]{1,10}$/.test(line) ? resolve() : reject(new Error('an answer other than OK'));
      }
    });
    socket.once('end', () => reject(new Error('it closed the connection')));
  });
}

/** Wait for what a socket does, its failure, or the signal. */
async function settled(
  socket: Socket,
  signal: AbortSignal | undefined,
  failure: string,
  start: (resolve: () => void, reject: (error: Error) => void) => void,
): Promise<void> {
  let abort = (): void => undefined;
  let fail: (error: Error) => void = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      abort = () => reject(signal?.reason as Error);
      fail = reject;
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort);
      socket.once('error', fail);
      start(resolve, reject);
    });
  } catch (cause) {
    socket.on('error', () => undefined).destroy();
    if (signal?.aborted === true)
      throw new TtrpcError('ERR_TTRPC_CANCELLED', 'connecting was cancelled', { cause });
    throw new TtrpcError('ERR_TTRPC_CLOSED', failure, { cause });
  } finally {
    signal?.removeEventListener('abort', abort);
    socket.off('error', fail);
  }
}

async function bindPath(server: Server, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await listen(server, { path });
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !(await isStale(path))) throw error;
    await unlink(path);
    await listen(server, { path });
  }
}

async function listen(server: Server, target: Target): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(target, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function isStale(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false;
  try {
    (await open({ kind: 'unix', path }, undefined)).destroy();
    return false;
  } catch (error) {
    return codeOf((error as Error).cause) === 'ECONNREFUSED';
  }
}

type Target = { readonly path: string } | { readonly host: string; readonly port: number };

function targetOf(address: SocketAddress, what: 'connect to' | 'listen on'): Target {
  if (address.kind === 'tcp') return { host: address.host, port: address.port };
  if (address.kind === 'unix') {
    return { path: address.path.startsWith('@') ? `\0${address.path.slice(1)}` : address.path };
  }
  if (address.kind === 'hvsock' && what === 'connect to') return { path: address.path };
  throw new TtrpcError('ERR_TTRPC_ADDRESS', `this platform cannot ${what} a ${address.kind} address`);
}

function addressOf(server: Server, asked: SocketAddress): SocketAddress {
  const bound = server.address();
  if (asked.kind !== 'tcp' || typeof bound !== 'object' || bound === null) return asked;
  return { ...asked, port: bound.port };
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

const NEWLINE = 0x0a;
const MAX_LINE = 64;
