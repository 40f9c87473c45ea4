import type { Command } from 'commander';
import type { Io } from './io.js';

/** A command before its code is read: what the list of commands says of it. */
export interface Entry {
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  /** Read its code. */
  load(): Promise<readonly ((io: Io) => Command)[]>;
  /** Whether its commands stand below its name. */
  readonly isGroup?: true;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly Entry[] = [
  {
    name: 'keygen',
    alias: 'generate-key-pair',
    summary: 'Make a cosign key pair, encrypted with a password.',
    load: async () => [(await import('./commands/keygen.js')).keygen],
  },
  {
    name: 'import-key-pair',
    summary: 'Make a cosign key pair from a private key in PEM.',
    load: async () => [(await import('./commands/keygen.js')).importKeyPair],
  },
  {
    name: 'secret',
    isGroup: true,
    summary: 'Keys of sealed secrets.',
    load: async () => [(await import('./commands/secret-keygen.js')).secretKeygen],
  },
  {
    name: 'seal',
    summary: 'Write what stands in for a secret: a signed text that names where the value is.',
    load: async () => [(await import('./commands/seal.js')).seal],
  },
  {
    name: 'unseal',
    summary:
      'Verify a sealed secret and tell what it names; with --kbs-url, fetch the value as a guest does.',
    load: async () => [(await import('./commands/unseal.js')).unseal],
  },
  {
    name: 'image-policy',
    isGroup: true,
    summary: 'Policies about images: containers/image, Kyverno, policy-controller.',
    load: async () => {
      const { imagePolicyTest, imagePolicyExplain } = await import('./commands/image-policy.js');
      return [imagePolicyTest, imagePolicyExplain];
    },
  },
  {
    name: 'initdata',
    isGroup: true,
    summary: 'Init-data of confidential guests.',
    load: async () => {
      const { initdataEncode, initdataDigest, initdataInspect } = await import('./commands/initdata.js');
      return [initdataEncode, initdataDigest, initdataInspect];
    },
  },
  {
    name: 'policy',
    isGroup: true,
    summary: 'Policies in Rego: evaluate, test, format, check.',
    load: async () => [
      (await import('./commands/policy-eval.js')).policyEval,
      (await import('./commands/policy-test.js')).policyTest,
      (await import('./commands/policy-fmt.js')).policyFmt,
      (await import('./commands/policy-check.js')).policyCheck,
    ],
  },
  {
    name: 'kbs',
    isGroup: true,
    summary: 'Secrets and policies of a key broker.',
    load: async () => {
      const kbs = await import('./commands/kbs.js');
      return [
        kbs.setResource,
        kbs.getResource,
        kbs.deleteResource,
        kbs.setResourcePolicy,
        kbs.getResourcePolicy,
      ];
    },
  },
  {
    name: 'sign',
    summary: 'Sign images, with a key or without one of one’s own.',
    load: async () => [(await import('./commands/sign.js')).sign],
  },
  {
    name: 'attest',
    summary: 'Attest images, with a key or without one of one’s own.',
    load: async () => [(await import('./commands/sign.js')).attest],
  },
  {
    name: 'verify',
    summary: 'Verify the signatures of images, with a key or a certificate.',
    load: async () => [(await import('./commands/verify.js')).verify],
  },
  {
    name: 'verify-attestation',
    summary: 'Verify the attestations of images, with a key or a certificate.',
    load: async () => [(await import('./commands/verify-attestation.js')).verifyAttestation],
  },
  {
    name: 'verify-blob-attestation',
    summary: 'Verify the attestation of a file with a public key.',
    load: async () => [(await import('./commands/verify-attestation.js')).verifyBlobAttestationCommand],
  },
  {
    name: 'sign-blob',
    summary: 'Sign a file into a Sigstore bundle.',
    load: async () => [(await import('./commands/sign-bundle.js')).signBlobCommand],
  },
  {
    name: 'attest-blob',
    summary: 'Attest a file, with a key or without one of one’s own.',
    load: async () => [(await import('./commands/sign-bundle.js')).attestBlobCommand],
  },
  {
    name: 'sign-bundle',
    summary: 'Sign a file into a Sigstore bundle, without a key of one’s own.',
    load: async () => [(await import('./commands/sign-bundle.js')).signBundle],
  },
  {
    name: 'rekor',
    isGroup: true,
    summary: 'Transparency logs, as rekor-cli.',
    load: async () => {
      const rekor = await import('./commands/rekor.js');
      return [rekor.rekorGet, rekor.rekorSearch, rekor.rekorVerify, rekor.rekorUpload, rekor.rekorLogInfo];
    },
  },
  {
    name: 'verify-bundle',
    summary: 'Verify a file with a Sigstore bundle, offline.',
    load: async () => [(await import('./commands/verify-bundle.js')).verifyBundle],
  },
  {
    name: 'verify-blob',
    summary: 'Verify a file with a bundle, offline.',
    load: async () => [(await import('./commands/verify-bundle.js')).verifyBlob],
  },
  {
    name: 'statement',
    isGroup: true,
    summary: 'Statements of in-toto.',
    load: async () => [(await import('./commands/statement.js')).statementLint],
  },
  {
    name: 'provenance',
    isGroup: true,
    summary: 'SLSA provenance.',
    load: async () => [
      (await import('./commands/provenance-make.js')).provenanceMake,
      (await import('./commands/provenance-inspect.js')).provenanceInspect,
      (await import('./commands/provenance-verify.js')).provenanceVerify,
      (await import('./commands/provenance-verify-npm.js')).provenanceVerifyNpm,
      (await import('./commands/provenance-convert.js')).provenanceConvert,
    ],
  },
  {
    name: 'vsa',
    isGroup: true,
    summary: 'Verification summaries of SLSA.',
    load: async () => {
      const { vsaMake, vsaVerify } = await import('./commands/vsa.js');
      return [vsaMake, vsaVerify];
    },
  },
  {
    name: 'evidence',
    isGroup: true,
    summary: 'Evidence of TEEs, whoever made it.',
    load: async () => [(await import('./commands/evidence.js')).evidenceInspect],
  },
  {
    name: 'snp',
    isGroup: true,
    summary: 'Guests on AMD SEV-SNP: what their measurement is, and whether their report is good enough.',
    load: async () => [
      (await import('./commands/snp-measure.js')).snpMeasure,
      (await import('./commands/snp-inspect.js')).snpInspect,
      (await import('./commands/snp-verify.js')).snpVerify,
    ],
  },
  {
    name: 'tdx',
    isGroup: true,
    summary: 'Guests on Intel TDX: what their MRTD is, and whether their quote is good enough.',
    load: async () => [
      (await import('./commands/tdx-mrtd.js')).tdxMrtd,
      (await import('./commands/tdx-inspect.js')).tdxInspect,
      (await import('./commands/tdx-verify.js')).tdxVerify,
    ],
  },
];
