/**
 * Certification data: how a quote says which provisioning certification key (PCK) vouches for its quoting enclave.
 *
 * @module
 */
import { type Bytes, ByteWriter } from '@sealwright/bytes';
import { TdxQuoteError } from './errors.js';

/** A platform that is named by identifiers: the PCK chain has to come from elsewhere. */
export interface PpidCertification {
  /** 1: the PPID is plain; 2: encrypted to RSA-2048-OAEP; 3: encrypted to RSA-3072-OAEP. */
  readonly type: 1 | 2 | 3;
  /** The platform's identifier: 16 or 384 bytes in type 1, 256 or 384 in type 2, 384 in type 3. */
  readonly ppid: Bytes;
  /** 16 bytes. */
  readonly cpuSvn: Bytes;
  /** Security version of the provisioning certification enclave. */
  readonly pceSvn: number;
  /** Identifier of the provisioning certification enclave; types 1 and 2 may leave it out. */
  readonly pceId: number | undefined;
}

/** Certificates as PEM. */
export interface PemCertification {
  /** 4: the leaf alone; 5: leaf, intermediate and root. */
  readonly type: 4 | 5;
  /** PEM, which may end with a NUL. */
  readonly pem: Bytes;
}

/** A platform manifest, which only a provisioning service can read. */
export interface ManifestCertification {
  /** Always 7. */
  readonly type: 7;
  /** As received. */
  readonly manifest: Bytes;
}

/** The inner certification data of a quote. */
export type Certification = PpidCertification | PemCertification | ManifestCertification;

/** Decode certification data; the result is a view of the bytes. */
export function readCertification(type: number, bytes: Bytes, offset: number): Certification {
  switch (type) {
    case 1:
    case 2:
    case 3:
      return readPpid(type, bytes, offset);
    case 4:
    case 5:
      return { type, pem: bytes };
    case 7:
      return { type, manifest: bytes };
    default:
      throw new TdxQuoteError(
        'ERR_TDX_UNSUPPORTED_CERT_DATA_TYPE',
        `expected certification data of type 1 to 5 or 7, not ${type}`,
        { offset: offset - 6 },
      );
  }
}

/** Encode certification data, without its type and size. */
export function writeCertification(data: Certification): Bytes {
  const writer = new ByteWriter({ littleEndian: true });
  switch (data.type) {
    case 1:
    case 2:
    case 3:
      writer.bytes(data.ppid).bytes(data.cpuSvn).u16(data.pceSvn);
      if (data.pceId !== undefined) writer.u16(data.pceId);
      break;
    case 4:
    case 5:
      writer.bytes(data.pem);
      break;
    case 7:
      writer.bytes(data.manifest);
  }
  return writer.finish();
}

function readPpid(type: 1 | 2 | 3, bytes: Bytes, offset: number): PpidCertification {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const tail of type === 3 ? [20] : [20, 18]) {
    const size = bytes.byteLength - tail;
    if (!PPID_BYTES[type].includes(size)) continue;
    return {
      type,
      ppid: bytes.subarray(0, size),
      cpuSvn: bytes.subarray(size, size + 16),
      pceSvn: view.getUint16(size + 16, true),
      pceId: tail === 20 ? view.getUint16(size + 18, true) : undefined,
    };
  }
  throw new TdxQuoteError(
    'ERR_TDX_CERT_DATA_SIZE_MISMATCH',
    `certification data of type ${type} does not have ${bytes.byteLength} bytes`,
    { offset: offset - 4 },
  );
}

/** Sizes of a PPID field. The vendor's header reserves 384 bytes in every type, some producers only what is needed. */
const PPID_BYTES: Readonly<Record<1 | 2 | 3, readonly number[]>> = { 1: [16, 384], 2: [256, 384], 3: [384] };
