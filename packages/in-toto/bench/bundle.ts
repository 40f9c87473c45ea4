/** A bundle of 10 000 lines, read as it arrives: does memory stay where it is? `pnpm bench in-toto`. */
import { encodeUtf8 } from '@sealwright/bytes';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encodeEnvelope, parseStatement, readBundleLines } from '../src/index.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const LINES = 10_000;

/** Lines of 13 kB that all differ, in chunks of 64 KiB, made as they are asked for. */
async function* bundle(): AsyncGenerator<Uint8Array> {
  let chunk = '';
  for (let line = 0; line < LINES; line += 1) {
    const subject = [{ name: `app-${line}`, digest: { sha256: line.toString(16).padStart(64, '0') } }];
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject,
      predicateType: 'https://example.com/p/v1',
    };
    const payload = encodeUtf8(JSON.stringify({ ...statement, predicate: { text: 'x'.repeat(9500) } }));
    const signatures = [{ keyid: '', sig: payload.subarray(0, 64), unknown: {} }];
    chunk += `${encodeEnvelope({ payload, payloadType: 'application/vnd.in-toto+json', signatures })}\n`;
    while (chunk.length >= 65_536) {
      yield encodeUtf8(chunk.slice(0, 65_536));
      chunk = chunk.slice(65_536);
    }
  }
  yield encodeUtf8(chunk);
}

async function read(findRepeats: boolean): Promise<void> {
  const held: string[] = [];
  let [lines, bytes] = [0, 0];
  const started = process.cpuUsage();
  for await (const line of readBundleLines(bundle(), { findRepeats })) {
    if (line.kind !== 'envelope') throw new Error(line.kind);
    bytes += parseStatement(line.envelope.payload).bytes.byteLength;
    lines += 1;
    if (lines % 2500 !== 0) continue;
    collect();
    await setImmediate(); // buffers are given back a moment later
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    held.push(`${((heapUsed + arrayBuffers) / 1e6).toFixed(1)} MB`);
  }
  const { user, system } = process.cpuUsage(started);
  console.log(
    `${lines} lines, ${(bytes / 1e6).toFixed(0)} MB of payload${findRepeats ? ', looking for repeats' : ''}: ` +
      `${held.join(', ')} held after each quarter; ${((user + system) / lines).toFixed(0)} us a line, making it included`,
  );
}

console.log(`Node ${process.version}`);
await read(false);
await read(true);
