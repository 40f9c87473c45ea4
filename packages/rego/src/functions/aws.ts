import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { type Builtins, BuiltinFault, number, object, of } from '../builtins/builtin.js';
import { isWholeNumber } from '../decimal.js';
import { literalText, RegoObject, RegoSet, toText, type Value } from '../values.js';
import { requestNames } from './network.js';

/** Requests signed as AWS asks for: Signature Version 4. */
export const AWS: Builtins = {
  'providers.aws.sign_req': of(3, (args) => {
    const [request, config] = [object(args, 0), object(args, 1)];
    mustHave(config, CONFIG, 2, 'AWS config parameters(s)');
    const time = number(args, 2);
    if (!isWholeNumber(time) || BigInt(time) < 0n)
      throw new BuiltinFault('operand 3 could not convert time_ns value into a unix timestamp', true);
    requestNames(request);
    mustBeText(request, ['method', 'url'], 1, 'request parameters(s)');
    const unsigned = config.get('disable_payload_signing') ?? false;
    if (typeof unsigned !== 'boolean')
      throw new BuiltinFault("operand 2 invalid value for 'disable_payload_signing' in AWS config", true);
    return new RegoObject([
      ...request.entries(),
      ['headers', signed(request, config, BigInt(time), unsigned)],
    ]);
  }),
};

function mustHave(given: RegoObject, names: readonly string[], operand: number, what: string): void {
  const missing = names.filter((name) => given.get(name) === undefined);
  if (missing.length > 0)
    throw new BuiltinFault(`operand ${operand} missing required ${what}: ${setText(missing)}`, true);
  mustBeText(given, names, operand, what);
}

function mustBeText(given: RegoObject, names: readonly string[], operand: number, what: string): void {
  const wrong = names.filter((name) => typeof given.get(name) !== 'string');
  if (wrong.length > 0)
    throw new BuiltinFault(`operand ${operand} invalid values for required ${what}: ${setText(wrong)}`, true);
}

function setText(names: readonly string[]): string {
  return literalText(new RegoSet(names));
}

function signed(request: RegoObject, config: RegoObject, time: bigint, unsigned: boolean): Value {
  const setting = (name: string): string => String(config.get(name) ?? '');
  const [service, region, secret] = [
    setting('aws_service'),
    setting('aws_region'),
    setting('aws_secret_access_key'),
  ];
  const [, host = '', path = '', query = ''] =
    /^[a-z]+:\/\/([^/?#]{0,1000})([^?#]{0,10000})(?:\?([^#]{0,10000}))?/i.exec(String(request.get('url'))) ??
    [];
  const now = new Date(Number(time / 1_000_000n)).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const day = now.slice(0, 8);
  const content = unsigned ? 'UNSIGNED-PAYLOAD' : encodeHex(sha256(encodeUtf8(bodyOf(request))));
  const added = new Map([
    ['host', host.replace(/^[^@]*@/, '')],
    ['x-amz-date', now],
  ]);
  if (service === 's3' || service === 'glacier') added.set('x-amz-content-sha256', content);
  if (setting('aws_session_token') !== '') added.set('x-amz-security-token', setting('aws_session_token'));
  const given = request.get('headers') ?? new RegoObject([]);
  if (!(given instanceof RegoObject)) throw new BuiltinFault('operand 0 must be object', true);
  const headers = new Map(added);
  for (const [name, value] of given.entries()) {
    const lower = String(name).toLowerCase();
    if (!IGNORED.has(lower)) headers.set(lower, typeof value === 'string' ? value : '');
  }
  const names = [...headers.keys()].sort();
  const lines = names.map((name) => `${name}:${headers.get(name) ?? ''}\n`).join('');
  const canonical = [String(request.get('method')), path, query, lines, names.join(';'), content].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<Uint8Array>(
    (sofar, part) => hmac(sha256, sofar, encodeUtf8(part)),
    encodeUtf8(`AWS4${secret}`),
  );
  const text = ['AWS4-HMAC-SHA256', now, scope, encodeHex(sha256(encodeUtf8(canonical)))].join('\n');
  const signature = encodeHex(hmac(sha256, key, encodeUtf8(text)));
  const credential = `AWS4-HMAC-SHA256 Credential=${setting('aws_access_key')}/${scope}`;
  return new RegoObject([
    ...given.entries().map(([name, value]): [Value, Value] => [name, typeof value === 'string' ? value : '']),
    ['Authorization', `${credential},SignedHeaders=${names.join(';')},Signature=${signature}`],
    ...added,
  ]);
}

function bodyOf(request: RegoObject): string {
  const [raw, body] = [request.get('raw_body'), request.get('body')];
  if (raw !== undefined) return typeof raw === 'string' ? raw : '';
  return body === undefined ? '' : toText(body);
}

const CONFIG = ['aws_access_key', 'aws_region', 'aws_secret_access_key', 'aws_service'];
const IGNORED: ReadonlySet<string> = new Set(['authorization', 'user-agent', 'x-amzn-trace-id']);
