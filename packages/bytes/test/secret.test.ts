import { describe, expect, it } from 'vitest';
import { Secret } from '../src/index.js';

describe('Secret', () => {
  it('does not print', () => {
    const secret = Secret.of(Uint8Array.of(0x70, 0x77));
    expect(`${secret}`).toBe('[secret]');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
    expect(Object.keys(secret)).toEqual([]);
  });

  it('keeps a copy and wipes it', () => {
    const original = Uint8Array.of(1, 2);
    const secret = Secret.of(original);
    original.fill(9);
    const live = secret.expose();
    expect([...live]).toEqual([1, 2]);
    secret.wipe();
    secret.wipe();
    expect([...live]).toEqual([0, 0]);
    expect(secret.wiped).toBe(true);
    expect(() => secret.expose()).toThrow(TypeError);
  });
});
