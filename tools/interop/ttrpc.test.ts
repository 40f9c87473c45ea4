import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attestationAgentService,
  createClient,
  createStub,
  implement,
  messageCodec,
  serve,
  statusError,
  TtrpcError,
} from '../../packages/ttrpc/src/index.js';
import { connectSocket, listenSocket } from '../../packages/ttrpc/src/platform/node.js';
import { findProgram, temporaryFolder } from './components.js';

const text = { value: { no: 1, type: 'string' } } as const;
const bytes = { value: { no: 1, type: 'bytes' } } as const;
const number = { value: { no: 1, type: 'int64' } } as const;

/** The service of `ttrpc/main.go`. */
const echoService = {
  name: 'interop.Echo',
  methods: {
    Echo: { request: bytes, response: bytes },
    Double: { request: number, response: number },
    Fail: { request: text, response: text },
    Wait: { request: text, response: text },
    Context: { request: text, response: text },
    Sum: { request: number, response: number, stream: 'client' },
    Count: { request: number, response: number, stream: 'server' },
    Broken: { request: number, response: number, stream: 'server' },
    Both: { request: bytes, response: bytes, stream: 'both' },
  },
} as const;

const DETAIL = 'type.googleapis.com/google.protobuf.StringValue';
const detail = messageCodec(text);

const services = [
  implement(attestationAgentService, { GetTeeType: () => ({ tee: 'sample' }) }),
  implement(echoService, {
    Echo: (message) => message,
    Double: ({ value }) => ({ value: 2n * value }),
    Fail({ value }) {
      const details = [{ type_url: DETAIL, value: detail.encode({ value: 'detail' }) }];
      throw statusError('PERMISSION_DENIED', value, { details });
    },
    Wait: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('nobody waits')));
      }),
    Context({ value }, { metadata, timeout }) {
      const values = metadata.filter(({ key }) => key === value).map((entry) => entry.value);
      return { value: `${values.join(',')} limited=${timeout !== undefined}` };
    },
    async Sum(requests) {
      let value = 0n;
      for await (const request of requests) value += request.value;
      return { value };
    },
    async *Count({ value }) {
      for (let index = 0n; index < value; index += 1n) yield { value: index };
    },
    async *Broken() {
      yield { value: 1n };
      throw statusError('ABORTED', 'half way');
    },
    async *Both(requests) {
      yield* requests;
    },
  }),
];

/** What every client says of every server. */
const EXPECTED = [
  'tee: sample',
  'echo 0: true',
  'echo 5: true',
  'echo 70000: true',
  'echo 4000000: true',
  'double: -42',
  'fail:  error 7 not you',
  'detail: detail',
  'unknown method: true',
  'unknown service: true',
  'metadata: 1,2 limited=false',
  'timeout:  limited=true',
  'deadline: true',
  'cancelled: true',
  'at once: 39800',
  'sum: 500500',
  'count: 499500',
  'broken: 1 error 10 half way',
  'both: 3000000',
];

/** The scenarios of `ttrpc/main.go` with our client. */
async function callAll(socket: string): Promise<string[]> {
  const client = createClient(await connectSocket(socket));
  const echo = createStub(client, echoService);
  const said: string[] = [];
  const say = (name: string, outcome: unknown, error?: TtrpcError): void => {
    const failure = error === undefined ? '' : ` error ${error.status} ${error.message}`;
    said.push(`${name}: ${String(outcome)}${failure}`);
  };
  const { tee } = await createStub(client, attestationAgentService).GetTeeType({});
  say('tee', tee);
  for (const size of [0, 5, 70_000, 4_000_000]) {
    const value = new Uint8Array(size).fill(7);
    say(`echo ${size}`, Buffer.compare((await echo.Echo({ value })).value, value) === 0);
  }
  say('double', (await echo.Double({ value: -21n })).value);
  const failed = await failureOf(echo.Fail({ value: 'not you' }));
  say('fail', '', failed);
  for (const { type_url, value } of failed.details) {
    if (type_url === DETAIL) say('detail', detail.decode(value).value);
  }
  const none = { service: echoService.name, method: 'None' };
  say('unknown method', (await failureOf(client.unary(none))).statusName === 'UNIMPLEMENTED');
  say(
    'unknown service',
    (await failureOf(client.unary({ ...none, service: 'interop.None' }))).code === 'ERR_TTRPC_STATUS',
  );
  const metadata = [
    { key: 'k', value: '1' },
    { key: 'k', value: '2' },
    { key: 'other', value: 'x' },
  ];
  say('metadata', (await echo.Context({ value: 'k' }, { metadata })).value);
  say('timeout', (await echo.Context({ value: 'k' }, { timeout: 60_000 })).value);
  say('deadline', (await failureOf(echo.Wait({}, { timeout: 50 }))).statusName === 'DEADLINE_EXCEEDED');
  const cancelled = await failureOf(echo.Wait({}, { signal: AbortSignal.abort() }));
  say('cancelled', cancelled.code === 'ERR_TTRPC_CANCELLED');
  const all = await Promise.all(
    Array.from({ length: 200 }, (_, index) => echo.Double({ value: BigInt(index) })),
  );
  say(
    'at once',
    all.reduce((sum, { value }) => sum + value, 0n),
  );
  say('sum', (await echo.Sum(Array.from({ length: 1001 }, (_, index) => ({ value: BigInt(index) })))).value);
  for (const [name, stream] of [
    ['count', echo.Count({ value: 1000n })],
    ['broken', echo.Broken({})],
  ] as const) {
    let total = 0n;
    const error = await failureOf(
      (async () => {
        for await (const { value } of stream) total += value;
      })(),
    ).catch(() => undefined);
    say(name, total, error);
  }
  let length = 0;
  const many = Array.from({ length: 300 }, () => ({ value: new Uint8Array(10_000) }));
  for await (const { value } of echo.Both(many)) length += value.byteLength;
  say('both', length);
  client.close();
  return said;
}

async function failureOf(call: Promise<unknown>): Promise<TtrpcError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TtrpcError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const program = findProgram('ttrpc-peer');

describe("containerd's ttrpc", () => {
  if (program === undefined) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs ttrpc-peer, which cannot be had here', () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await folder?.remove();
  });

  it('calls our server', async () => {
    const socket = join(folder.path, 'ours.sock');
    const listener = await listenSocket(socket, (connection) => void serve(connection, services));
    const { stdout } = await promisify(execFile)(program, ['call', socket], { timeout: 60_000 });
    expect(stdout.trimEnd().split('\n')).toEqual(EXPECTED);
    await listener.close();
  });

  it('answers our client', async () => {
    const socket = join(folder.path, 'theirs.sock');
    const child = spawn(program, ['serve', socket], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [ready] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    expect(ready).toBe('ready');
    expect(await callAll(socket)).toEqual(EXPECTED);
    child.stdin.end();
    await exited;
  });

  it('agrees with us about us', async () => {
    const socket = join(folder.path, 'both.sock');
    const listener = await listenSocket(socket, (connection) => void serve(connection, services));
    expect(await callAll(socket)).toEqual(EXPECTED);
    await listener.close();
  });
});
