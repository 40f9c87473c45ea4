/**
 * What a PCK certificate says about its platform: extension 1.2.840.113741.1.13.1 (Intel SGX PCK Certificate and CRL Profile).
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { type Certificate, DerError, DerReader, DerTag } from '@sealwright/der';
import { TdxQuoteError } from './errors.js';

/** What a PCK certificate says about its platform. */
export interface PckFacts {
  /** 16 bytes that name the platform. */
  readonly ppid: Bytes;
  /** The 16 component security versions. */
  readonly componentSvns: readonly number[];
  /** Security version of the provisioning certification enclave. */
  readonly pceSvn: number;
  /** 16 bytes, the component versions as the processor encodes them. */
  readonly cpuSvn: Bytes;
  /** 2 bytes that name the provisioning certification enclave. */
  readonly pceId: Bytes;
  /** 6 bytes that name family, model, stepping, platform type and custom SKU. */
  readonly fmspc: Bytes;
  /** 0 standard, 1 scalable, 2 scalable with integrity. */
  readonly sgxType: number;
  /** 16 bytes; `undefined` under the Processor CA. */
  readonly platformInstanceId: Bytes | undefined;
  /** Whether packages may be added; `undefined` under the Processor CA. */
  readonly dynamicPlatform: boolean | undefined;
  /** Whether platform keys are kept by the registration service; `undefined` under the Processor CA. */
  readonly cachedKeys: boolean | undefined;
  /** Whether hyper-threading is on; `undefined` under the Processor CA. */
  readonly smtEnabled: boolean | undefined;
}

/**
 * Read the extension of a PCK certificate. Nothing is verified.
 *
 * @param leaf - a parsed certificate
 * @throws {@link TdxQuoteError} `ERR_TDX_PCK_EXTENSION_MALFORMED`.
 */
export function readPckFacts(leaf: Certificate): PckFacts {
  const value = leaf.extensions.find(({ oid }) => oid === PCK_EXTENSION)?.value;
  if (value === undefined) throw malformed('a PCK certificate has the extension of its platform');
  try {
    return readFacts(value);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw malformed('the extension of the platform cannot be read', cause);
  }
}

function readFacts(value: Bytes): PckFacts {
  const outer = new DerReader(value);
  const members = readMembers(outer.enter(), PCK_EXTENSION);
  outer.end();
  const tcb = readMembers(take(members, 2).enter(), `${PCK_EXTENSION}.2`);
  const settings = members.get('7');
  const configuration = settings && readMembers(settings.enter(), `${PCK_EXTENSION}.7`);
  const setting = (arc: number): boolean | undefined => {
    const member = configuration?.get(`${arc}`);
    return member && readBoolean(member);
  };
  const instance = members.get('6');
  return {
    ppid: readOctets(take(members, 1), 16),
    componentSvns: Array.from({ length: 16 }, (_, index) => readNumber(take(tcb, index + 1), 0xff)),
    pceSvn: readNumber(take(tcb, 17), 0xffff),
    cpuSvn: readOctets(take(tcb, 18), 16),
    pceId: readOctets(take(members, 3), 2),
    fmspc: readOctets(take(members, 4), 6),
    sgxType: readByte(take(members, 5), ENUMERATED),
    platformInstanceId: instance && readOctets(instance, 16),
    dynamicPlatform: setting(1),
    cachedKeys: setting(2),
    smtEnabled: setting(3),
  };
}

/** A sequence of pairs of identifier and value, in any order, by what the identifier has below its parent; others are left alone. */
function readMembers(sequence: DerReader, parent: string): Map<string, DerReader> {
  const values = new Map<string, DerReader>();
  while (!sequence.done) {
    const pair = sequence.enter();
    const oid = pair.oid();
    if (!oid.startsWith(`${parent}.`)) continue;
    const arc = oid.slice(parent.length + 1);
    if (values.has(arc)) throw malformed(`the member ${arc} occurs twice`);
    values.set(arc, pair);
  }
  return values;
}

function take(members: Map<string, DerReader>, arc: number): DerReader {
  const value = members.get(`${arc}`);
  if (value === undefined) throw malformed(`the member ${arc} is missing`);
  return value;
}

function readOctets(reader: DerReader, size: number): Bytes {
  const bytes = reader.octetString();
  reader.end();
  if (bytes.byteLength !== size) throw malformed(`expected ${size} bytes, not ${bytes.byteLength}`);
  return bytes;
}

function readNumber(reader: DerReader, most: number): number {
  const magnitude = reader.unsigned();
  reader.end();
  const number = magnitude.reduce((sum, byte) => sum * 256 + byte, 0);
  if (number > most) throw malformed(`expected a number up to ${most}`);
  return number;
}

function readBoolean(reader: DerReader): boolean {
  const byte = readByte(reader, DerTag.boolean);
  if (byte !== 0x00 && byte !== 0xff) throw malformed('a boolean is 0x00 or 0xff');
  return byte === 0xff;
}

function readByte(reader: DerReader, tag: number): number {
  const { contents } = reader.element(tag);
  reader.end();
  const [byte, ...more] = contents;
  if (byte === undefined || more.length > 0) throw malformed('expected one byte');
  return byte;
}

function malformed(message: string, cause?: unknown): TdxQuoteError {
  return new TdxQuoteError('ERR_TDX_PCK_EXTENSION_MALFORMED', message, { cause });
}

const ENUMERATED = 0x0a;
const PCK_EXTENSION = '1.2.840.113741.1.13.1';
