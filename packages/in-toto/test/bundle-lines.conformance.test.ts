import { decodeHex, encodeBase64url } from '@sealwright/bytes';
import { importPublicKey } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  type BundleLine,
  encodeEnvelope,
  InTotoError,
  parsePayloadType,
  parseStatement,
  readBundleLines,
  verifierFromKey,
  verifyEnvelope,
} from '../src/index.js';

interface ExpectedLine {
  line: number;
  kind: BundleLine['kind'];
  why?: string;
  predicateType?: string;
  foreignPayloadType?: string;
  sameAsLine?: number;
}
interface ExpectedFile {
  lines?: number;
  byLine: ExpectedLine[];
  withOnlyTheEd25519KeyTrusted?: { verifiedLines: number[] };
}

const area = vectorArea('in-toto/jsonl');
const dsse = vectorArea('dsse');
const files = area.present ? Object.entries(area.json<Record<string, ExpectedFile>>('expected.json')) : [];

describe.skipIf(!area.present)(`bundles of ${area.name}`, () => {
  it.each(files)('%s', async (file, expected) => {
    for (const size of [1 << 20, 61, 1]) {
      const lines = await read(area.bytes(file), size);
      if (expected.lines !== undefined) expect(lines).toHaveLength(expected.lines);
      expect(lines.map(described)).toEqual(expected.byLine);
    }
  });

  it.each(files.filter(([, { withOnlyTheEd25519KeyTrusted: trusted }]) => trusted !== undefined))(
    '%s with one trusted key',
    async (file, { withOnlyTheEd25519KeyTrusted: trusted }) => {
      const verifiers = dsse
        .list('real')
        .filter((name) => name.startsWith('ed25519-key-') && name.endsWith('.hex'))
        .map((name) => encodeBase64url(decodeHex(dsse.text('real', name).trim())))
        .map((x) => verifierFromKey(importPublicKey({ kty: 'OKP', crv: 'Ed25519', x })));
      const verified: number[] = [];
      for (const line of await read(area.bytes(file), 1000)) {
        if (!('envelope' in line) || line.envelope === undefined) continue;
        try {
          await verifyEnvelope(encodeEnvelope(line.envelope), { verifiers });
          verified.push(line.line);
        } catch (error) {
          expect(error).toBeInstanceOf(InTotoError);
        }
      }
      expect(verified).toEqual(trusted?.verifiedLines);
    },
  );
});

async function read(bytes: Uint8Array, size: number): Promise<BundleLine[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
  }
  const lines: BundleLine[] = [];
  for await (const line of readBundleLines(chunks(), { findRepeats: true })) lines.push(line);
  return lines;
}

function described(line: BundleLine): ExpectedLine {
  const result: ExpectedLine = { line: line.line, kind: line.kind };
  if (line.kind === 'unrecognized') result.why = line.why;
  if (!('envelope' in line) || line.envelope === undefined) return result;
  const { payloadType, payload } = line.envelope;
  if (parsePayloadType(payloadType) === undefined) result.foreignPayloadType = payloadType;
  else Object.assign(result, predicateTypeOf(payload));
  if (line.sameAsLine !== undefined) result.sameAsLine = line.sameAsLine;
  return result;
}

/** What a payload that claims to be a statement says it is; nothing where it is none. */
function predicateTypeOf(payload: Uint8Array): { predicateType?: string } {
  try {
    return { predicateType: parseStatement(payload, { mode: 'tolerant' }).predicateType };
  } catch (error) {
    if (error instanceof InTotoError) return {};
    throw error;
  }
}
