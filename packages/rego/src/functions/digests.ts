import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { encodeHex, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { type Builtin, type Builtins, of, text } from '../builtins/builtin.js';

type Hash = Parameters<typeof hmac>[0];

/** Digests of text, in hexadecimal. Of a few bytes each: the platform's own would cost more than they take. */
export const DIGESTS: Builtins = {
  'crypto.md5': of(1, (args) => encodeHex(md5(encodeUtf8(text(args, 0))))),
  'crypto.sha1': of(1, (args) => encodeHex(sha1(encodeUtf8(text(args, 0))))),
  'crypto.sha256': of(1, (args) => encodeHex(sha256(encodeUtf8(text(args, 0))))),
  'crypto.hmac.md5': keyed(md5),
  'crypto.hmac.sha1': keyed(sha1),
  'crypto.hmac.sha256': keyed(sha256),
  'crypto.hmac.sha512': keyed(sha512),
  'crypto.hmac.equal': of(2, (args) => equalBytes(encodeUtf8(text(args, 0)), encodeUtf8(text(args, 1)))),
};

function keyed(hash: Hash): Builtin {
  return of(2, (args) => encodeHex(hmac(hash, encodeUtf8(text(args, 1)), encodeUtf8(text(args, 0)))));
}
