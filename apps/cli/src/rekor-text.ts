import { concatBytes, decodeHex, decodeUtf8, encodeHex } from '@sealwright/bytes';
import { encodeBundle, type NamedLogEntry } from '@sealwright/cosign-sig';
import { digest } from '@sealwright/crypto';
import { printable } from './printable.js';

/** An entry as rekor-cli shows it. */
export interface ShownEntry {
  readonly Attestation: string;
  readonly AttestationType: string;
  readonly Body: object;
  readonly LogIndex: number;
  readonly IntegratedTime: number;
  readonly UUID: string;
  readonly LogID: string;
}

/**
 * What rekor-cli shows of an entry.
 *
 * @param entry - verified
 * @param attestation - that goes with it, empty where there is none
 */
export function shownOf(entry: NamedLogEntry, attestation: string): ShownEntry {
  const { spec } = JSON.parse(decodeUtf8(entry.body)) as { spec: object };
  return {
    Attestation: attestation,
    AttestationType: '',
    Body: { [OBJECTS.get(entry.kind) ?? `${entry.kind}Obj`]: spec },
    LogIndex: entry.logIndex,
    IntegratedTime: entry.integratedTime,
    UUID: entry.entryId,
    LogID: encodeHex(entry.logId),
  };
}

/**
 * An entry in the words of rekor-cli.
 *
 * @param shown - the entry
 */
export function entryText({ LogID, Attestation, LogIndex, IntegratedTime, UUID, Body }: ShownEntry): string {
  const attested = Attestation === '' ? '' : `Attestation: ${printable(Attestation)}\n`;
  const time = new Date(IntegratedTime * 1000).toISOString().replace('.000Z', 'Z');
  const body = JSON.stringify(Body, null, 2).split('\n').map(printable).join('\n');
  return `LogID: ${LogID}\n${attested}Index: ${LogIndex}\nIntegratedTime: ${time}\nUUID: ${UUID}\nBody: ${body}\n\n`;
}

/**
 * An entry as bundles hold it, in JSON: `TransparencyLogEntry` of Sigstore.
 *
 * @param entry - the entry
 */
export function entryJson(entry: NamedLogEntry): string {
  const empty = new Uint8Array(0);
  const bundle = JSON.parse(
    encodeBundle({
      version: '0.3',
      material: { kind: 'publicKey', hint: '' },
      logEntries: [entry],
      timestamps: [],
      content: { kind: 'message', signature: empty, digest: undefined },
    }),
  ) as { readonly verificationMaterial: { readonly tlogEntries: readonly [object] } };
  return JSON.stringify(bundle.verificationMaterial.tlogEntries[0]);
}

/** What proves that an entry is in a tree, as rekor-cli shows it. */
export interface ShownInclusion {
  readonly EntryHash: string;
  readonly Index: number;
  readonly RootHash: string;
  readonly Size: number;
  readonly Hashes: readonly string[];
  readonly Checkpoint: string;
}

/**
 * The way from an entry to the root of the tree in the words of rekor-cli: anybody can compute it again.
 *
 * @param shown - verified
 */
export function inclusionText({
  EntryHash,
  Index,
  RootHash,
  Size,
  Hashes,
  Checkpoint,
}: ShownInclusion): string {
  const inner = (BigInt(Index) ^ BigInt(Size - 1)).toString(2).replace(/^0$/, '').length;
  let result = EntryHash;
  const steps = Hashes.map((hash, level) => {
    const isLeft = level < inner && ((BigInt(Index) >> BigInt(level)) & 1n) === 0n;
    const [left, right] = isLeft ? [result, hash] : [hash, result];
    result = encodeHex(digest('sha256', concatBytes(Uint8Array.of(1), decodeHex(left), decodeHex(right))));
    return `SHA256(0x01 | ${left} | ${right}) =\n\t${result}\n\n`;
  });
  return [
    `Current Root Hash: ${RootHash}\nEntry Hash: ${EntryHash}\n`,
    `Entry Index in Current Tree: ${Index}\nCurrent Tree Size: ${Size}\n`,
    Checkpoint === '' ? '\n' : `Checkpoint:\n${Checkpoint.split('\n').map(printable).join('\n')}\n\n`,
    'Inclusion Proof:\n',
    ...steps,
    `Computed Root Hash: ${result}\nExpected Root Hash: ${RootHash}\n`,
  ].join('');
}

/** What a log says about itself, as rekor-cli shows it. */
export interface ShownLog {
  readonly ActiveTreeSize: number;
  readonly TotalTreeSize: number;
  readonly RootHash: string;
  readonly TreeID: string;
}

/**
 * A log in the words of rekor-cli.
 *
 * @param shown - verified
 */
export function logText({ ActiveTreeSize, TotalTreeSize, RootHash, TreeID }: ShownLog): string {
  return [
    'Verification Successful!\n',
    `Active Tree Size:       ${ActiveTreeSize}\nTotal Tree Size:        ${TotalTreeSize}\n`,
    `Root Hash:              ${printable(RootHash)}\nTreeID:                 ${printable(TreeID)}\n`,
  ].join('');
}

const OBJECTS: ReadonlyMap<string, string> = new Map([
  ['hashedrekord', 'HashedRekordObj'],
  ['dsse', 'DSSEObj'],
  ['intoto', 'IntotoObj'],
  ['rekord', 'RekordObj'],
]);
