import { expect } from 'vitest';
import {
  type ClientOptions,
  createClient,
  createStub,
  duplexPair,
  type Handlers,
  implement,
  serve,
  type ServerOptions,
} from '../src/index.js';

const number = { value: { no: 1, type: 'int64' } } as const;
/** A service with a method of every kind. */
export const calculator = {
  name: 'test.Calculator',
  methods: {
    Double: { request: number, response: number },
    Wait: { request: number, response: number },
    Sum: { request: number, response: number, stream: 'client' },
    Count: { request: number, response: number, stream: 'server' },
    Scale: { request: number, response: number, stream: 'both' },
  },
} as const;

/** What answers it; `Wait` only ever fails. */
export const handlers: Handlers<typeof calculator> = {
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

/** A client and a server of it, in memory. */
export function connect(
  more: Handlers<typeof calculator> = {},
  options: { readonly server?: ServerOptions; readonly client?: ClientOptions } = {},
) {
  const [near, far] = duplexPair();
  const server = serve(far, [implement(calculator, { ...handlers, ...more })], options.server);
  const client = createClient(near, options.client);
  return { server, client, stub: createStub(client, calculator) };
}

/** Everything that comes. */
export async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of all) items.push(item);
  return items;
}

/** Messages of one number each. */
export const values = (...each: bigint[]) => each.map((value) => ({ value }));
/** An error of ours, to compare with. */
export const failure = (code: string, more: object = {}): unknown =>
  expect.objectContaining({ name: 'TtrpcError', code, ...more });
