import { concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { expect, it } from 'vitest';
import {
  createClient,
  encodeFrame,
  FRAME_FLAG,
  FRAME_TYPE,
  FrameDecoder,
  implement,
  serve,
  TtrpcError,
} from '../src/index.js';
import { requestFrame, responseFrame } from './envelopes.js';
import { Peer } from './peer.js';

/** `SEALWRIGHT_MUTATIONS=1000000` runs longer. Every run is the same. */
const RUNS = Number(process.env['SEALWRIGHT_MUTATIONS'] ?? 10_000);
const ROUND = 100;

const item = {
  text: { no: 1, type: 'string' },
  numbers: { no: 2, type: 'int64', repeated: true },
  labels: { no: 3, type: 'map' },
} as const;
const service = {
  name: 'test.Echo',
  methods: {
    Echo: { request: item, response: item },
    Sum: { request: item, response: item, stream: 'client' },
    Count: { request: item, response: item, stream: 'server' },
    Both: { request: item, response: item, stream: 'both' },
  },
} as const;
const implementation = implement(service, {
  Echo: (message) => message,
  async Sum(requests) {
    let text = '';
    for await (const each of requests) text += each.text;
    return { text };
  },
  async *Count(message) {
    yield message;
    yield message;
  },
  async *Both(requests) {
    yield* requests;
  },
});

const payload = concatBytes(
  Uint8Array.of(0x0a, 5),
  encodeUtf8('hello'),
  Uint8Array.of(0x12, 3, 1, 0xac, 2, 0x1a, 6, 0x0a, 1, 0x61, 0x12, 1, 0x62),
);

/** Frames of a whole conversation, as a client sends them. */
const fromClient = [
  requestFrame(1, service.name, 'Echo', { payload, timeout_nano: 50_000_000_000n }),
  requestFrame(3, service.name, 'Sum', { flags: FRAME_FLAG.remoteOpen }),
  { streamId: 3, type: FRAME_TYPE.data, data: payload },
  requestFrame(5, service.name, 'Both', { flags: FRAME_FLAG.remoteOpen, payload }),
  { streamId: 5, type: FRAME_TYPE.data, data: payload },
  { streamId: 3, type: FRAME_TYPE.data, flags: FRAME_FLAG.remoteClosed | FRAME_FLAG.noData },
  { streamId: 5, type: FRAME_TYPE.data, flags: FRAME_FLAG.remoteClosed, data: payload },
  requestFrame(7, service.name, 'Count', { payload, flags: FRAME_FLAG.remoteClosed }),
].map(encodeFrame);

/** The same as a server answers it: a unary call, a stream. */
const fromServer = [
  { streamId: 3, type: FRAME_TYPE.data, data: payload },
  responseFrame(1, payload),
  { streamId: 3, type: FRAME_TYPE.data, data: payload },
  responseFrame(5, 'no', 5),
  { streamId: 3, type: FRAME_TYPE.data, flags: FRAME_FLAG.remoteClosed | FRAME_FLAG.noData },
].map(encodeFrame);

it(`answers ${RUNS} mutated conversations with frames or the end, and keeps no call`, async () => {
  const random = generator(1);
  for (let run = 0; run < RUNS; run += ROUND) {
    await Promise.all(Array.from({ length: ROUND }, () => talkToServer(mutate(fromClient, random))));
  }
}, 3_600_000);

it(`hears ${RUNS} mutated answers and fails with typed errors only`, async () => {
  const random = generator(2);
  for (let run = 0; run < RUNS; run += ROUND) {
    await Promise.all(Array.from({ length: ROUND }, () => talkToClient(mutate(fromServer, random))));
  }
}, 3_600_000);

async function talkToServer(bytes: Uint8Array): Promise<void> {
  const peer = new Peer();
  const thrown: unknown[] = [];
  const server = serve(peer.duplex, [implementation], { onError: (error) => thrown.push(error) });
  await peer.send(bytes);
  await peer.end();
  expect(await server.closed).toBeInstanceOf(TtrpcError);
  await peer.ended;
  for (const each of thrown) expect(each).toBeInstanceOf(TtrpcError);
  const decoder = new FrameDecoder();
  for (const chunk of peer.chunks) decoder.push(chunk);
  while (decoder.next() !== undefined);
  expect(decoder.partial).toBe(false);
}

async function talkToClient(bytes: Uint8Array): Promise<void> {
  const peer = new Peer();
  const client = createClient(peer.duplex);
  const call = { service: service.name, method: 'Echo' };
  const all = async (): Promise<unknown> => {
    for await (const _ of client.stream(call));
    return undefined;
  };
  const calls = [client.unary(call), all(), client.unary(call)];
  await peer.send(bytes);
  await peer.end();
  for (const { reason } of (await Promise.allSettled(calls)) as { readonly reason?: unknown }[]) {
    if (reason !== undefined) expect(reason).toBeInstanceOf(TtrpcError);
  }
  expect(await client.closed).toBeInstanceOf(TtrpcError);
}

/** Change frames and their bytes: swapped, repeated, left out, flipped, cut, grown. */
function mutate(frames: readonly Uint8Array[], random: (below: number) => number): Uint8Array {
  const mutated = [...frames];
  for (let count = random(3); count > 0; count -= 1) {
    const [from, to] = [random(mutated.length), random(mutated.length)];
    const frame = mutated[from];
    if (frame === undefined) break;
    if (random(2) === 0) mutated.splice(from, 1);
    if (random(2) === 0) mutated.splice(to, 0, frame);
  }
  let bytes = concatBytes(...mutated);
  for (let count = random(6); count > 0 && bytes.length > 0; count -= 1) {
    const at = random(bytes.length);
    const kind = random(8);
    if (kind < 4) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    else if (kind < 6) bytes[at] = EDGES[random(EDGES.length)] ?? 0;
    else if (kind === 6) bytes = concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1 + random(4)));
    else bytes = concatBytes(bytes.subarray(0, at), Uint8Array.of(random(256)), bytes.subarray(at));
  }
  return random(10) === 0 ? bytes.slice(0, random(bytes.length + 1)) : bytes;
}

/** Numbers that look random and are the same in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

const EDGES = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xff];
