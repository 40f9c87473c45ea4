import type { Bytes } from '@sealwright/bytes';
import { Fields, malformed } from './fields.js';

/** What guests on SEV-SNP must measure. */
export interface GceSnpGolden {
  /** Security version of the firmware. Field 1. */
  readonly svn: number;
  /** Launch measurements, 48 bytes, by number of virtual processors. Field 2. */
  readonly measurements: ReadonlyMap<number, Bytes>;
  /** As in the ID block. Field 3. */
  readonly familyId: Bytes;
  /** As in the ID block. Field 4. */
  readonly imageId: Bytes;
  /** Guest policy. Field 5. */
  readonly policy: bigint;
  /** Certificates of the keys behind ID blocks, PEM. Field 6. */
  readonly caBundle: Bytes;
  /** Launch measurement with an SVSM; none when there is no such field. Field 7. */
  readonly svsmMeasurement: Bytes;
}

/** What a trust domain must measure, for one size of memory. */
export interface GceTdxMeasurement {
  /** Memory in GiB. Field 1. */
  readonly ramGib: number;
  /** Whether the firmware accepts all memory itself. Field 2. */
  readonly earlyAccept: boolean;
  /** 48 bytes. Field 3. */
  readonly mrTd: Bytes;
}

/** What guests on TDX must measure. */
export interface GceTdxGolden {
  /** Security version of the firmware. Field 1. */
  readonly svn: number;
  /** One for each size of memory. Field 2. */
  readonly measurements: readonly GceTdxMeasurement[];
}

/** An endorsement, decoded. Decoded is not verified. */
export interface GceEndorsement {
  /** When it was made, seconds since 1970. Field 1. */
  readonly timestamp: number;
  /** Number of the change that the firmware was built from. Field 2. */
  readonly changeNumber: bigint;
  /** Commit that it was built from. Field 3. */
  readonly commit: Bytes;
  /** Certificate of the signer, DER. Field 4. */
  readonly certificate: Bytes;
  /** SHA-384 of the firmware image. Field 5. */
  readonly firmwareDigest: Bytes;
  /** Certificates above the signer, PEM. Field 6. */
  readonly caBundle: Bytes;
  /** For guests on SEV-SNP; `undefined` when it is not for them. Field 7. */
  readonly snp: GceSnpGolden | undefined;
  /** For guests on TDX; `undefined` when it is not for them. Field 8. */
  readonly tdx: GceTdxGolden | undefined;
  /** The golden measurement as received: what is signed. Field 1 of the endorsement. */
  readonly signed: Bytes;
  /** RSASSA-PSS with SHA-256. Field 2 of the endorsement. */
  readonly signature: Bytes;
}

/**
 * Read an endorsement, as it is in the certificate table of a guest or published.
 *
 * @param bytes - `VMLaunchEndorsement`, at most 1 MiB; the result shares no memory with it
 * @throws `SnpReportError` `ERR_SNP_GCE_MALFORMED`.
 *
 * @example
 * ```ts
 * const endorsement = parseGceEndorsement(bytes);
 * console.log(endorsement.snp?.measurements.size);
 * ```
 */
export function parseGceEndorsement(bytes: Uint8Array): GceEndorsement {
  if (bytes.byteLength > MAX_BYTES) malformed(`an endorsement has at most ${MAX_BYTES} bytes`);
  const outer = new Fields(bytes);
  const signed = outer.bytes(1);
  const signature = outer.bytes(2);
  if (signed.byteLength === 0 || signature.byteLength === 0)
    malformed('an endorsement is a golden measurement and a signature');
  const golden = new Fields(signed);
  const [snp, tdx] = [golden.message(7), golden.message(8)];
  return {
    timestamp: golden.message(1)?.small(1) ?? 0,
    changeNumber: golden.integer(2),
    commit: golden.bytes(3),
    certificate: golden.bytes(4),
    firmwareDigest: ofSize(golden.bytes(5)),
    caBundle: golden.bytes(6),
    snp: snp && readSnp(snp),
    tdx: tdx && readTdx(tdx),
    signed,
    signature,
  };
}

function readSnp(fields: Fields): GceSnpGolden {
  const svsmMeasurement = fields.bytes(7);
  return {
    svn: fields.small(1),
    measurements: new Map(
      fields.all(2).map((bytes): [number, Bytes] => {
        const entry = new Fields(bytes);
        return [entry.small(1), ofSize(entry.bytes(2))];
      }),
    ),
    familyId: fields.bytes(3),
    imageId: fields.bytes(4),
    policy: fields.integer(5),
    caBundle: fields.bytes(6),
    svsmMeasurement: svsmMeasurement.byteLength === 0 ? svsmMeasurement : ofSize(svsmMeasurement),
  };
}

function readTdx(fields: Fields): GceTdxGolden {
  return {
    svn: fields.small(1),
    measurements: fields.all(2).map((bytes) => {
      const entry = new Fields(bytes);
      return { ramGib: entry.small(1), earlyAccept: entry.integer(2) !== 0n, mrTd: ofSize(entry.bytes(3)) };
    }),
  };
}

function ofSize(digest: Bytes): Bytes {
  return digest.byteLength === 48 ? digest : malformed(`a digest has 48 bytes, not ${digest.byteLength}`);
}

const MAX_BYTES = 0x10_0000;
