import { expect, it } from 'vitest';
import { check } from '../src/verify/check.js';

it('says what went wrong only where something did', () => {
  const details = { actual: 'a', message: 'another was expected' };
  expect(check('SLSA_COMMIT', false, details)).toEqual({ code: 'SLSA_COMMIT', status: 'fail', ...details });
  expect(check('SLSA_COMMIT', true, details)).toEqual({ code: 'SLSA_COMMIT', status: 'pass', actual: 'a' });
  expect(check('SLSA_COMMIT', undefined, details)).toEqual({
    code: 'SLSA_COMMIT',
    status: 'skip',
    actual: 'a',
  });
});
