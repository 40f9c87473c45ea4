import { describe, expect, it } from 'vitest';
import { findOpa, opaCases } from './opa.js';
import { missOf } from './rego-case.js';

const opa = findOpa();
const cases = opaCases();

describe('rego beside Open Policy Agent', () => {
  if (opa === undefined || cases.length === 0) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs opa and its conformance cases, which cannot be had here', () => {});
    return;
  }

  it('answers its conformance cases', () => {
    const misses = cases.flatMap((vector) => {
      const miss = missOf(vector);
      return miss === undefined ? [] : [`${vector.version} ${vector.note}: ${miss}`];
    });
    const rate = 1 - misses.length / cases.length;
    console.log(
      `${cases.length - misses.length} of ${cases.length} cases agree, ${(rate * 100).toFixed(2)} %`,
    );
    expect(rate).toBeGreaterThan(0.91);
  });
});
