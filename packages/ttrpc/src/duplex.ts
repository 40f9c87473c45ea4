/** A connection: bytes come out of one stream, and go into the other. What carries them does not matter. */
export interface Duplex {
  /** Bytes from the peer, cut anywhere; it ends when the peer is done. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Bytes for the peer; a write is done when the carrier took it. */
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * Two ends of a connection in memory: what one writes, the other reads. Nothing is buffered: a write waits for a read.
 *
 * @returns the ends, which are alike.
 */
export function duplexPair(): readonly [Duplex, Duplex] {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}
