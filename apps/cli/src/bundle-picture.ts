import { encodeBase64, encodeHex } from '@sealwright/bytes';
import {
  type BundleContent,
  type BundleMaterial,
  type FulcioExtensionName,
  fulcioExtensions,
  type LogEntry,
  parseBundle,
  parseTimestampResponse,
  readCertificate,
  subjectNames,
} from '@sealwright/cosign-sig';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { print } from './command.js';
import { about } from './failure.js';
import type { Io } from './io.js';
import { printable } from './printable.js';

/**
 * Show what a bundle says.
 *
 * @param io - the world
 * @param file - its name
 * @param flags - of the command line
 */
export async function inspectBundle(io: Io, file: string, flags: { readonly json?: boolean }): Promise<void> {
  const bytes = await io.readFile(file);
  const shown = await about(file, () => {
    const bundle = parseBundle(bytes, { allowCertificateChain: true });
    return {
      version: bundle.version,
      material: materialOf(bundle.material),
      logEntries: bundle.logEntries.map(entryOf),
      timestamps: bundle.timestamps.map(timestampOf),
      content: contentOf(bundle.content),
    };
  });
  if (flags.json !== true) io.err('Nothing of this is verified.\n');
  print(io, flags.json, shown, lines(shown, 0));
}

function materialOf(material: BundleMaterial): JsonObject {
  if (material.kind === 'publicKey') return { publicKeyHint: material.hint };
  const { certificate } = readCertificate(material.certificate);
  const said = Object.entries(fulcioExtensions(certificate)) as [FulcioExtensionName, unknown][];
  return {
    names: subjectNames(certificate).map(({ type, value }) => `${type}:${value}`),
    notBefore: timeOf(certificate.notBefore),
    notAfter: timeOf(certificate.notAfter),
    extensions: Object.fromEntries(
      said.filter((each): each is [FulcioExtensionName, string] => typeof each[1] === 'string'),
    ),
    intermediates: material.intermediates.length,
  };
}

function entryOf(entry: LogEntry): JsonObject {
  const { inclusionProof: proof } = entry;
  return {
    logIndex: entry.logIndex,
    logId: encodeHex(entry.logId),
    kind: entry.kind,
    version: entry.version,
    ...(entry.integratedTime === 0 ? {} : { integratedTime: timeOf(entry.integratedTime * 1000) }),
    promise: entry.inclusionPromise !== undefined,
    ...(proof === undefined
      ? {}
      : {
          proof: {
            logIndex: proof.logIndex,
            treeSize: proof.treeSize,
            hashes: proof.hashes.length,
            origin: proof.checkpoint.split('\n', 1)[0] ?? '',
          },
        }),
  };
}

function timestampOf(der: Uint8Array): JsonObject {
  const { time, hash, imprint } = parseTimestampResponse(der);
  return { time: timeOf(time), imprint: `${hash}:${encodeHex(imprint)}` };
}

function contentOf(content: BundleContent): JsonObject {
  if (content.kind === 'message') {
    const { digest, signature } = content;
    return {
      kind: 'message',
      ...(digest === undefined ? {} : { digest: `${digest.algorithm}:${encodeHex(digest.value)}` }),
      signature: encodeBase64(signature),
    };
  }
  const { payloadType, payload, signatures } = content.envelope;
  return {
    kind: 'dsse',
    payloadType,
    payloadBytes: payload.byteLength,
    signatures: signatures.map(({ sig }) => encodeBase64(sig)),
  };
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** Indented lines, lists numbered. */
function lines(value: JsonObject, depth: number): string {
  return Object.entries(value)
    .map(([name, each]) => line(name, each, depth))
    .join('');
}

function line(name: string, value: JsonValue, depth: number): string {
  const start = `${'  '.repeat(depth)}- ${printable(name)}:`;
  if (isJsonObject(value)) return `${start}\n${lines(value, depth + 1)}`;
  if (!Array.isArray(value)) return `${start} ${printable(String(value))}\n`;
  const numbered = Object.fromEntries(value.map((each, index) => [`[${index}]`, each]));
  return `${start} ${value.length}\n${lines(numbered, depth + 1)}`;
}
