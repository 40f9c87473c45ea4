/**
 * The ID block, by which the owner of a guest says beforehand what it is, and its authentication page (publication 56860,
 * section 8.18, SNP_LAUNCH_FINISH).
 *
 * @module
 */
import { type Bytes, concatBytes, copyBytes } from '@sealwright/bytes';
import { importSpki, type PrivateKey, type PublicKey, sha2, sign } from '@sealwright/crypto';
import { encodeSpki } from '@sealwright/der';
import { SnpReportError, type SnpReportErrorCode } from '../errors.js';
import { encodeSnpKey, SNP_KEY_BYTES, SNP_KEY_CURVE } from '../key-digest.js';
import { isSigned, isZero } from '../signature.js';

/** What an ID block says. */
export interface SnpIdBlock {
  /** The measurement that the guest must have, 48 bytes. */
  readonly launchDigest: Bytes;
  /** Family of the guest, 16 bytes of the owner's choice. */
  readonly familyId: Bytes;
  /** Image of the guest, 16 bytes of the owner's choice. */
  readonly imageId: Bytes;
  /** Security version of the guest. */
  readonly guestSvn: number;
  /** The guest policy that the guest must have. */
  readonly policy: bigint;
}

/** A checked ID block. */
export interface VerifiedSnpIdBlock extends SnpIdBlock {
  /** SHA-384 of the ID key, as ID_KEY_DIGEST of a report. */
  readonly idKeyDigest: Bytes;
  /** SHA-384 of the author key, as AUTHOR_KEY_DIGEST of a report; zeros without an author. */
  readonly authorKeyDigest: Bytes;
}

/** Both structures that a hypervisor takes, QEMU as base64 in `id-block` and `id-auth`. */
export interface SignedSnpIdBlock {
  /** The ID block, 96 bytes. */
  readonly idBlock: Bytes;
  /** The authentication page, 4096 bytes. */
  readonly idAuth: Bytes;
}

/**
 * Write an ID block.
 *
 * @param block - what it says
 * @throws `TypeError` for a field of a wrong size.
 */
export function encodeSnpIdBlock({ launchDigest, familyId, imageId, guestSvn, policy }: SnpIdBlock): Bytes {
  if (launchDigest.byteLength !== 48 || familyId.byteLength !== 16 || imageId.byteLength !== 16)
    throw new TypeError('an ID block has a digest of 48 bytes and two names of 16');
  const bytes = concatBytes(launchDigest, familyId, imageId, new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint32(0x50, VERSION, true);
  view.setUint32(0x54, guestSvn, true);
  view.setBigUint64(0x58, policy, true);
  return bytes;
}

/**
 * Read an ID block. Nothing is verified.
 *
 * @param bytes - the ID block, 96 bytes
 * @throws `SnpReportError` `ERR_SNP_ID_BLOCK_LENGTH` or `ERR_SNP_ID_BLOCK_VERSION`.
 */
export function parseSnpIdBlock(bytes: Uint8Array): SnpIdBlock {
  if (bytes.byteLength !== BLOCK)
    throw refusal('ERR_SNP_ID_BLOCK_LENGTH', `an ID block has ${BLOCK} bytes, not ${bytes.byteLength}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(0x50, true);
  if (version !== VERSION)
    throw refusal('ERR_SNP_ID_BLOCK_VERSION', `expected version 1 of the ID block, not ${version}`, 0x50);
  return {
    launchDigest: copyBytes(bytes.subarray(0x00, 0x30)),
    familyId: copyBytes(bytes.subarray(0x30, 0x40)),
    imageId: copyBytes(bytes.subarray(0x40, 0x50)),
    guestSvn: view.getUint32(0x54, true),
    policy: view.getBigUint64(0x58, true),
  };
}

/**
 * Make and sign an ID block.
 *
 * @param block - what it says
 * @param idKey - P-384 key that signs it
 * @param authorKey - P-384 key that vouches for the ID key, when there is an author
 */
export async function signSnpIdBlock(
  block: SnpIdBlock,
  idKey: PrivateKey,
  authorKey?: PrivateKey,
): Promise<SignedSnpIdBlock> {
  const idBlock = encodeSnpIdBlock(block);
  const idAuth = new Uint8Array(AUTH);
  const view = new DataView(idAuth.buffer);
  const idPublic = encodeSnpKey(idKey.publicKey);
  view.setUint32(0x000, ALGORITHM, true);
  idAuth.set(await signature(idKey, idBlock), 0x040);
  idAuth.set(idPublic, 0x240);
  if (authorKey !== undefined) {
    view.setUint32(0x004, ALGORITHM, true);
    idAuth.set(await signature(authorKey, idPublic), 0x680);
    idAuth.set(encodeSnpKey(authorKey.publicKey), 0x880);
  }
  return { idBlock, idAuth };
}

/**
 * Check an ID block as the firmware of the processor does. Whether the keys are to be trusted is for the caller to say.
 *
 * @param idBlock - the ID block, 96 bytes
 * @param idAuth - the authentication page, 4096 bytes
 * @throws `SnpReportError` with the first check that failed.
 */
export async function verifySnpIdBlock(idBlock: Uint8Array, idAuth: Uint8Array): Promise<VerifiedSnpIdBlock> {
  const block = parseSnpIdBlock(idBlock);
  const keys = snpIdAuthDigests(idAuth);
  const view = new DataView(idAuth.buffer, idAuth.byteOffset, idAuth.byteLength);
  if (view.getUint32(0x000, true) !== ALGORITHM)
    throw refusal('ERR_SNP_ID_KEY_ALGO', 'expected ECDSA P-384 with SHA-384 for the ID key', 0x000);
  if (view.getUint32(0x240, true) !== SNP_KEY_CURVE)
    throw refusal('ERR_SNP_ID_KEY_CURVE', 'expected an ID key on P-384', 0x240);
  const idKey = idAuth.subarray(0x240, 0x240 + SNP_KEY_BYTES);
  if (!(await isSignedBy(idKey, idBlock, idAuth.subarray(0x040, 0x240))))
    throw refusal('ERR_SNP_ID_BLOCK_SIGNATURE_INVALID', 'the ID key did not sign the ID block', 0x040);
  const author = view.getUint32(0x004, true);
  if (author !== ALGORITHM && author !== 0)
    throw refusal('ERR_SNP_AUTHOR_KEY_ALGO', 'expected ECDSA P-384 with SHA-384 for the author key', 0x004);
  const authorKey = idAuth.subarray(0x880, 0x880 + SNP_KEY_BYTES);
  if (author === ALGORITHM && !(await isSignedBy(authorKey, idKey, idAuth.subarray(0x680, 0x880))))
    throw refusal('ERR_SNP_ID_KEY_SIGNATURE_INVALID', 'the author key did not sign the ID key', 0x680);
  for (const [from, to] of RESERVED)
    if (!isZero(idAuth.subarray(from, to)))
      throw refusal('ERR_SNP_MBZ_VIOLATION', 'a reserved byte of the authentication page is not zero', from);
  return { ...block, ...keys };
}

/**
 * Digests of the keys in an authentication page, as they stand in a report. Nothing is verified.
 *
 * @param idAuth - the authentication page, 4096 bytes
 * @throws `SnpReportError` `ERR_SNP_ID_BLOCK_LENGTH`.
 */
export function snpIdAuthDigests(
  idAuth: Uint8Array,
): Pick<VerifiedSnpIdBlock, 'idKeyDigest' | 'authorKeyDigest'> {
  if (idAuth.byteLength !== AUTH)
    throw refusal(
      'ERR_SNP_ID_BLOCK_LENGTH',
      `an authentication page has ${AUTH} bytes, not ${idAuth.byteLength}`,
    );
  return {
    idKeyDigest: sha2('sha384', idAuth.subarray(0x240, 0x240 + SNP_KEY_BYTES)),
    authorKeyDigest: isZero(idAuth.subarray(0x004, 0x008))
      ? new Uint8Array(48)
      : sha2('sha384', idAuth.subarray(0x880, 0x880 + SNP_KEY_BYTES)),
  };
}

/** A signature, 512 bytes: r, then s, little-endian in 72 bytes each, then zeros. */
async function signature(key: PrivateKey, data: Uint8Array): Promise<Bytes> {
  const raw = await sign(key, data, { scheme: 'ecdsa-sha384', encoding: 'raw' });
  const bytes = new Uint8Array(SIGNATURE);
  bytes.set(raw.slice(0, 48).reverse(), 0);
  bytes.set(raw.slice(48).reverse(), 72);
  return bytes;
}

async function isSignedBy(structure: Uint8Array, data: Uint8Array, signed: Uint8Array): Promise<boolean> {
  const key = decodeKey(structure);
  return key !== undefined && isZero(signed.subarray(144)) && (await isSigned(key, data, signed));
}

/** `undefined` for what is no point of the curve. */
function decodeKey(structure: Uint8Array): PublicKey | undefined {
  const view = new DataView(structure.buffer, structure.byteOffset, structure.byteLength);
  const beyond = [structure.subarray(0x34, 0x4c), structure.subarray(0x7c)];
  if (view.getUint32(0, true) !== SNP_KEY_CURVE || !beyond.every(isZero)) return undefined;
  const [x, y] = [structure.slice(0x04, 0x34).reverse(), structure.slice(0x4c, 0x7c).reverse()];
  try {
    return importSpki(encodeSpki('ec-p384', concatBytes(Uint8Array.of(0x04), x, y)));
  } catch {
    return undefined;
  }
}

function refusal(code: SnpReportErrorCode, message: string, offset?: number): SnpReportError {
  return new SnpReportError(code, message, offset === undefined ? {} : { offset });
}

const BLOCK = 96;
const AUTH = 0x1000;
const SIGNATURE = 512;
const VERSION = 1;
const ALGORITHM = 1;
const RESERVED = [
  [0x008, 0x040],
  [0x644, 0x680],
  [0xc84, 0x1000],
] as const;
