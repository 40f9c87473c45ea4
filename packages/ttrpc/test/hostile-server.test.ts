import { describe, expect, it } from 'vitest';
import { createClient, createStub, FRAME_TYPE, getResourceService } from '../src/index.js';
import { responseFrame } from './envelopes.js';
import { deafPeer, Peer } from './peer.js';

const hello = Uint8Array.of(0x0a, 1, 0x61);
const closedBecause = (code: string, message: RegExp = /./): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string });

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
