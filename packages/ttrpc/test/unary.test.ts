import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  attestationAgentService,
  type CallContext,
  createClient,
  createStub,
  duplexPair,
  implement,
  serve,
  statusError,
  TtrpcError,
} from '../src/index.js';
import { calculator, collect, connect, failure, handlers } from './calculator.js';
import { requestFrame, response } from './envelopes.js';
import { Peer } from './peer.js';

describe('a unary call', () => {
  it('is typed by its descriptor', async () => {
    const { stub, client } = connect();
    const { value } = await stub.Double({ value: 21n });
    expectTypeOf(value).toEqualTypeOf<bigint>();
    expect(value).toBe(42n);
    // @ts-expect-error -- no such method
    expect(stub.Halve).toBe(undefined);
    client.close();
  });

  it('runs beside others, answered in any order', async () => {
    const release: (() => void)[] = [];
    const { stub, client } = connect({
      Wait: ({ value }) => new Promise((resolve) => release.push(() => resolve({ value }))),
    });
    const done: bigint[] = [];
    const calls = [1n, 2n, 3n].map(async (value) => {
      await stub.Wait({ value });
      done.push(value);
    });
    expect(await stub.Double({ value: 4n })).toEqual({ value: 8n });
    for (const each of release.reverse()) {
      each();
      await stub.Double({ value: 0n });
    }
    await Promise.all(calls);
    expect(done).toEqual([3n, 2n, 1n]);
    client.close();
  });

  it('carries metadata, a key as often as it is given, and the timeout', async () => {
    let seen: CallContext | undefined;
    const { stub, client } = connect({
      Double(request, call) {
        seen = call;
        return request;
      },
    });
    const metadata = [
      { key: 'a', value: '1' },
      { key: 'a', value: '' },
    ];
    await stub.Double({}, { metadata, timeout: 1500.5 });
    expect(seen).toMatchObject({ service: 'test.Calculator', method: 'Double', metadata, timeout: 1500.5 });
    expect(seen?.signal.aborted).toBe(false);
    await stub.Double({});
    expect(seen).toMatchObject({ metadata: [], timeout: undefined });
    client.close();
  });

  it('gives the status that a handler says, with its details', async () => {
    const details = [{ type_url: 'type.example.com/a', value: Uint8Array.of(1) }];
    const { stub, client } = connect({
      Double() {
        throw statusError('PERMISSION_DENIED', 'not you', { details, cause: 'a secret' });
      },
    });
    const error: unknown = await stub.Double({}).catch((reason: unknown) => reason);
    if (!(error instanceof TtrpcError)) throw new Error('it did not fail');
    expect(error).toMatchObject({ code: 'ERR_TTRPC_STATUS', status: 7, message: 'not you', details });
    expect(error.statusName).toBe('PERMISSION_DENIED');
    expect(error.cause).toBe(undefined);
    client.close();
  });

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('the password is 1234');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the password is 1234'))],
    ['answers what is no message', () => ({ value: 'text' }) as never],
    ['answers nothing', () => undefined as never],
  ])('does not tell the client what a handler knows that %s', async (_, Double) => {
    const reported: unknown[] = [];
    const { stub, client } = connect(
      { Double },
      { server: { onError: (error) => void reported.push(error) } },
    );
    await expect(stub.Double({})).rejects.toEqual(
      failure('ERR_TTRPC_STATUS', { status: 2, message: 'the call failed' }),
    );
    expect(reported).toEqual([expect.any(Error)]);
    expect(await stub.Scale([]).next()).toEqual({ done: true, value: undefined });
    client.close();
  });

  it.each([
    ['an unknown service', 'test.None', 'Double', 3, 'test.None service does not exist'],
    ['an unknown method', 'test.Calculator', 'Halve', 12, 'Halve method'],
    ['a method of Object', 'test.Calculator', 'toString', 12, 'toString method'],
    [
      'a name that would fill the answer',
      'x'.repeat(100_000),
      'Double',
      3,
      'a name of 100000 characters: service does not exist',
    ],
  ])('to %s fails', async (_, service, method, status, message) => {
    const { client } = connect();
    await expect(client.unary({ service, method })).rejects.toEqual(
      failure('ERR_TTRPC_STATUS', { status, message }),
    );
    client.close();
  });

  it('to a method that is not served is NOT_FOUND', async () => {
    const [near, far] = duplexPair();
    serve(far, [implement(attestationAgentService, {})]);
    const client = createClient(near);
    await expect(createStub(client, attestationAgentService).BindInitData({})).rejects.toEqual(
      failure('ERR_TTRPC_STATUS', {
        status: 5,
        message: '/attestation_agent.AttestationAgentService/BindInitData is not supported',
      }),
    );
    client.close();
  });

  it('with a message that does not parse is INVALID_ARGUMENT', async () => {
    const { client } = connect();
    const call = client.unary({ service: calculator.name, method: 'Double', payload: Uint8Array.of(8) });
    await expect(call).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 3 }));
    client.close();
  });

  it('over the limit is refused on either side, and the connection goes on', async () => {
    const big = {
      request: { data: { no: 1, type: 'bytes' } },
      response: { data: { no: 1, type: 'bytes' } },
    } as const;
    const service = { name: 'test.Big', methods: { Echo: big, Make: big } } as const;
    const [near, far] = duplexPair();
    serve(
      far,
      [implement(service, { Echo: (message) => message, Make: () => ({ data: new Uint8Array(0x40_0000) }) })],
      { maxDataBytes: 1000 },
    );
    const client = createClient(near, { maxDataBytes: 500 });
    const stub = createStub(client, service);
    await expect(stub.Echo({ data: new Uint8Array(0x40_0000) })).rejects.toEqual(failure('ERR_TTRPC_LIMIT'));
    await expect(stub.Echo({ data: new Uint8Array(1000) })).rejects.toEqual(
      failure('ERR_TTRPC_STATUS', { status: 3 }),
    );
    await expect(stub.Echo({ data: new Uint8Array(600) })).rejects.toEqual(failure('ERR_TTRPC_LIMIT'));
    await expect(stub.Make({})).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 3 }));
    expect(await stub.Echo({ data: new Uint8Array(400) })).toEqual({ data: new Uint8Array(400) });
    client.close();
  });

  it('ends at its timeout, and so does its handler', async () => {
    let reason: unknown;
    const { stub, client } = connect(
      {
        Wait: (_, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              reason = signal.reason;
              resolve({});
            });
          }),
      },
      { client: { timeout: 10 } },
    );
    await expect(stub.Wait({})).rejects.toEqual(failure('ERR_TTRPC_DEADLINE', { status: 4 }));
    await stub.Double({}, { timeout: 60_000 });
    await expect.poll(() => reason).toEqual(failure('ERR_TTRPC_DEADLINE'));
    client.close();
  });

  it.each([5_000_000n, 1n, -1n])(
    'is answered DEADLINE_EXCEEDED where it may take %d ns',
    async (timeout_nano) => {
      const peer = new Peer();
      const server = serve(peer.duplex, [implement(calculator, handlers)]);
      await peer.send(requestFrame(1, calculator.name, 'Wait', { timeout_nano }));
      const [answer] = await peer.received(1);
      expect(response.decode(answer?.data ?? new Uint8Array()).status).toMatchObject({
        code: 4,
        message: 'timeout',
      });
      server.close();
    },
  );

  it('is given up when its signal is aborted; others go on', async () => {
    const { stub, client } = connect();
    const controller = new AbortController();
    const call = stub.Wait({}, { signal: controller.signal });
    controller.abort('enough');
    await expect(call).rejects.toEqual(failure('ERR_TTRPC_CANCELLED', { cause: 'enough' }));
    await expect(stub.Wait({}, { signal: controller.signal })).rejects.toEqual(
      failure('ERR_TTRPC_CANCELLED'),
    );
    expect(await stub.Double({ value: 1n })).toEqual({ value: 2n });
    client.close();
  });

  it.each([0, -1, Number.NaN, Infinity])('does not take a timeout of %d', async (timeout) => {
    const { stub, client } = connect();
    await expect(stub.Double({}, { timeout })).rejects.toThrow(TypeError);
    expect(() => createClient(duplexPair()[0], { timeout })).toThrow(TypeError);
    client.close();
  });
});

it('gives a client the bytes where there is no descriptor', async () => {
  const { client } = connect();
  const service = calculator.name;
  expect(await client.unary({ service, method: 'Double', payload: Uint8Array.of(8, 4) })).toEqual(
    Uint8Array.of(8, 8),
  );
  const answers = client.stream({ service, method: 'Scale' }, [Uint8Array.of(8, 1), new Uint8Array()]);
  expect(await collect(answers)).toEqual([Uint8Array.of(8, 10), new Uint8Array()]);
  await expect(client.unary({ service: '\ud800', method: 'm' })).rejects.toEqual(
    failure('ERR_TTRPC_MESSAGE'),
  );
  client.close();
});
