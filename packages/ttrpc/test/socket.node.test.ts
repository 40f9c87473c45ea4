import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Duplex as NodeDuplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createClient,
  createStub,
  type Duplex,
  formatAddress,
  implement,
  serve,
  type ServerConnection,
  type ServerOptions,
} from '../src/index.js';
import { connectSocket, duplexOf, listenSocket } from '../src/platform/node.js';

const echo = { data: { no: 1, type: 'bytes' } } as const;
const service = {
  name: 'test.Echo',
  methods: {
    Echo: { request: echo, response: echo },
    Wait: { request: {}, response: {} },
    Both: { request: echo, response: echo, stream: 'both' },
  },
} as const;

let folder = '';
let count = 0;
const newPath = (): string => join(folder, `${(count += 1)}.sock`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealwright-ttrpc-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function start(address = newPath(), options: ServerOptions = {}) {
  const connections: ServerConnection[] = [];
  const implementation = implement(service, {
    Echo: (message) => message,
    Wait: () => new Promise(() => undefined),
    async *Both(requests) {
      yield* requests;
    },
  });
  const listener = await listenSocket(address, (duplex) => {
    connections.push(serve(duplex, [implementation], options));
  });
  return { listener, connections, path: address };
}

describe('listenSocket and connectSocket', () => {
  it.each(['unix', 'abstract', 'tcp'])('carry calls over a %s socket', async (kind) => {
    const address =
      kind === 'unix'
        ? `unix://${newPath()}`
        : kind === 'tcp'
          ? 'tcp://127.0.0.1:0'
          : `unix://@sealwright-${process.pid}`;
    const { listener } = await start(address);
    const client = createClient(await connectSocket(formatAddress(listener.address)));
    const stub = createStub(client, service);
    for (const size of [0, 1, 100, 70_000, 4_000_000]) {
      const data = new Uint8Array(size).map((_, index) => index * 7);
      const answer = await stub.Echo({ data });
      expect(Buffer.compare(answer.data, data)).toBe(0);
    }
    const many = Array.from({ length: 200 }, (_, index) => stub.Echo({ data: Uint8Array.of(index) }));
    expect((await Promise.all(many)).map(({ data }) => data[0])).toEqual(many.map((_, index) => index));
    client.close();
    await listener.close();
  });

  it('stream large messages both ways at once', async () => {
    const { listener } = await start();
    const client = createClient(await connectSocket(listener.address));
    const data = new Uint8Array(1_000_000);
    function* requests() {
      for (let index = 0; index < 30; index += 1) yield { data };
    }
    let bytes = 0;
    for await (const each of createStub(client, service).Both(requests())) bytes += each.data.byteLength;
    expect(bytes).toBe(30_000_000);
    client.close();
    await listener.close();
  });

  it('make the folder of a unix socket, and remove the socket', async () => {
    const deep = join(folder, 'a', 'b', 'c.sock');
    const { listener } = await start(deep);
    expect(lstatSync(deep).isSocket()).toBe(true);
    await listener.close();
    expect(await readdir(join(folder, 'a', 'b'))).toEqual([]);
  });

  it('replace a socket that nobody listens on, and nothing else', async () => {
    const path = newPath();
    const stale = createServer().listen(path);
    await once(stale, 'listening');
    const kept = newPath();
    // A socket stays behind when its process dies; here its file is moved, so that closing does not find it.
    await rename(path, kept);
    stale.close();
    await once(stale, 'close');
    const { listener } = await start(kept);
    await expect(start(kept)).rejects.toMatchObject({
      code: 'ERR_TTRPC_CLOSED',
      cause: { code: 'EADDRINUSE' },
    });
    const client = createClient(await connectSocket(kept));
    expect(await createStub(client, service).Echo({})).toEqual({ data: new Uint8Array() });
    client.close();
    await listener.close();
    const file = newPath();
    await writeFile(file, 'not a socket');
    await expect(start(file)).rejects.toMatchObject({ code: 'ERR_TTRPC_CLOSED' });
  });

  it('say why nobody could be reached', async () => {
    await expect(connectSocket(newPath())).rejects.toMatchObject({
      code: 'ERR_TTRPC_CLOSED',
      status: 14,
      cause: { code: 'ENOENT' },
    });
    await expect(connectSocket('vsock://3:1024')).rejects.toMatchObject({ code: 'ERR_TTRPC_ADDRESS' });
    await expect(listenSocket('vsock://-1:1024', () => undefined)).rejects.toMatchObject({
      code: 'ERR_TTRPC_ADDRESS',
    });
    await expect(listenSocket('hvsock:///a:1', () => undefined)).rejects.toMatchObject({
      code: 'ERR_TTRPC_ADDRESS',
    });
    await expect(connectSocket('relative.sock')).rejects.toMatchObject({ code: 'ERR_TTRPC_ADDRESS' });
    await expect(connectSocket(newPath(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_TTRPC_CANCELLED',
    });
  });

  it('close connections over their number', async () => {
    const path = newPath();
    const listener = await listenSocket(path, (duplex) => void serve(duplex, []), { maxConnections: 1 });
    const first = createClient(await connectSocket(path));
    await expect(first.unary({ service: 's', method: 'm' })).rejects.toMatchObject({
      code: 'ERR_TTRPC_STATUS',
    });
    const second = createClient(await connectSocket(path));
    await expect(second.closed).resolves.toMatchObject({ code: 'ERR_TTRPC_CLOSED' });
    first.close();
    await listener.close();
  });

  it('fail calls under way when the listener closes', async () => {
    const { listener } = await start();
    const client = createClient(await connectSocket(listener.address));
    const call = createStub(client, service).Wait({});
    const failed = call.catch((error: unknown) => error);
    await createStub(client, service).Echo({});
    await listener.close();
    expect(await failed).toMatchObject({ code: 'ERR_TTRPC_CLOSED' });
  });
});

describe('a hostile peer at the other end of a socket leaves nothing behind:', () => {
  const hostile: [string, (socket: Socket) => void, ServerOptions?][] = [
    ['garbage', (socket) => socket.write('GET / HTTP/1.1\r\nhost: example.com\r\n\r\n')],
    [
      'half a frame, then silence',
      (socket) => socket.write(Uint8Array.of(0, 0, 0, 9, 0)),
      { stallTimeout: 20 },
    ],
    ['half a frame, then the end', (socket) => socket.end(Uint8Array.of(0, 0, 0, 9, 0))],
    [
      'half a frame, then nobody',
      (socket) => socket.write(Uint8Array.of(0, 0, 0, 9, 0), () => socket.destroy()),
    ],
    ['a flood of frames that make no sense', (socket) => socket.write(new Uint8Array(100_000))],
    [
      'questions whose answers nobody takes',
      (socket) => {
        socket.pause();
        const name = new Uint8Array(Buffer.from('0a09746573742e4563686f12044563686f', 'hex'));
        const payload = new Uint8Array(60_000);
        for (let id = 1; id < 400; id += 2) {
          const inner = Buffer.concat([Uint8Array.of(0x0a, 0xe0, 0xd4, 3), payload]);
          const data = Buffer.concat([name, Uint8Array.of(0x1a, 0xe4, 0xd4, 3), inner]);
          const header = Buffer.alloc(10);
          header.writeUInt32BE(data.length, 0);
          header.writeUInt32BE(id, 4);
          header[8] = 1;
          socket.write(Buffer.concat([header, data]));
        }
      },
      { stallTimeout: 50 },
    ],
  ];

  it.each(hostile)('%s', async (_, attack, options) => {
    const { listener, connections, path } = await start(newPath(), options);
    const socket = connect({ path, allowHalfOpen: true });
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    await expect.poll(() => connections.length).toBe(1);
    const cut = new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
    attack(socket);
    await connections[0]?.closed;
    socket.resume();
    await cut;
    socket.destroy();
    // Others are served as before.
    const client = createClient(await connectSocket(path));
    expect(await createStub(client, service).Echo({ data: Uint8Array.of(1) })).toEqual({
      data: Uint8Array.of(1),
    });
    client.close();
    await listener.close();
  });

  it('two hundred of them, no socket', async () => {
    const { listener, connections, path } = await start(newPath(), { stallTimeout: 30 });
    const before = openResources();
    const attacks = hostile
      .filter(([, , options]) => options?.stallTimeout !== 50)
      .map(([, attack]) => attack);
    for (let round = 0; round < 200; round += 20) {
      const peers = Array.from({ length: 20 }, () => connect({ path, allowHalfOpen: true }));
      for (const [index, peer] of peers.entries()) {
        peer.on('error', () => undefined);
        if (peer.connecting) await once(peer, 'connect');
        attacks[index % attacks.length]?.(peer);
      }
      await expect.poll(() => connections.length).toBe(round + 20);
      await Promise.all(connections.map(({ closed }) => closed));
      for (const peer of peers) peer.destroy();
    }
    await expect.poll(openResources).toEqual(before);
    await listener.close();
  });

  it('no socket of the server stays open once its peer was cut off', async () => {
    const server = createServer({ allowHalfOpen: true });
    const path = newPath();
    server.listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const peer = connect({ path, allowHalfOpen: true });
    peer.on('error', () => undefined);
    const [socket] = await accepted;
    const connection = serve(duplexOf(socket), []);
    peer.write('GET / HTTP/1.1\r\n\r\n');
    await connection.closed;
    await expect.poll(() => socket.destroyed).toBe(true); // the peer never closed its end
    peer.destroy();
    server.close();
    await once(server, 'close');
  });
});

/** How many sockets the process holds; those of the test runner are there before and after. */
function openResources(): Record<string, number> {
  const counts: Record<string, number> = { PipeWrap: 0, PipeConnectWrap: 0, WriteWrap: 0, ShutdownWrap: 0 };
  for (const name of process.getActiveResourcesInfo())
    if (name in counts) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('hvsock', () => {
  /** The unix socket of a virtual machine monitor: a line says the port, a line answers, the guest follows. */
  async function startMonitor(
    answer: string,
    guest: string,
  ): Promise<{ path: string; server: Server; asked: string[] }> {
    const asked: string[] = [];
    const path = newPath();
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (line) => {
        asked.push(line.toString());
        socket.write(answer);
        if (!answer.startsWith('OK')) return socket.end();
        const inside = connect(guest);
        inside.on('error', () => undefined);
        socket.pipe(inside).pipe(socket);
        return undefined;
      });
    });
    server.listen(path);
    await once(server, 'listening');
    return { path, server, asked };
  }

  it('asks the monitor for the port of the guest', async () => {
    const { listener, path: guest } = await start();
    const { path, server, asked } = await startMonitor('OK 1073741824\n', guest);
    const client = createClient(await connectSocket(`hvsock://${path}:1024`));
    const data = new Uint8Array(100_000).fill(7);
    expect((await createStub(client, service).Echo({ data })).data).toEqual(data);
    expect(asked).toEqual(['CONNECT 1024\n']);
    client.close();
    await listener.close();
    server.close();
    await once(server, 'close');
  });

  it.each([
    ['refuses', 'ERR no such port\n'],
    ['says nothing and ends', ''],
    ['talks and talks', 'x'.repeat(1000)],
  ])('fails where the monitor %s', async (_, answer) => {
    const { path, server } = await startMonitor(answer, '');
    await expect(connectSocket(`hvsock://${path}:1`)).rejects.toMatchObject({ code: 'ERR_TTRPC_CLOSED' });
    server.close();
    await once(server, 'close');
  });

  it('can be given up', async () => {
    const path = newPath();
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    server.listen(path);
    await once(server, 'listening');
    const controller = new AbortController();
    const connecting = connectSocket(`hvsock://${path}:1`, { signal: controller.signal });
    await expect.poll(() => sockets.length).toBe(1);
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'ERR_TTRPC_CANCELLED' });
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
});

describe('duplexOf', () => {
  it('takes any two-way stream of Node', async () => {
    const [there, back] = [new PassThrough(), new PassThrough()];
    const near: Duplex = duplexOf(NodeDuplex.from({ readable: back, writable: there }));
    const far: Duplex = duplexOf(NodeDuplex.from({ readable: there, writable: back }));
    const server = serve(far, [implement(service, { Echo: (message) => message })]);
    const client = createClient(near);
    expect(await createStub(client, service).Echo({ data: Uint8Array.of(5) })).toEqual({
      data: Uint8Array.of(5),
    });
    client.close();
    await server.closed;
  });
});
