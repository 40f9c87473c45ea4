import { decodeBase64, decodeHex, decodeUtf8, encodeHex } from '@sealwright/bytes';
import { importPrivateKey } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { SnpReportError } from '../src/index.js';
import {
  measureSevLaunch,
  measureSnpFirmware,
  measureSnpLaunch,
  parseSnpIdBlock,
  signSnpIdBlock,
  snpIdAuthDigests,
  type SnpLaunch,
  snpKeyDigest,
  snpVcpuSignature,
  verifySnpIdBlock,
} from '../src/launch/index.js';
import { vectorArea } from '../../../tools/vectors.ts';

interface Outcome {
  readonly ok: boolean;
  readonly reason: string | null;
}
interface MeasurementCase {
  readonly name: string;
  readonly mode: 'snp' | 'sev' | 'seves';
  readonly firmware: string;
  readonly firmwareHash: string | null;
  readonly vcpus: number;
  readonly vcpuType: string | null;
  readonly vcpuSig: string;
  readonly vmm: 'qemu' | 'ec2' | 'gce';
  readonly guestFeatures: string;
  readonly kernel: string | null;
  readonly initrd: string | null;
  readonly cmdline: string | null;
  readonly expect: Outcome & { readonly digest: string | null };
}
interface IdBlockCase {
  readonly name: string;
  readonly idBlock: string;
  readonly idAuth: string;
  readonly expect: Outcome & { readonly idKeyDigest: string; readonly authorKeyDigest: string };
}
interface IdBlocks {
  readonly cases: readonly IdBlockCase[];
  readonly fields: Record<string, string | number>;
  readonly published: {
    readonly idBlock?: string;
    readonly authBlockFile?: string;
    readonly idKeyDigest?: string;
    readonly authorKeyDigest?: string;
    readonly idBlockSignatureCoversThisBlock?: boolean;
    readonly idKeySignatureOk?: boolean;
  };
}

const area = vectorArea('snp-report');
const suite = describe.skipIf(!area.present);

suite('measurement/cases.json', () => {
  const { cases, firmwareHashes } = area.present
    ? area.json<{ cases: MeasurementCase[]; firmwareHashes: Record<string, string> }>(
        'measurement',
        'cases.json',
      )
    : { cases: [], firmwareHashes: {} };
  const file = (name: string): Uint8Array => area.bytes('measurement', name);

  it.each(cases)('$name', (given) => {
    if (given.vcpuType !== null) expect(snpVcpuSignature(given.vcpuType)).toBe(Number(given.vcpuSig));
    const launch: SnpLaunch = {
      firmware: file(given.firmware),
      ...(given.firmwareHash === null ? {} : { firmwareHash: decodeHex(given.firmwareHash) }),
      vcpus: given.vcpus,
      vcpuSignature: Number(given.vcpuSig),
      monitor: given.vmm,
      guestFeatures: BigInt(given.guestFeatures),
      ...(given.kernel === null
        ? {}
        : {
            kernel: {
              kernel: file(given.kernel),
              ...(given.initrd === null ? {} : { initrd: file(given.initrd) }),
              ...(given.cmdline === null ? {} : { commandLine: given.cmdline }),
            },
          }),
    };
    const measure = (): MeasurementCase['expect'] => {
      try {
        const digest = given.mode === 'snp' ? measureSnpLaunch(launch) : measureSevLaunch(given.mode, launch);
        return { ok: true, reason: null, digest: encodeHex(digest) };
      } catch (error) {
        return { ok: false, reason: reasonOf(error), digest: null };
      }
    };
    expect(measure()).toEqual(given.expect);
  });

  it.each(Object.entries(firmwareHashes))('%s alone', (name, hash) => {
    expect(encodeHex(measureSnpFirmware(file(name)))).toBe(hash);
  });
});

suite('id-block/cases.json', () => {
  const { cases, fields, published } = area.present
    ? area.json<IdBlocks>('id-block', 'cases.json')
    : { cases: [], fields: {}, published: {} };

  it.each(cases)('$name', async (given) => {
    const [idBlock, idAuth] = [decodeBase64(given.idBlock), decodeBase64(given.idAuth)];
    const { idKeyDigest, authorKeyDigest } = snpIdAuthDigests(idAuth);
    const outcome = await verifySnpIdBlock(idBlock, idAuth).then(
      (verified) => {
        expect(verified).toMatchObject({ idKeyDigest, authorKeyDigest });
        return { ok: true, reason: null };
      },
      (error: unknown) => ({ ok: false, reason: reasonOf(error) }),
    );
    const digests = { idKeyDigest: encodeHex(idKeyDigest), authorKeyDigest: encodeHex(authorKeyDigest) };
    expect({ ...outcome, ...digests }).toEqual(given.expect);
  });

  it('reads the fields', () => {
    for (const given of cases.filter(({ expect: wanted }) => wanted.ok)) {
      const { launchDigest, familyId, imageId, guestSvn, policy } = parseSnpIdBlock(
        decodeBase64(given.idBlock),
      );
      expect({
        launchDigest: encodeHex(launchDigest),
        familyId: encodeHex(familyId),
        imageId: encodeHex(imageId),
        version: 1,
        guestSvn,
        policy: `0x${policy.toString(16)}`,
      }).toEqual(fields);
    }
  });

  it('agrees with what was published', async () => {
    const idBlock = decodeBase64(published.idBlock ?? '');
    const verified = await verifySnpIdBlock(idBlock, area.bytes('id-block', published.authBlockFile ?? ''));
    // Verification stands for both signatures.
    expect([published.idBlockSignatureCoversThisBlock, published.idKeySignatureOk]).toEqual([true, true]);
    expect(encodeHex(verified.idKeyDigest)).toBe(published.idKeyDigest);
    expect(encodeHex(verified.authorKeyDigest)).toBe(published.authorKeyDigest);
    const key = async (name: string) =>
      await importPrivateKey(decodeUtf8(area.bytes('id-block', `published-test-${name}-key.pem`)));
    const [idKey, authorKey] = [await key('id'), await key('auth')];
    expect(encodeHex(snpKeyDigest(idKey.publicKey))).toBe(published.idKeyDigest);
    const again = await signSnpIdBlock(parseSnpIdBlock(idBlock), idKey, authorKey);
    expect(encodeHex(again.idBlock)).toBe(encodeHex(idBlock));
    expect(await verifySnpIdBlock(again.idBlock, again.idAuth)).toEqual(verified);
  });
});

function reasonOf(error: unknown): string {
  if (!(error instanceof SnpReportError)) throw error;
  return error.code.slice('ERR_SNP_'.length).toLowerCase();
}
