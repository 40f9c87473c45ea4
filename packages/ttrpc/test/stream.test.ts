import { describe, expect, it } from 'vitest';
import { createClient, createStub, duplexPair, implement, serve, statusError } from '../src/index.js';
import { collect, connect, failure, values } from './calculator.js';

function broken(): never[] {
  throw new Error('broken');
}

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
