import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  attestationAgentService,
  type CallContext,
  type Client,
  type ClientOptions,
  createClient,
  createStub,
  duplexPair,
  type Handlers,
  implement,
  serve,
  type ServerConnection,
  type ServerOptions,
  statusError,
  statusName,
  TtrpcError,
} from '../src/index.js';
import { requestFrame, response } from './envelopes.js';
import { Peer } from './peer.js';

const number = { value: { no: 1, type: 'int64' } } as const;
const calculator = {
  name: 'test.Calculator',
  methods: {
    Double: { request: number, response: number },
    Wait: { request: number, response: number },
    Sum: { request: number, response: number, stream: 'client' },
    Count: { request: number, response: number, stream: 'server' },
    Scale: { request: number, response: number, stream: 'both' },
  },
} as const;

const handlers: Handlers<typeof calculator> = {
  Double: ({ value }) => ({ value: value * 2n }),
  Wait: (_, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  async Sum(requests) {
    let value = 0n;
    for await (const request of requests) value += request.value;
    return { value };
  },
  async *Count({ value }) {
    for (let index = 1n; index <= value; index += 1n) yield { value: index };
  },
  async *Scale(requests) {
    for await (const { value } of requests) yield { value: value * 10n };
  },
};

function connect(
  more: Handlers<typeof calculator> = {},
  options: { readonly server?: ServerOptions; readonly client?: ClientOptions } = {},
) {
  const [near, far] = duplexPair();
  const server = serve(far, [implement(calculator, { ...handlers, ...more })], options.server);
  const client = createClient(near, options.client);
  return { server, client, stub: createStub(client, calculator) };
}

function broken(): never[] {
  throw new Error('broken');
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of all) items.push(item);
  return items;
}

const values = (...each: bigint[]) => each.map((value) => ({ value }));
const failure = (code: string, more: object = {}): unknown =>
  expect.objectContaining({ name: 'TtrpcError', code, ...more });

function closeAll(...ends: readonly (Client | ServerConnection)[]): void {
  for (const end of ends) end.close();
}

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

describe('a stream', () => {
  it('of the client is summed up in one answer', async () => {
    const { stub, client } = connect();
    expect(await stub.Sum(values(1n, 2n, 0n, 39n))).toEqual({ value: 42n });
    expect(await stub.Sum([])).toEqual({ value: 0n });
    client.close();
  });

  it('of the server comes message by message, empty ones too', async () => {
    const { stub, client } = connect({
      async *Count() {
        yield* values(0n, 1n, 0n);
      },
    });
    expect(await collect(stub.Count({}))).toEqual(values(0n, 1n, 0n));
    client.close();
  });

  it('of both goes both ways at once', async () => {
    const { stub, client } = connect();
    let send: (value: bigint) => void = () => undefined;
    async function* requests() {
      for (;;) {
        const value = await new Promise<bigint>((resolve) => (send = resolve));
        if (value < 0n) return;
        yield { value };
      }
    }
    const answers = stub.Scale(requests());
    const first = answers.next();
    await stub.Double({});
    send(4n);
    expect(await first).toEqual({ done: false, value: { value: 40n } });
    const second = answers.next();
    await stub.Double({});
    send(-1n);
    expect(await second).toEqual({ done: true, value: undefined });
    client.close();
  });

  it('ends with the status of a handler that fails', async () => {
    const { stub, client } = connect({
      async *Count() {
        yield { value: 1n };
        throw statusError(8, 'enough');
      },
      async *Scale() {
        for (const message of broken()) yield message;
      },
      Sum() {
        throw statusError('ABORTED', 'no sum');
      },
    });
    const count = stub.Count({});
    expect(await count.next()).toEqual({ done: false, value: { value: 1n } });
    await expect(count.next()).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 8, message: 'enough' }));
    await expect(stub.Scale(values(1n)).next()).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 2 }));
    await expect(stub.Sum(values(1n))).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 10 }));
    client.close();
  });

  it('goes on where the handler reads no more of it', async () => {
    const { stub, client } = connect({
      async *Scale(requests) {
        for await (const { value } of requests) {
          yield { value };
          break;
        }
        for (let index = 0n; index < 3n; index += 1n) {
          await stub.Double({});
          yield { value: index };
        }
      },
    });
    const many = Array.from({ length: 100 }, (_, index) => ({ value: BigInt(index) }));
    expect(await collect(stub.Scale(many))).toEqual(values(0n, 0n, 1n, 2n));
    client.close();
  });

  it('fails with what the source of its messages throws, and never looks complete to the server', async () => {
    let completed = false;
    const { stub, client } = connect({
      async Sum(requests) {
        for await (const _ of requests);
        completed = true;
        return {};
      },
    });
    async function* requests() {
      yield { value: 1n };
      throw new Error('no more');
    }
    await expect(stub.Sum(requests())).rejects.toThrow('no more');
    await stub.Double({});
    expect(completed).toBe(false);
    client.close();
  });

  it('of both does not come to a halt where either side has much to say', async () => {
    const message = { data: { no: 1, type: 'bytes' } } as const;
    const service = {
      name: 'test.Big',
      methods: { Both: { request: message, response: message, stream: 'both' } },
    } as const;
    const [near, far] = duplexPair();
    const data = new Uint8Array(100_000);
    serve(far, [
      implement(service, {
        async *Both(requests) {
          for (let index = 0; index < 50; index += 1) yield { data }; // before it reads anything
          yield* requests;
        },
      }),
    ]);
    const client = createClient(near);
    const requests = Array.from({ length: 50 }, () => ({ data }));
    expect(await collect(createStub(client, service).Both(requests))).toHaveLength(100);
    client.close();
  });

  it('is bounded in memory: a slow reader holds up the sender', async () => {
    let made = 0;
    const { stub, client } = connect({
      async *Count() {
        for (made = 0; made < 1_000_000; made += 1) yield { value: BigInt(made) };
      },
    });
    const count = stub.Count({});
    for (let index = 0n; index < 10n; index += 1n) {
      expect(await count.next()).toEqual({ done: false, value: { value: index } });
    }
    const settled = async (): Promise<number> => {
      for (let before = -1; before !== made;) {
        before = made;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return made;
    };
    expect(await settled()).toBeLessThan(100_000);
    await count.return();
    expect(await stub.Double({ value: 1n })).toEqual({ value: 2n }); // what still came was dropped
    client.close();
  });

  it('is bounded in memory: a slow handler holds up the client', async () => {
    let release = (): void => undefined;
    const { stub, client } = connect({
      async Sum(requests) {
        await new Promise<void>((resolve) => (release = resolve));
        let value = 0n;
        for await (const request of requests) value += request.value;
        return { value };
      },
    });
    const made = { count: 0 };
    function* requests() {
      for (; made.count < 100_000; made.count += 1) yield { value: 1n };
    }
    const sum = stub.Sum(requests());
    for (let before = -1; before !== made.count || made.count === 0;) {
      before = made.count;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(made.count).toBeLessThan(50_000);
    release();
    expect(await sum).toEqual({ value: 100_000n });
    client.close();
  });

  it('that the client leaves early ends the handler with the connection', async () => {
    let reason: unknown;
    const { stub, client } = connect({
      async *Count(_, { signal }) {
        yield { value: 1n };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        reason = signal.reason;
      },
    });
    for await (const each of stub.Count({})) {
      expect(each).toEqual({ value: 1n });
      break;
    }
    client.close();
    await expect.poll(() => reason).toEqual(failure('ERR_TTRPC_CLOSED'));
  });

  it('ends at its timeout', async () => {
    const { stub, client } = connect({
      async *Count(_, { signal }) {
        yield { value: 1n };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    await expect(collect(stub.Count({}, { timeout: 10 }))).rejects.toEqual(failure('ERR_TTRPC_DEADLINE'));
    client.close();
  });
});

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
    closeAll(client, server);
  });
});

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

describe('serve', () => {
  it('does not take two services of one name', () => {
    const service = implement(calculator, {});
    expect(() => serve(duplexPair()[0], [service, service])).toThrow(TypeError);
  });

  it.each([0, -1, Number.NaN, 2 ** 31])('does not take a stall timeout of %d', (stallTimeout) => {
    expect(() => serve(duplexPair()[0], [], { stallTimeout })).toThrow(TypeError);
  });
});

describe('statusError', () => {
  it('makes every status but OK', () => {
    expect(statusError('NOT_FOUND', 'x').status).toBe(5);
    expect(statusError(16, 'x').statusName).toBe('UNAUTHENTICATED');
    expect(() => statusError('OK', 'x')).toThrow(TypeError);
    expect([statusName(0), statusName(17), statusName(-1)]).toEqual(['OK', undefined, undefined]);
  });

  it('cannot put half of a surrogate pair on the wire', async () => {
    const { stub, client } = connect({
      Double() {
        throw statusError('INTERNAL', '\ud800');
      },
    });
    await expect(stub.Double({})).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 2 }));
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
