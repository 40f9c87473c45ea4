import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePem, DerError, encodePem } from '../src/index.js';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('PEM', () => {
  it('reads back what it wrote, among other text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 10 }), (a, b) => {
        const text = `before\r\n${encodePem('A KEY', a).replaceAll('\n', '\r\n')}between\n${encodePem('B', b)}after`;
        expect(decodePem(text)).toEqual([
          { label: 'A KEY', bytes: a },
          { label: 'B', bytes: b },
        ]);
      }),
    );
  });

  it('breaks lines at 64 characters', () => {
    expect(encodePem('X', new Uint8Array(49))).toBe(
      `-----BEGIN X-----\n${'A'.repeat(64)}\nAA==\n-----END X-----\n`,
    );
  });

  it.each([
    ['a block without end', '-----BEGIN A-----\nAAAA\n', 'ERR_DER_PEM'],
    ['two labels', '-----BEGIN A-----\nAAAA\n-----END B-----\n', 'ERR_DER_PEM'],
    ['a block in a block', '-----BEGIN A-----\n-----BEGIN B-----\n-----END B-----\n', 'ERR_DER_PEM'],
    ['headers', '-----BEGIN A-----\nProc-Type: 4\n\nAAAA\n-----END A-----\n', 'ERR_DER_PEM'],
    ['no base64', '-----BEGIN A-----\nA\n-----END A-----\n', 'ERR_DER_PEM'],
    ['too much', 'A'.repeat((1 << 20) + 1), 'ERR_DER_LIMIT'],
  ])('refuses %s', (_, text, expected) => {
    expect(() => decodePem(text)).toThrow(code(expected));
  });

  it('finds nothing in other text, and never throws anything else', () => {
    expect(decodePem('-----BEGIN -- A')).toEqual([]);
    const parts = fc.constantFrom(
      '-----BEGIN A-----',
      '-----END A-----',
      '-----',
      '\n',
      'AAAA',
      '=',
      ' ',
      'x',
    );
    fc.assert(
      fc.property(fc.array(parts), (list) => {
        try {
          decodePem(list.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
    );
  });
});
