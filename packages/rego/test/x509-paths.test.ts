import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../src/functions/index.js';
import { preparePolicy, RegoError, toJson } from '../src/index.js';
import { PATHS } from './vectors/paths.js';

type Name = keyof typeof PATHS;

const NOW = Date.UTC(2027, 0, 1);
const policy = preparePolicy([], { functions: FUNCTIONS });

function verify(names: readonly Name[], options?: object, now = NOW): readonly [boolean, readonly object[]] {
  const chain = names.map((name) => PATHS[name]).join('');
  const query =
    options === undefined
      ? 'crypto.x509.parse_and_verify_certificates(input.chain)'
      : 'crypto.x509.parse_and_verify_certificates_with_options(input.chain, input.options)';
  const value = policy.value(query, { input: { chain, options: options ?? {} }, now });
  return toJson(value ?? null) as [boolean, object[]];
}

describe('paths of certificates', () => {
  it('go from the leaf to the root, whatever the order between', () => {
    const [isGood, path] = verify(['root', 'second', 'first', 'deep']);
    expect(isGood).toBe(true);
    expect(path).toMatchObject([
      { Subject: { CommonName: 'leaf' }, URIStrings: ['https://x.example/y'] },
      { Subject: { CommonName: 'inter2' } },
      { Subject: { CommonName: 'inter' } },
      { Subject: { CommonName: 'root' } },
    ]);
  });

  it.each<[names: readonly Name[], isGood: boolean]>([
    [['root', 'first', 'leaf'], true],
    [['shortRoot', 'first', 'leaf'], false],
    [['namesRoot', 'first', 'leaf'], true],
    [['root', 'leaf'], false],
    [['root', 'second', 'deep'], false],
    [['root', 'first', 'client'], false],
    [['root', 'forged'], false],
    [['root', 'root'], true],
    [['root'], false],
    [[], false],
  ])('of %j: %j', (names, isGood) => {
    expect(verify(names)[0]).toBe(isGood);
  });

  it.each([
    [{ DNSName: 'a.example' }, true],
    [{ DNSName: 'A.Example.' }, true],
    [{ DNSName: 'x.w.example' }, true],
    [{ DNSName: 'y.x.w.example' }, false],
    [{ DNSName: 'w.example' }, false],
    [{ DNSName: '[10.0.0.1]' }, true],
    [{ DNSName: '10.0.0.2' }, false],
    [{ KeyUsages: ['KeyUsageClientAuth'] }, true],
    [{ CurrentTime: 0 }, false],
  ])('with %j: %j', (options, isGood) => {
    expect(verify(['root', 'first', 'leaf'], options)[0]).toBe(isGood);
  });

  it('are for what every certificate allows', () => {
    expect(verify(['root', 'first', 'client'], { KeyUsages: ['KeyUsageClientAuth'] })[0]).toBe(true);
    expect(verify(['root', 'first', 'client'], { KeyUsages: ['KeyUsageAny'] })[0]).toBe(true);
    expect(verify(['root', 'first', 'client'], { KeyUsages: ['KeyUsageServerAuth'] })[0]).toBe(false);
  });

  it('are not valid where there is no clock', () => {
    expect(verify(['root', 'first', 'leaf'], undefined, 0)[0]).toBe(false);
  });

  it.each([
    [{ DNSName: 1 }, /'DNSName' should be a string/],
    [{ CurrentTime: '1' }, /'CurrentTime' should be a number/],
    [{ CurrentTime: 0.5 }, /'CurrentTime' should be a valid int64/],
    [{ KeyUsages: 'KeyUsageAny' }, /'KeyUsages' should be/],
    [{ KeyUsages: ['Any'] }, /invalid entries for 'KeyUsages' found: \[Any\]/],
    [{ Roots: [] }, /invalid key option/],
  ])('refuse the options %j', (options, message) => {
    expect(() => verify(['root', 'first', 'leaf'], options)).toThrow(RegoError);
    expect(() => verify(['root', 'first', 'leaf'], options)).toThrow(message);
  });

  it('take steps off the budget', () => {
    const chain = PATHS.root + PATHS.first + PATHS.leaf;
    const input = { chain: chain + PATHS.leaf };
    const query = 'crypto.x509.parse_and_verify_certificates(input.chain)';
    expect(() => policy.value(query, { input, now: NOW, maxSteps: 5000 })).toThrow(/steps/);
  });
});
