import { describe, expect, it } from 'vitest';
import { statusError, statusName } from '../src/index.js';
import { connect, failure } from './calculator.js';

describe('statusError', () => {
  it('makes every status but OK', () => {
    expect(statusError('NOT_FOUND', 'x').status).toBe(5);
    expect(statusError(16, 'x').statusName).toBe('UNAUTHENTICATED');
    expect(() => statusError('OK', 'x')).toThrow(TypeError);
    expect([statusName(0), statusName(17), statusName(-1)]).toEqual(['OK', undefined, undefined]);
  });

  it('cannot put half of a surrogate pair on the wire', async () => {
    const { stub, client } = connect({
      Double() {
        throw statusError('INTERNAL', '\ud800');
      },
    });
    await expect(stub.Double({})).rejects.toEqual(failure('ERR_TTRPC_STATUS', { status: 2 }));
    client.close();
  });
});
