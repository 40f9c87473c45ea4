import { describe, expect, it } from 'vitest';
import { createClient, createStub, duplexPair, implement, serve } from '../src/index.js';
import { calculator, collect, connect, failure } from './calculator.js';

describe('a connection', () => {
  it('that the server closes fails the calls under way', async () => {
    const { stub, client, server } = connect();
    const call = stub.Wait({});
    const stream = stub
      .Scale(
        (async function* none() {
          await new Promise(() => undefined);
          yield {};
        })(),
      )
      .next();
    await stub.Double({});
    server.close();
    await expect(call).rejects.toEqual(failure('ERR_TTRPC_CLOSED', { status: 14 }));
    await expect(stream).rejects.toEqual(failure('ERR_TTRPC_CLOSED'));
    await expect(client.closed).resolves.toEqual(failure('ERR_TTRPC_CLOSED'));
    await expect(stub.Double({})).rejects.toEqual(failure('ERR_TTRPC_CLOSED'));
    await expect(collect(stub.Count({}))).rejects.toEqual(failure('ERR_TTRPC_CLOSED'));
  });

  it('that the client closes aborts the handlers under way', async () => {
    let reason: unknown;
    const { stub, client, server } = connect({
      Wait: (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            resolve({});
          });
        }),
    });
    const call = stub.Wait({});
    await stub.Double({});
    client.close();
    await expect(call).rejects.toEqual(failure('ERR_TTRPC_CLOSED'));
    await expect(server.closed).resolves.toEqual(failure('ERR_TTRPC_CLOSED'));
    expect(reason).toEqual(failure('ERR_TTRPC_CLOSED'));
  });

  it('shuts down when the calls under way are done', async () => {
    let finish = (): void => undefined;
    const { stub, client, server } = connect({
      Wait: () => new Promise((resolve) => (finish = () => resolve({ value: 1n }))),
    });
    const call = stub.Wait({});
    await stub.Double({});
    const down = Promise.all([server.shutdown(), server.shutdown()]);
    await expect(stub.Double({})).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 14 }));
    finish();
    expect(await call).toEqual({ value: 1n });
    await down;
    await client.closed;
  });

  it('takes so many calls at once and no more', async () => {
    const release: (() => void)[] = [];
    const { stub, client, server } = connect(
      { Wait: () => new Promise((resolve) => release.push(() => resolve({}))) },
      { server: { maxConcurrentCalls: 2 } },
    );
    const waiting = [stub.Wait({}), stub.Wait({})];
    await expect(stub.Double({})).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 8 }));
    for (const each of release) each();
    await Promise.all(waiting);
    expect(await stub.Double({ value: 1n })).toEqual({ value: 2n });
    client.close();
    server.close();
  });
});

describe('serve', () => {
  it('does not keep more of requests than 64 MiB', async () => {
    const message = { data: { no: 1, type: 'bytes' } } as const;
    const service = { name: 'test.Big', methods: { Keep: { request: message, response: {} } } } as const;
    const [near, far] = duplexPair();
    const server = serve(far, [implement(service, { Keep: () => new Promise(() => undefined) })]);
    const client = createClient(near);
    const stub = createStub(client, service);
    const calls = Array.from({ length: 18 }, () => stub.Keep({ data: new Uint8Array(4_000_000) }));
    await expect(Promise.race(calls)).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 8 }));
    client.close();
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'));
    await server.closed;
  });

  it('does not take two services of one name', () => {
    const service = implement(calculator, {});
    expect(() => serve(duplexPair()[0], [service, service])).toThrow(TypeError);
  });

  it.each([0, -1, Number.NaN, 2 ** 31])('does not take a stall timeout of %d', (stallTimeout) => {
    expect(() => serve(duplexPair()[0], [], { stallTimeout })).toThrow(TypeError);
  });
});
