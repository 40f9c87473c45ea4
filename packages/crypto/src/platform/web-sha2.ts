import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { copyBytes } from '@sealwright/bytes';
import type { Platform } from './platform.js';

export const sha2: Platform['sha2'] = (hash, data) => copyBytes(SHA2[hash](data));

const SHA2 = { sha256, sha384, sha512 };
