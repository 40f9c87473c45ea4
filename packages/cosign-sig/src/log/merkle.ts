/**
 * Merkle trees of logs (RFC 6962 section 2.1; the proofs as RFC 9162 sections 2.1.3 and 2.1.4 check them), SHA-256.
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { CosignError } from '../errors.js';

/** What a proof of inclusion claims. */
export interface InclusionProof {
  /** Place of the leaf in the tree, from 0. */
  readonly index: number;
  /** How many leaves the tree has. */
  readonly size: number;
  /** Hash of the leaf. */
  readonly leafHash: Uint8Array;
  /** Hashes beside the way up. */
  readonly hashes: readonly Uint8Array[];
  /** What must come out. */
  readonly root: Uint8Array;
}

/** What a proof of consistency claims: the smaller tree is the beginning of the larger one. */
export interface ConsistencyProof {
  /** Leaves of the older tree. */
  readonly size1: number;
  /** Leaves of the newer tree. */
  readonly size2: number;
  /** Root of the older tree. */
  readonly root1: Uint8Array;
  /** Root of the newer tree. */
  readonly root2: Uint8Array;
  /** The proof. */
  readonly hashes: readonly Uint8Array[];
}

/**
 * Hash a leaf.
 *
 * @param data - what was logged
 */
export function leafHash(data: Uint8Array): Bytes {
  return digest('sha256', concatBytes(LEAF, data));
}

/**
 * Hash two subtrees into one.
 *
 * @param left - the one with the smaller indices
 * @param right - the other
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  const node = new Uint8Array(1 + left.byteLength + right.byteLength);
  node[0] = NODE;
  node.set(left, 1);
  node.set(right, 1 + left.byteLength);
  return digest('sha256', node);
}

/**
 * Check that a leaf is in a tree. The size is bound only by a checkpoint: compare it.
 *
 * @param proof - what is claimed
 * @throws {@link CosignError} `ERR_COSIGN_PROOF`.
 */
export function verifyInclusion({ index, size, leafHash: leaf, hashes, root }: InclusionProof): void {
  if (!isSize(index) || !isSize(size) || index >= size) throw fault('the index is not below the tree size');
  mustBeHashes(leaf, root, ...hashes);
  let [place, last] = [index, size - 1];
  let hash: Uint8Array = leaf;
  for (const sibling of hashes) {
    if (last === 0) throw fault('the proof is too long');
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else hash = nodeHash(hash, sibling);
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw fault('the proof is too short');
  if (!equalBytes(hash, root)) throw fault('the proof leads to another root');
}

/**
 * Check that a log only grew.
 *
 * @param proof - what is claimed
 * @throws {@link CosignError} `ERR_COSIGN_PROOF`.
 */
export function verifyConsistency({ size1, size2, root1, root2, hashes }: ConsistencyProof): void {
  if (!isSize(size1) || !isSize(size2) || size1 > size2) throw fault('a log does not become smaller');
  mustBeHashes(root1, root2, ...hashes);
  if (size1 === 0 || size1 === size2) {
    if (hashes.length > 0) throw fault('the proof is too long');
    if (size1 === size2 && !equalBytes(root1, root2)) throw fault('one size has two roots');
    return;
  }
  let [place, last] = [size1 - 1, size2 - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  const [seed, ...rest] = place === 0 ? [root1, ...hashes] : hashes;
  if (seed === undefined) throw fault('the proof is too short');
  let [old, now]: [Uint8Array, Uint8Array] = [seed, seed];
  for (const sibling of rest) {
    if (last === 0) throw fault('the proof is too long');
    if (place % 2 === 1 || place === last) {
      [old, now] = [nodeHash(sibling, old), nodeHash(sibling, now)];
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else now = nodeHash(now, sibling);
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw fault('the proof is too short');
  if (!equalBytes(old, root1)) throw fault('the proof leads to another old root');
  if (!equalBytes(now, root2)) throw fault('the proof leads to another new root');
}

/**
 * The root of a whole tree.
 *
 * @param leaves - hashes of the leaves
 */
export function treeRoot(leaves: readonly Uint8Array[]): Bytes {
  if (leaves.length === 0) return digest('sha256', new Uint8Array(0));
  let level: Bytes[] = leaves.map((leaf) => new Uint8Array(leaf));
  while (level.length > 1) {
    const above: Bytes[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]];
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
    }
    level = above;
  }
  return level[0] ?? digest('sha256', new Uint8Array(0));
}

/** Halving without bit operators, which end at 2^31. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function mustBeHashes(...hashes: readonly Uint8Array[]): void {
  if (hashes.length > 2 + 64) throw fault('the proof is too long');
  if (hashes.some((hash) => hash.byteLength !== 32)) throw fault('a hash has 32 bytes');
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_PROOF', message);
}

const LEAF = Uint8Array.of(0);
const NODE = 1;
