import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBase64, decodeUtf8, encodeHex } from '@sealwright/bytes';
import {
  attestationTag,
  CosignError,
  signatureTag,
  verifyImageAttestations,
  verifyImageSignatures,
} from '@sealwright/cosign-sig';
import type { PublicKey } from '@sealwright/crypto';
import {
  encodeEnvelope,
  InTotoError,
  parseEnvelope,
  verifierFromKey,
  verifyEnvelope,
} from '@sealwright/in-toto';
import { buildInitData, initDataDigest } from '@sealwright/initdata';
import { parseReference, type RegistryClient } from '@sealwright/oci';
import { runProgram } from '@sealwright/service';
import { pushTestImage } from '@sealwright/testing';
import type { Narrator } from './narrator.js';
import type { Stage } from './stage.js';

/** A guest with another configuration asks for the key. */
export async function otherInitData(stage: Stage, narrator: Narrator, url: string): Promise<void> {
  await narrator.step('Refused: a guest with other init-data asks for the key', async () => {
    const toml = buildInitData({ algorithm: 'sha256', data: { 'aa.toml': '# changed\n' } });
    const file = join(stage.folder, 'other-initdata.toml');
    writeFileSync(file, toml);
    const to = join(stage.memory, 'stolen');
    const result = await runProgram(stage.program('agent'), [
      '--kbs-url',
      url,
      '--initdata-toml',
      file,
      '--once',
      '--unseal-from',
      join(stage.folder, 'manifest'),
      '--unseal-to',
      to,
      ...(stage.hasMemory ? [] : ['--dangerously-unseal-to-disk']),
    ]);
    const left = readdirSync(stage.memory).includes('stolen');
    if (result.exitCode !== 1 || left) throw new Error('the key was released to a stranger');
    return {
      happened: 'The key broker denies it, and nothing is written.',
      facts: [
        ['its init-data digest', `sha256:${encodeHex(initDataDigest(toml, 'sha256'))}`],
        ['exit code', String(result.exitCode)],
        ['says', lastLine(result.stderr)],
      ],
    };
  });
}

/** One byte of the signed provenance is another. */
export async function changedProvenance(stage: Stage, narrator: Narrator, key: PublicKey): Promise<void> {
  await narrator.step('Refused: a provenance with one changed byte', async () => {
    const run = JSON.parse(readFileSync(join(stage.folder, 'runs/task-run.json'), 'utf8')) as {
      metadata: { annotations: Record<string, string> };
    };
    const name =
      Object.keys(run.metadata.annotations).find((each) => each.includes('/signature-taskrun-')) ?? '';
    const envelope = parseEnvelope(decodeUtf8(decodeBase64(run.metadata.annotations[name] ?? '')));
    const payload = new Uint8Array(envelope.payload);
    const at = decodeUtf8(payload).indexOf('builder.example');
    payload[at] = 'B'.charCodeAt(0);
    const verifiers = [verifierFromKey(key)];
    await verifyEnvelope(encodeEnvelope(envelope), { verifiers });
    const code = await refusal(
      verifyEnvelope(encodeEnvelope({ ...envelope, payload }), { verifiers }),
      InTotoError,
    );
    return {
      happened: 'The signature no longer holds; with the byte put back it does.',
      facts: [
        ['changed', `byte ${at}: b became B in the builder's id`],
        ['error', code],
      ],
    };
  });
}

/** Signature and attestations of an image are copied to another. */
export async function copiedSignature(
  stage: Stage,
  narrator: Narrator,
  registry: RegistryClient,
  key: PublicKey,
): Promise<void> {
  await narrator.step('Refused: an image whose digest is not the signed one', async () => {
    const other = pushTestImage(stage.registry, stage.image.repository, {
      tag: 'fake',
      content: 'something else',
    });
    const { tags } = stage.registry.repository(stage.image.repository);
    for (const tagOf of [signatureTag, attestationTag])
      tags.set(tagOf(other.digest), tags.get(tagOf(stage.image.digest)) ?? '');
    const image = parseReference(`${stage.repository}@${other.digest}`);
    const signature = await refusal(verifyImageSignatures(registry, image, { key }), CosignError);
    const attestation = await refusal(verifyImageAttestations(registry, image, { key }), CosignError);
    return {
      happened: 'Signature and attestations were copied to it; they name another digest.',
      facts: [
        ['its digest', other.digest],
        ['signature', signature],
        ['attestations', attestation],
      ],
    };
  });
}

/** The code of the error that it must be refused with. */
async function refusal(
  work: Promise<unknown>,
  expected: abstract new (...args: never[]) => Error & { readonly code: string },
): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof expected) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('what must be refused was accepted');
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
