/** Reports, chains and lists of any product, made at will and signed by two keys of a private test PKI. */
import { type Bytes, concatBytes, decodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { importPrivateKey, type PrivateKey, sign } from '@sealwright/crypto';
import {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  parseCertificate,
  type TrustAnchor,
} from '@sealwright/der';
import {
  encodeSnpReport,
  encodeSnpTcb,
  parseSnpReport,
  type SnpProduct,
  type SnpReportFields,
  type SnpTcb,
} from '../src/index.js';
import { leaf, report } from './milan.fixture.js';

/** Both made for this project; they protect nothing. */
const AUTHORITY =
  'MIIJQgIBADANBgkqhkiG9w0BAQEFAASCCSwwggkoAgEAAoICAQCzKhNWdJqDQqkOE6cMGM6HeRZm5iuobZncwBDHe/oO9hLP8IKfgwnBurblr0t5uIPSSuz9Rt3cGtHW8awxenBNztaYGDRe7ZoYgQlenFRHelHdxm5Ry+GCKD5D6tmlYtZthwAPsypPIzv2Y7qhvlrrwgbVh3lwbWYqoWAXbLw1qG4A/jXPkMaUcbA7z7f3bG8kCBwUmCg2J1JXh/3JaM3qgj/t0efrsdN2kxqktTA5HXmnIHcrbrhrUPJZYBKJqopnhe8y8SYjXtIdFEmba4osummdHP5WzG1ixPoxgdvHoQvu3HjPkq1xb3is5zKGSP1KRIip3TnkVUuFJf2m7/WFMKvinncGgZj1BC3kB+okTgKVlGkYJ0ZskkggSt13DJfN30TVIXScmKZm/mCaLOPokV4dh0+kAU4fwx2qviDrmPWof9aJg7xmBBF+aaSSknMluPUuG6Ts6jRK7K9oj6ZHvMNlu5gS/p6xblzSJoPtNJQiaMCiTKk1nn3o2mYg4kEeR550CzkM8yvGTdvRQXCdLpf3GKFoHgTt9rw0GUeUDHQEkoZ4zeFIFP3PfquNcvVBXV0cInciGNqKPBQ6r0rpKiZCz3u/u/J3c7gY3xwyskOULcP8NOMvKhG6bmmrotuqdC3/SmMk1JV1buJOP7Ivf/rgvd8ihngG+klEnUFIjwIDAQABAoICAAFUtdm7D64bmn44cXxlWhy8hAjrUHYLAQ0YP3z+iUV/g3VC+p1tD5n+T+nV4FrSSZG618GBO22tT1NoQ9ixlFBSUdrFt0HgmaKb9sdapET2/iZbw9RcuNtK1Dzp64hPJdD2I0R6lr0JbHfF7DbTtKuIAJ1TySL81Q5KWO3jng73UNXguDfyAd+ha+c4gaEsujNLfMs/CXFu362McjtYSXX4ALnnXhssnNRb1GNWgI9euNl1JB17pZK6gl+ylytUS9HoDKEAFJdHrDTmF9k34R9i78eTKw/XAJWuvpML6BI2uowhhs437zeRVeqm5FkGBXJTSavwBkQ8HqL/EhV24TKDEkm6t2XJiXEGsMfKNFUzTvzjke79UVyaL27sAN1RcsT1AMMyVMid5UlQEGSi8bwCLUcO/wUCin0mlwQTKLnhzlRFBnV3NiXLZSMCdBfu5f/cwR0bzqVWBQ6yaumSg1EKXDvTGhgUzcFd9gcLXUrZJxVmpI+PVS6jgCPz4x1/Bn1IbbJ5P/mb/R9IH7/Nj9/iQJuYLkZ6JlQwZiuXdwaLqhjDQhcp4F4ckHkDNn1dXSxOR25dm/nWqTs4y7VT+xJm8VEzJRNf3tHDV9Y6zXpHPAix9WfAOlLdSYceyILwqJvFzTevoCJBz1N6xEF5K8yO+rKcU10Jb9+yQj2cgf1tAoIBAQDfTTnotlPCMMDAlAaE8DCieZmtUrUAsqEBImg63dnpWD3KtiHGRDRP5tI1WN5PJv3XBXoWitCe/xbUjqGJMmZHSIJqSRQIapH3MlqPHf1s5CemDxpZSGlD8STny+ZVe0Op9ZNuxMMpjZeOs7+pFhNSHSLOELUTGwycPrOjG0IWaPY1EtCjaQIyDIhrEuuRKA3/8Ki6Qb7kUJDC8cmhZ3qODjsbcdIAcj05C3CcS0UM1ZN0XbXfn7RrhuuGia6fdXysfbfkjfA+v2dwcVm3JAl6eQVpOCs0eU6J0RpI0B1PVpY2tcsaeTfhnaKWFUgwXLnGb8dg9SKs76HHXKu+9BJjAoIBAQDNZk0I8fNfq5EulMraHWivNGTdzZ0f6DxWJWZTmDQRD39fdn6MBAAo5dvEA5jOu0bMP/mfhzXy1GliKFJLj2iOTPdyrsRxy3ieN4hUpLQAK9Iep7+qTTB6f2tbPtYNLcrWoCacGIoq3adM6rZvlHoItlW5YbtTSDzOp5z3+tPa1q4ICfsTFzFsVsBt8VaVBXRiiqPuFgwJV0lGiEBqwVT9Zw1gMiPiRqVoCm55d+e4T7SCKFbnE6pXI3qWM84LPcdHjlnFXH2/h5Dvarqc8vKX8duiDOOv1QOfyISjpXIELdMVEnV5ihualPzHPI1qmbMD0ObejI78MrMhQPnujLLlAoIBADki6HtcE8hvcxKTjat8TeV02daYgAniqwHATQ0q8PQdCQqSWcgCcaQ0Ons99vwnzPG0zA1yjXjxamUO7dROGg+JRR1u/3o70od+0d8m3E59foul96b6uTySOlA5QwGCXcjiNkw0en9qZGo2Igdgx6bOH7a8Xai61howjQRiGCHlz4G7A7mcR9yIimtjVvU4W4Sujm3CHtcKqk/HUEFFWf15NLSMBiDpGjM7cx/6vntPNsCircO/eIm+5wrwtcbFaBY2wNPxYZScoxoJVtxekzJMPw8yORPfKjJnV6Nj5OwFCsCK+aIXfC31iMGARo1hXIOi3FA5yRqY4jtBwgxFJWMCggEBAJ20cWtv0gxfv54DUmj78ZesY9HFgGGyPzlph9KhZ0C+JG8YnPtGSxUbv4wVsurv8eD7Md9hwnNK0gsyqFUpq/6ua8ObGmvA7UCVpNBQkYAcJT2yUMAiehlj4fryGQmPYlE+L8bkNJnLDBxLjn3Hg5dS4CjxOBIuwbluCmCALs+0y3SSrTswMJtdVGxVw8Oxp3XNuyYfuWgmo7VLAiK1hFr4F9YHSXQACBoFAGO1Q65JTHAvJuJPQBedvw66gfYxneN8EcMuS8KWBRs+WEAPbWJqqdcXjG5B4IF7RRQdAJji0lI4lQgXmTAsOpWDEZWKo19HsyumwlYzW0QqDnwxfV0CggEAE5ZLFs5hSLqNAWir9Rzy+tdsZI044N9vCDyGfWcF4dWaaAbKo9laxJxrIrWVEvDdl+jqvuB1CvowwUtk7HIOLX0B8NCLUxU4ReT9z1BpRT5ls0y+hC1wEHhYS9rPYr355FQUhI+ibY/FwdGbZVavPKs57cWtkR1Q7ix+XtdtVL06EjU43bV+QKd9ANGogA6JM0ExIuQTgy4OLKlkmSqaxhhEk17II/IRPAk2P0XGRHoMpvi4RQsmgAYlizk2hGN/YriFag1aW/Jr4ZT0UlAoGjsBYpYkBs/RoMCiDdzTwnFBAPwFJc+WFHzYAJHqMgGTAKzqR7PzW91VIw+vqhT07Q==';
const LEAF =
  'MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCkOt8CaXQzP6jmhIwAU7TgSPx9Ur8bJvzcYARYz5h8w7vU+NXWKIqbeUbaGHQ/qB2hZANiAARxO/9OSShLq/FfDduBh2t0nPQFxXmv+P8zwlPRGy2Dph8ufjJiI67BD7frhYLaMx+ezTUpbCX+l0pneLPhy0oQcDWDk7oDJ+hXykuTY13FmhFkowLUOZem5kdg4MbrevM=';

let authority: Promise<PrivateKey> | undefined;
let leafKey: Promise<PrivateKey> | undefined;
const authorityKey = (): Promise<PrivateKey> => (authority ??= importPrivateKey(decodeBase64(AUTHORITY)));
/** The key of every leaf. */
export const signer = (): Promise<PrivateKey> => (leafKey ??= importPrivateKey(decodeBase64(LEAF)));

/** An AlgorithmIdentifier as AMD writes it. */
export const PSS_SHA384: Bytes = parseCertificate(leaf).signatureAlgorithm;
const OID = '1.3.6.1.4.1.3704.1';

export const integer = (...contents: readonly number[]): Bytes =>
  encodeElement(0x02, Uint8Array.from(contents));
export const ia5 = (text: string): Bytes => encodeElement(0x16, encodeUtf8(text));
export const extension = (oid: string, value: Uint8Array, critical = false): Bytes =>
  encodeSequence(
    encodeOid(oid.startsWith('.') ? OID + oid : oid),
    ...(critical ? [encodeElement(0x01, Uint8Array.of(0xff))] : []),
    encodeOctetString(value),
  );
export const nameOf = (commonName: string): Bytes =>
  encodeSequence(
    encodeElement(0x31, encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, encodeUtf8(commonName)))),
  );
const timeOf = (date: Date): Bytes =>
  encodeElement(0x18, encodeUtf8(date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
const authorityExtensions = (pathLength: number | undefined): Bytes[] => [
  extension(
    '2.5.29.19',
    encodeSequence(
      encodeElement(0x01, Uint8Array.of(0xff)),
      ...(pathLength === undefined ? [] : [integer(pathLength)]),
    ),
    true,
  ),
  extension('2.5.29.15', encodeElement(0x03, Uint8Array.of(1, 0x06)), true),
];

/** What a certificate says. */
export interface Subject {
  readonly name: string;
  readonly issuer: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly serial?: number;
  readonly extensions: readonly Uint8Array[];
  readonly spki?: Uint8Array;
  readonly broken?: boolean;
}

export const FROM: Date = new Date('2024-01-01T00:00:00Z');
export const TO: Date = new Date('2030-01-01T00:00:00Z');
export const AT: Date = new Date('2025-06-01T00:00:00Z');

const made = new Map<string, Promise<Bytes>>();

/** Sign a body, once. */
function signed(body: Bytes, broken = false): Promise<Bytes> {
  const name = `${broken} ${encodeHex(body)}`;
  const known = made.get(name) ?? signNow(body, broken);
  made.set(name, known);
  return known;
}

async function signNow(body: Bytes, broken: boolean): Promise<Bytes> {
  const signature = await sign(await authorityKey(), body, { scheme: 'rsa-pss-sha384' });
  if (broken) signature[9] = (signature[9] ?? 0) ^ 1;
  return encodeSequence(body, PSS_SHA384, encodeBitString(signature));
}

/** A certificate under the one authority key. */
export async function forgeCertificate(subject: Subject): Promise<Bytes> {
  const { from = FROM, to = TO, serial = 0, spki } = subject;
  return await signed(
    encodeSequence(
      encodeElement(0xa0, integer(2)),
      integer(serial),
      PSS_SHA384,
      nameOf(subject.issuer),
      encodeSequence(timeOf(from), timeOf(to)),
      nameOf(subject.name),
      spki ?? (await authorityKey()).publicKey.spki,
      encodeElement(0xa3, encodeSequence(...subject.extensions)),
    ),
    subject.broken,
  );
}

export const TCB: SnpTcb = { fmc: 2, bootloader: 4, tee: 1, snp: 22, microcode: 213 };
const HARDWARE_ID: Bytes = parseSnpReport(report).chipId;

/** The extensions of a leaf, by suffix. */
export function leafExtensions(product: SnpProduct, kind: 'VCEK' | 'VLEK'): Record<string, Uint8Array> {
  const { fmc = 0, bootloader, tee, snp, microcode } = TCB;
  const spl = (value: number): Bytes => encodeInteger(Uint8Array.of(value));
  return {
    '.1': integer(product === 'Turin' ? 1 : 0),
    '.2': ia5(product),
    '.3.1': spl(bootloader),
    '.3.2': spl(tee),
    '.3.3': spl(snp),
    '.3.8': spl(microcode),
    ...(product === 'Turin' && { '.3.9': spl(fmc) }),
    ...(kind === 'VCEK'
      ? { '.4': product === 'Turin' ? HARDWARE_ID.slice(0, 8) : HARDWARE_ID }
      : { '.5': ia5('CN=cc-us-east-2.example.net') }),
  };
}

/** What to change about a chain. */
export interface ChainChanges {
  readonly extensions?: Readonly<Record<string, Uint8Array | undefined>>;
  readonly critical?: readonly string[];
  readonly leaf?: Partial<Subject>;
  readonly intermediate?: Partial<Subject>;
  readonly root?: Partial<Subject>;
}

/** A chain of a product. */
export async function forgeChain(
  product: SnpProduct,
  kind: 'VCEK' | 'VLEK' = 'VCEK',
  changes: ChainChanges = {},
): Promise<{ leaf: Bytes; intermediate: Bytes; root: Bytes; anchors: TrustAnchor[] }> {
  const [top, middle] = [`ARK-${product}`, `${kind === 'VLEK' ? 'SEV-VLEK' : 'SEV'}-${product}`];
  const extensions = Object.entries({ ...leafExtensions(product, kind), ...changes.extensions }).flatMap(
    ([oid, value]) => (value === undefined ? [] : [extension(oid, value, changes.critical?.includes(oid))]),
  );
  const root = await forgeCertificate({
    name: top,
    issuer: top,
    extensions: authorityExtensions(undefined),
    ...changes.root,
  });
  return {
    root,
    intermediate: await forgeCertificate({
      name: middle,
      issuer: top,
      serial: 7,
      extensions: authorityExtensions(0),
      ...changes.intermediate,
    }),
    leaf: await forgeCertificate({
      name: `SEV-${kind}`,
      issuer: middle,
      extensions,
      spki: (await signer()).publicKey.spki,
      ...changes.leaf,
    }),
    anchors: [parseCertificate(root)],
  };
}

const CPUID: Readonly<Record<SnpProduct, readonly [number, number]>> = {
  Milan: [0x19, 0x01],
  Genoa: [0x19, 0x11],
  Turin: [0x1a, 0x02],
};

/** A report of a product, signed; bytes given by place are changed before it is. */
export async function forgeReport(
  product: SnpProduct,
  changes: Partial<SnpReportFields> = {},
  bytes: Readonly<Record<number, number>> = {},
): Promise<Bytes> {
  const { version = 3 } = changes;
  const tcb = encodeSnpTcb(TCB, product);
  const base = parseSnpReport(report);
  const [family, model] = CPUID[product];
  const cpuid = version >= 3 ? [family, model, 1] : [undefined, undefined, undefined];
  const chipId =
    product === 'Turin' ? concatBytes(base.chipId.subarray(0, 8), new Uint8Array(56)) : base.chipId;
  const bare = encodeSnpReport({
    ...base,
    version,
    cpuidFamily: cpuid[0],
    cpuidModel: cpuid[1],
    cpuidStepping: cpuid[2],
    currentTcb: tcb,
    reportedTcb: tcb,
    committedTcb: tcb,
    launchTcb: tcb,
    chipId,
    ...changes,
  });
  for (const [at, value] of Object.entries(bytes)) bare[Number(at)] = value;
  const raw = await sign(await signer(), bare.subarray(0, 0x2a0), { encoding: 'raw' });
  if (changes.signatureR === undefined) bare.set(raw.slice(0, 48).reverse(), 0x2a0);
  if (changes.signatureS === undefined) bare.set(raw.slice(48).reverse(), 0x2e8);
  return bare;
}

/** What a revocation list says. */
export interface ListChanges {
  readonly from?: Date;
  readonly to?: Date | null;
  readonly revoked?: readonly number[];
  readonly issuer?: string;
  readonly broken?: boolean;
  readonly extensions?: readonly Uint8Array[];
  readonly entryExtensions?: readonly Uint8Array[];
}

/** A revocation list of a product's root. */
export async function forgeList(product: SnpProduct, changes: ListChanges = {}): Promise<Bytes> {
  const { from = FROM, to = TO, revoked = [], extensions = [], entryExtensions = [] } = changes;
  const entries = revoked.map((serial) =>
    encodeSequence(
      integer(serial),
      timeOf(FROM),
      ...(entryExtensions.length === 0 ? [] : [encodeSequence(...entryExtensions)]),
    ),
  );
  return await signed(
    encodeSequence(
      integer(1),
      PSS_SHA384,
      nameOf(changes.issuer ?? `ARK-${product}`),
      timeOf(from),
      ...(to === null ? [] : [timeOf(to)]),
      ...(entries.length === 0 ? [] : [encodeSequence(...entries)]),
      ...(extensions.length === 0 ? [] : [encodeElement(0xa0, encodeSequence(...extensions))]),
    ),
    changes.broken,
  );
}
