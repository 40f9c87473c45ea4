/** A revocation list of 100 000 entries, against a copy of its bytes: `pnpm bench der`. */
import { concatBytes } from '@sealwright/bytes';
import { paired, report } from '../../../tools/bench.ts';
import { encodeElement, findRevoked, parseCertificateList } from '../src/index.js';
import { entry, extension, list } from '../test/certificate.fixture.js';

const COUNT = 100_000;
const reason = extension('2.5.29.21', encodeElement(0x0a, Uint8Array.of(1)));

function serialOf(index: number): Uint8Array {
  const serial = new Uint8Array(20).fill(0x11);
  new DataView(serial.buffer).setUint32(16, index);
  return serial;
}

function listOf(...extensions: readonly Uint8Array[]): Uint8Array {
  const entries = Array.from({ length: COUNT }, (_, index) => entry(serialOf(index), ...extensions));
  return list({ entries: [concatBytes(...entries)] });
}

const last = serialOf(COUNT - 1);
const results = [];
for (const [name, bytes] of [
  ['entries alone', listOf()],
  ['entries with a reason', listOf(reason)],
] as const)
  results.push(
    await paired(
      `${COUNT} ${name}: read, and ask for the last`,
      () => findRevoked(parseCertificateList(bytes), last)?.revokedAt ?? 0,
      () => Uint8Array.from(bytes).length,
    ),
  );
report(results);
