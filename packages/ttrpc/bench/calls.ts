/** Calls over a unix socket, against the bare exchange of as many bytes over another: `pnpm bench ttrpc`. Both ends are here. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUtf8 } from '@sealwright/bytes';
import { paired, report } from '../../../tools/bench.ts';
import {
  attestationAgentService,
  createClient,
  createStub,
  implement,
  messageCodec,
  serve,
} from '../src/index.js';
import { connectSocket, listenSocket } from '../src/platform/node.js';

const MANY = 64;
const REQUEST_BYTES = 102; // of a frame that asks for evidence
const RESPONSE_BYTES = 128; // of the frame that has it
const RuntimeData = new Uint8Array(32);
const Evidence = encodeUtf8(`{"svn":"1","report_data":"${'A'.repeat(85)}="}`);

const folder = await mkdtemp(join(tmpdir(), 'sealwright-ttrpc-'));
const agent = implement(attestationAgentService, { GetEvidence: () => ({ Evidence }) });
const listener = await listenSocket(
  join(folder, 'ttrpc.sock'),
  (connection) => void serve(connection, [agent]),
);
const client = createClient(await connectSocket(listener.address));
const stub = createStub(client, attestationAgentService);
const call = async (timeout?: number): Promise<number> => {
  const { Evidence: got } = await stub.GetEvidence({ RuntimeData }, timeout === undefined ? {} : { timeout });
  return got.byteLength;
};

const bare = createServer((socket) => {
  let waiting = 0;
  socket.on('data', (chunk) => {
    waiting += chunk.byteLength;
    const answers = Math.floor(waiting / REQUEST_BYTES);
    waiting -= answers * REQUEST_BYTES;
    socket.write(new Uint8Array(answers * RESPONSE_BYTES));
  });
});
bare.listen(join(folder, 'bare.sock'));
await once(bare, 'listening');
const socket = connect(join(folder, 'bare.sock'));
await once(socket, 'connect');
let left = 0;
let done = (): void => undefined;
socket.on('data', (chunk) => {
  left -= chunk.byteLength;
  if (left === 0) done();
});
const exchange = async (count: number): Promise<number> => {
  left = count * RESPONSE_BYTES;
  socket.write(new Uint8Array(count * REQUEST_BYTES));
  await new Promise<void>((resolve) => (done = resolve));
  return count;
};

const field = { no: 1, type: 'bytes' } as const;
const codec = messageCodec({
  Domain: { no: 1, type: 'string' },
  Operation: { no: 2, type: 'string' },
  Content: { no: 3, type: 'string' },
  RegisterIndex: { no: 4, type: 'uint64', optional: true },
});
const event = {
  Domain: 'example.com',
  Operation: 'PullImage',
  Content: '{"image":"busybox"}',
  RegisterIndex: 17n,
};
const encoded = codec.encode(event);
const json = JSON.stringify({ ...event, RegisterIndex: 17 });

const results = [
  await paired(
    'a call, one after the other, against the bare exchange',
    () => call(),
    () => exchange(1),
  ),
  await paired(
    'the same with a timeout',
    () => call(5000),
    () => exchange(1),
  ),
  await paired(
    `${MANY} calls at once, against the bare exchange of as many`,
    async () => (await Promise.all(Array.from({ length: MANY }, () => call()))).length,
    () => exchange(MANY),
  ),
  await paired(
    'encode a message of four fields, against JSON.stringify',
    () => codec.encode(event).length,
    () => JSON.stringify({ ...event, RegisterIndex: 17 }).length,
  ),
  await paired(
    'decode it, against JSON.parse',
    () => codec.decode(encoded).Domain.length,
    () => (JSON.parse(json) as { Domain: string }).Domain.length,
  ),
  await paired(
    'prepare a message, against a copy of its descriptor',
    () => Number('encode' in messageCodec({ field })),
    () => Object.keys({ ...field }).length,
  ),
];
report(results);
const [one, , many] = results;
if (one !== undefined && many !== undefined) {
  const rate = (microseconds: number): string => Math.round(1e6 / microseconds).toLocaleString('en');
  console.log(
    `calls/s on one core, both ends: ${rate(one.candidate)} one by one, ${rate(many.candidate / MANY)} of ${MANY} at once`,
  );
}

client.close();
await listener.close();
socket.destroy();
bare.close();
await rm(folder, { recursive: true });
