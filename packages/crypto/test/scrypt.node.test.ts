import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { scrypt } from '../src/index.js';

it('leaves the event loop free while it derives', async () => {
  const cost = { N: 16_384, r: 8, p: 1, length: 32 };
  const derivation = { isDone: false };
  const derived = scrypt(new Uint8Array(8), new Uint8Array(16), cost).then((bytes) => {
    derivation.isDone = true;
    return bytes;
  });
  let turns = 0;
  while (!derivation.isDone && turns < 1_000_000) {
    await turn();
    turns += 1;
  }
  // Were it made in the caller's own turn, the first look would find it done.
  expect(turns).toBeGreaterThan(3);
  expect((await derived).byteLength).toBe(32);
});
