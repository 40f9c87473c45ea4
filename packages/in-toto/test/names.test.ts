import { describe, expect, it } from 'vitest';
import {
  attestationFileName,
  attestationMediaType,
  bundleFileName,
  parsePayloadType,
  predicatePayloadType,
} from '../src/index.js';

describe('names of attestations', () => {
  it('are those of the framework', () => {
    expect(attestationMediaType('test-result')).toBe('application/vnd.in-toto.test-result+dsse');
    expect(predicatePayloadType('provenance')).toBe('application/vnd.in-toto.provenance+json');
    expect(parsePayloadType(predicatePayloadType('vsa'))).toEqual({ predicate: 'vsa' });
    expect(attestationFileName('build')).toBe('build.json');
    expect(attestationFileName('build', '0123456789abcdef')).toBe('build.01234567.json');
    expect(bundleFileName('app.tar.gz')).toBe('app.tar.gz.intoto.jsonl');
  });

  it.each(['', 'A', '-a', 'a b', 'a+json', 'a/b'])('are not made of %j', (name) => {
    expect(() => attestationMediaType(name)).toThrow(TypeError);
    expect(() => predicatePayloadType(name)).toThrow(TypeError);
  });
});
