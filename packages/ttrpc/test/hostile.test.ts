import { describe, expect, it } from 'vitest';
import {
  createClient,
  createStub,
  type Duplex,
  FRAME_FLAG,
  FRAME_TYPE,
  getResourceService,
  implement,
  MAX_DATA_BYTES,
  serve,
  type FrameInit,
  type ServerOptions,
} from '../src/index.js';
import { requestFrame, response, responseFrame, text } from './envelopes.js';
import { Peer } from './peer.js';

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

describe('a server that', () => {
  const call = { service: 's', method: 'm' };

  function startClient(options: Parameters<typeof createClient>[1] = {}) {
    const peer = new Peer();
    return { peer, client: createClient(peer.duplex, options) };
  }

  it.each([
    ['an answer that does not parse', { streamId: 1, type: FRAME_TYPE.response, data: Uint8Array.of(255) }],
    ['a stream', { streamId: 1, type: FRAME_TYPE.data, data: hello }],
    ['a request', { streamId: 1, type: FRAME_TYPE.request, data: hello }],
  ])('answers a unary call with %s fails that call only', async (_, frame) => {
    const { peer, client } = startClient();
    const bad = client.unary(call);
    await peer.send(frame);
    await expect(bad).rejects.toEqual(closedBecause('ERR_TTRPC_PROTOCOL'));
    const good = client.unary(call);
    await peer.send(responseFrame(3, hello));
    expect(await good).toEqual(hello);
    client.close();
  });

  it('speaks a later protocol has its unknown frames skipped', async () => {
    const { peer, client } = startClient();
    const result = client.unary(call);
    const stream = client.stream(call).next();
    await peer.send({ streamId: 1, type: 7 }, { streamId: 3, type: 7 });
    await peer.send(responseFrame(1, hello), responseFrame(3, hello));
    expect(await result).toEqual(hello);
    expect(await stream).toEqual({ done: false, value: hello });
    client.close();
  });

  it('answers with a payload that does not parse fails the call of a stub', async () => {
    const { peer, client } = startClient();
    const result = createStub(client, getResourceService).GetResource({});
    await peer.send(responseFrame(1, Uint8Array.of(255)));
    await expect(result).rejects.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /does not parse/));
    client.close();
  });

  it('answers calls that nobody made is not heard', async () => {
    const { peer, client } = startClient();
    const result = client.unary(call);
    await peer.send(responseFrame(3, 'no', 5), responseFrame(2, 'no', 5), responseFrame(0, 'no', 5));
    await peer.send(responseFrame(1, hello), responseFrame(1, 'again', 5));
    expect(await result).toEqual(hello);
    client.close();
  });

  it('says an error without a payload worth reading, and a code that nobody knows', async () => {
    const { peer, client } = startClient();
    const result = client.unary(call);
    await peer.send(responseFrame(1, 'odd', -7));
    await expect(result).rejects.toMatchObject({ code: 'ERR_TTRPC_STATUS', status: -7, message: 'odd' });
    client.close();
  });

  it('answers over the limit fails the call, and twice as much the connection', async () => {
    const { peer, client } = startClient({ maxDataBytes: 10 });
    const result = client.unary(call);
    await peer.send(responseFrame(1, new Uint8Array(100)));
    await expect(result).rejects.toEqual(closedBecause('ERR_TTRPC_LIMIT'));
    const stream = client.stream(call).next();
    await peer.send({ streamId: 3, type: FRAME_TYPE.data, data: new Uint8Array(11) });
    await expect(stream).rejects.toEqual(closedBecause('ERR_TTRPC_LIMIT'));
    const other = client.unary(call);
    await peer.send(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 5, 2, 0));
    await expect(other).rejects.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /over the limit/));
    await peer.ended;
  });

  it('leaves an answer unfinished is cut off in time', async () => {
    const { peer, client } = startClient({ stallTimeout: 20 });
    const result = client.unary(call);
    await peer.send(Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 1, 2, 0));
    await expect(result).rejects.toEqual(closedBecause('ERR_TTRPC_PROTOCOL', /did not end/));
    await peer.ended;
  });

  it('goes away in the middle of a stream fails it after what had come', async () => {
    const { peer, client } = startClient();
    const stream = client.stream(call);
    const first = stream.next();
    await peer.send({ streamId: 1, type: FRAME_TYPE.data, data: hello });
    await peer.end();
    expect(await first).toEqual({ done: false, value: hello });
    await expect(stream.next()).rejects.toEqual(closedBecause('ERR_TTRPC_CLOSED'));
  });

  it('takes no requests is cut off', async () => {
    const { duplex, aborted } = deafPeer();
    const client = createClient(duplex, { stallTimeout: 20 });
    await expect(client.unary(call)).rejects.toEqual(closedBecause('ERR_TTRPC_CLOSED', /does not take/));
    expect(aborted()).toBe(true);
  });

  it('is lost takes every call with it', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('cable')) });
    const client = createClient({ readable: broken, writable: new WritableStream() });
    await expect(client.unary(call)).rejects.toMatchObject({
      code: 'ERR_TTRPC_CLOSED',
      cause: new Error('cable'),
    });
  });
});

/** Whether something has happened. */
function flagOf(event: Promise<unknown>): () => boolean {
  let happened = false;
  void event.then(() => (happened = true));
  return () => happened;
}

/** A peer that sends and takes nothing. */
function deafPeer(): {
  readonly duplex: Duplex;
  readonly aborted: () => boolean;
  readonly offer: (frame: FrameInit) => Promise<void>;
} {
  const peer = new Peer();
  let aborted = false;
  const writable = new WritableStream<Uint8Array>({
    start: (controller) => controller.signal.addEventListener('abort', () => (aborted = true)),
    write: () => new Promise(() => undefined),
  });
  return {
    duplex: { readable: peer.duplex.readable, writable },
    aborted: () => aborted,
    offer: (frame) => peer.send(frame),
  };
}
