import { describe, expect, it } from 'vitest';
import {
  FRAME_FLAG,
  FRAME_TYPE,
  implement,
  MAX_DATA_BYTES,
  serve,
  type ServerOptions,
} from '../src/index.js';
import { requestFrame, response, text } from './envelopes.js';
import { deafPeer, flagOf, Peer } from './peer.js';

const echo = { text: { no: 1, type: 'string' } } as const;
const service = {
  name: 'test.Echo',
  methods: {
    Echo: { request: echo, response: echo },
    Both: { request: echo, response: echo, stream: 'both' },
  },
} as const;

const hello = Uint8Array.of(0x0a, 1, 0x61);

function startServer(options: ServerOptions = {}) {
  const peer = new Peer();
  let aborted = 0;
  const implementation = implement(service, {
    Echo: (message) => message,
    async *Both(requests, { signal }) {
      signal.addEventListener('abort', () => (aborted += 1));
      for await (const each of requests) yield each;
    },
  });
  const server = serve(peer.duplex, [implementation], options);
  return { peer, server, aborted: () => aborted };
}

const status = (data: Uint8Array | undefined): number =>
  response.decode(data ?? new Uint8Array()).status?.code ?? 0;
const closedBecause = (code: string, message: RegExp = /./): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string });

describe('a client that', () => {
  it.each([
    ['an HTTP request', text(`GET / HTTP/1.1\r\nhost: x\r\n\r\n${' '.repeat(1000)}`)],
    ['a TLS hello', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0, 0, 0)],
    ['the largest length there is', Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 1, 1, 0)],
  ])('sends %s is cut off at once', async (_, bytes) => {
    const { peer, server } = startServer();
    await peer.send(bytes);
    await expect(server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /over the limit/));
    await peer.ended;
  });

  it('sends frames over the limit is answered, until it is too much', async () => {
    const { peer, server } = startServer();
    const data = new Uint8Array(MAX_DATA_BYTES);
    const header = Uint8Array.of(0, 0x80, 0, 0, 0, 0, 0, 1, 1, 0); // 8 MiB
    const over = flagOf(server.closed);
    let sent = 0;
    for (; !over() && sent < 100; sent += 1) await peer.send(header, data, data);
    await expect(server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /over the limit/));
    await peer.ended;
    expect(sent).toBeLessThan(12);
    expect(peer.frames.length).toBeGreaterThan(3);
    expect(new Set(peer.frames.map(({ data: answer }) => status(answer)))).toEqual(new Set([3]));
  });

  it.each([
    ['frames of unknown types', { streamId: 1, type: 9 }],
    ['responses', { streamId: 1, type: FRAME_TYPE.response }],
    ['even stream ids', { streamId: 2, type: FRAME_TYPE.request }],
    ['data of no call', { streamId: 1, type: FRAME_TYPE.data }],
    ['requests that do not parse', { streamId: 1, type: FRAME_TYPE.request, data: Uint8Array.of(255) }],
  ])('floods with %s is cut off', async (_, frame) => {
    const { peer, server } = startServer();
    const garbage = Array.from({ length: 200 }, () => frame);
    await peer.send(...garbage);
    await expect(server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /too often/));
    await peer.ended;
  });

  it('reuses a stream id is refused, and later ids are served', async () => {
    const { peer, server } = startServer();
    const call = (id: number) => requestFrame(id, service.name, 'Echo', { payload: hello });
    await peer.send(call(5), call(5), call(3), call(7));
    await peer.received(4);
    const answers = peer.frames.map(({ streamId, data }) => [streamId, status(data)]);
    expect(answers.sort(([a = 0, x = 0], [c = 0, y = 0]) => a - c || x - y)).toEqual([
      [3, 3],
      [5, 0],
      [5, 3],
      [7, 0],
    ]);
    server.close();
  });

  it('sends data in a unary call, or behind the end of its stream, fails that call only', async () => {
    const { peer, server, aborted } = startServer();
    const data = { streamId: 1, type: FRAME_TYPE.data, data: hello };
    const end = { streamId: 1, type: FRAME_TYPE.data, flags: FRAME_FLAG.remoteClosed | FRAME_FLAG.noData };
    await peer.send(requestFrame(1, service.name, 'Both', { flags: FRAME_FLAG.remoteOpen }), data, end, data);
    await peer.received(1);
    await peer.send(requestFrame(3, service.name, 'Echo', { payload: hello }));
    await expect
      .poll(() =>
        peer.frames
          .filter(({ type }) => type === FRAME_TYPE.response)
          .map(({ streamId, data: answer }) => [streamId, status(answer)]),
      )
      .toEqual([
        [1, 3],
        [3, 0],
      ]);
    expect(aborted()).toBe(1);
    server.close();
  });

  it('goes on sending data to a call that is over learns so, and is not cut off', async () => {
    const { peer, server } = startServer();
    await peer.send(requestFrame(1, service.name, 'Echo', { payload: hello }));
    await peer.received(1);
    const data = { streamId: 1, type: FRAME_TYPE.data, data: hello };
    await peer.send(...Array.from({ length: 300 }, () => data));
    await peer.send(requestFrame(3, service.name, 'Echo', { payload: hello }));
    await peer.received(302);
    expect(peer.frames.at(-1)).toMatchObject({ streamId: 3 });
    server.close();
  });

  it.each([
    ['half a header', Uint8Array.of(0, 0, 0)],
    ['half a frame', Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 1, 1, 0, 5)],
    ['half a frame over the limit', Uint8Array.of(0, 0x50, 0, 0, 0, 0, 0, 1, 1, 0, 5)],
  ])('sends %s and nothing more is cut off in time', async (_, bytes) => {
    const { peer, server } = startServer({ stallTimeout: 20 });
    await peer.send(requestFrame(1, service.name, 'Echo', { payload: hello }), bytes);
    await expect(server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /did not end/));
    await peer.ended;
    expect(peer.frames).toHaveLength(1);
  });

  it('sends a frame byte by byte for ever is cut off in time', async () => {
    const { peer, server } = startServer({ stallTimeout: 50 });
    const over = flagOf(server.closed);
    await peer.send(Uint8Array.of(0, 0x10, 0, 0, 0, 0, 0, 1, 1, 0));
    while (!over()) {
      await peer.send(Uint8Array.of(0));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await expect(server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /did not end/));
  });

  it('ends inside a frame is told apart from one that is done', async () => {
    const half = startServer();
    await half.peer.send(Uint8Array.of(0, 0, 0));
    await half.peer.end();
    await expect(half.server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /inside a frame/));
    const whole = startServer();
    await whole.peer.end();
    await expect(whole.server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_CLOSED'));
  });

  it('goes away in a call ends its handler', async () => {
    const { peer, server, aborted } = startServer();
    await peer.send(requestFrame(1, service.name, 'Both', { flags: FRAME_FLAG.remoteOpen }));
    await peer.send({ streamId: 1, type: FRAME_TYPE.data, data: hello });
    await peer.received(1);
    await peer.end();
    await server.closed;
    expect(aborted()).toBe(1);
    await peer.ended;
  });

  it('asks and asks but takes no answers is not asked for more, and cut off', async () => {
    const asked = deafPeer();
    let handled = 0;
    const big = 'x'.repeat(10_000);
    const implementation = implement(service, {
      Echo() {
        handled += 1;
        return { text: big };
      },
    });
    const server = serve(asked.duplex, [implementation], { stallTimeout: 50 });
    const over = flagOf(server.closed);
    let sent = 0;
    for (; !over() && sent < 100_000; sent += 1) {
      await asked.offer(requestFrame(2 * sent + 1, service.name, 'Echo', { payload: hello }));
    }
    await expect(server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_CLOSED', /does not take/));
    expect(handled).toBeLessThan(200);
    expect(asked.aborted()).toBe(true);
  });

  it('carries no bytes at all is cut off', async () => {
    const readable = new ReadableStream({ start: (controller) => controller.enqueue('text') });
    const server = serve({ readable, writable: new WritableStream() }, []);
    await expect(server.closed).resolves.toEqual(closedBecause('ERR_TTRPC_CLOSED', /lost/));
  });
});
