import { UsageError } from '@sealwright/service';
import {
  formatAddress,
  type Implementation,
  parseAddress,
  serve,
  type SocketAddress,
  TtrpcError,
} from '@sealwright/ttrpc';
import { listenSocket, type SocketListener } from '@sealwright/ttrpc/node';

/** Services, and the unix socket on which they are served. */
export interface TtrpcSocket {
  /** The flag that says where, for messages. */
  readonly flag: string;
  /** `unix://<path>`, or the path; not served where it is `undefined`. */
  readonly address: string | undefined;
  readonly services: readonly Implementation[];
}

/** Sockets that are being served. */
export interface TtrpcSockets {
  /** The addresses, by flag. */
  readonly addresses: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Serve ttRPC on unix sockets. The caller of a socket gets secrets, so that there is no other kind.
 *
 * @param sockets - what to serve where
 * @param onError - told of what nobody foresaw
 * @throws {@link UsageError} for an address that is none, or where nobody can listen.
 */
export async function serveTtrpc(
  sockets: readonly TtrpcSocket[],
  onError: (error: unknown) => void,
): Promise<TtrpcSockets> {
  const listeners: SocketListener[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  const addresses: Record<string, string> = {};
  for (const { flag, address, services } of sockets) {
    if (address === undefined) continue;
    try {
      const listener = await listenSocket(unixAddress(address), (connection) => {
        serve(connection, services, { onError });
      });
      listeners.push(listener);
      addresses[flag] = formatAddress(listener.address);
    } catch (cause) {
      await close();
      if (!(cause instanceof TtrpcError)) throw cause;
      const { message } = cause.cause instanceof Error ? cause.cause : cause;
      throw new UsageError(`--${flag}: ${message}`, { cause });
    }
  }
  return { addresses, close };
}

function unixAddress(text: string): SocketAddress {
  const address = parseAddress(text);
  if (address.kind !== 'unix') throw new TtrpcError('ERR_TTRPC_ADDRESS', 'a unix:// address is needed');
  return address;
}
