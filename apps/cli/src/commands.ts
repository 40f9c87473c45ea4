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
    name: 'public-key',
    summary: 'Print the public key of a key.',
    load: async () => [(await import('./commands/keygen.js')).publicKey],
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
    summary: 'Verify the attestation of a file, with a key or a certificate.',
    load: async () => [(await import('./commands/verify-attestation.js')).verifyBlobAttestationCommand],
  },
  {
    name: 'copy',
    summary: 'Copy an image with its signatures, attestations and everything else that refers to it.',
    load: async () => [(await import('./commands/copy.js')).copy],
  },
  {
    name: 'save',
    summary:
      'Save an image with its signatures, attestations and everything else that refers to it in a folder.',
    load: async () => [(await import('./commands/copy.js')).save],
  },
  {
    name: 'load',
    summary: 'Load an image with everything that was saved with it from a folder into a registry.',
    load: async () => [(await import('./commands/copy.js')).load],
  },
  {
    name: 'image',
    isGroup: true,
    summary: 'Encrypted images: encrypt and decrypt layers, as skopeo does.',
    load: async () => {
      const { imageEncrypt, imageDecrypt } = await import('./commands/image.js');
      return [imageEncrypt, imageDecrypt];
    },
  },
  {
    name: 'tree',
    summary: 'Show what is kept beside an image: signatures, attestations, everything that refers to it.',
    load: async () => [(await import('./commands/artifacts.js')).tree],
  },
  {
    name: 'triangulate',
    summary: 'Tell under which tag the signatures of an image are.',
    load: async () => [(await import('./commands/artifacts.js')).triangulate],
  },
  {
    name: 'clean',
    summary: 'Delete what is kept beside an image: signatures, attestations, bundles.',
    load: async () => [(await import('./commands/artifacts.js')).clean],
  },
  {
    name: 'download',
    isGroup: true,
    summary: 'Signatures, attestations and documents of images, as they are.',
    load: async () => {
      const { downloadSignature, downloadAttestation, downloadSbom } =
        await import('./commands/artifacts.js');
      return [downloadSignature, downloadAttestation, downloadSbom];
    },
  },
  {
    name: 'attach',
    isGroup: true,
    summary: 'Put signatures, attestations and documents that were made elsewhere beside images.',
    load: async () => {
      const artifacts = await import('./commands/artifacts.js');
      return [artifacts.attachSignature, artifacts.attachAttestationCommand, artifacts.attachSbom];
    },
  },
  {
    name: 'manifest',
    isGroup: true,
    summary: 'Images of Kubernetes manifests.',
    load: async () => [(await import('./commands/verify-files.js')).manifestVerify],
  },
  {
    name: 'dockerfile',
    isGroup: true,
    summary: 'Images that a Dockerfile builds on.',
    load: async () => [(await import('./commands/verify-files.js')).dockerfileVerify],
  },
  {
    name: 'generate',
    summary: 'Print what a signature of an image under its tag is over, to sign it elsewhere.',
    load: async () => [(await import('./commands/generate.js')).generate],
  },
  {
    name: 'upload',
    isGroup: true,
    summary: 'Files and modules of WebAssembly, into a registry.',
    load: async () => {
      const upload = await import('./commands/upload.js');
      return [upload.uploadBlob, upload.uploadWasmCommand];
    },
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
      return [
        rekor.rekorGet,
        rekor.rekorSearch,
        rekor.rekorVerify,
        rekor.rekorUpload,
        rekor.rekorLogInfo,
        rekor.rekorLogProof,
      ];
    },
  },
  {
    name: 'verify-bundle',
    summary: 'Verify a file with a Sigstore bundle, offline.',
    load: async () => [(await import('./commands/verify-bundle.js')).verifyBundle],
  },
  {
    name: 'verify-blob',
    summary: 'Verify a file with a bundle or a signature.',
    load: async () => [(await import('./commands/verify-bundle.js')).verifyBlob],
  },
  {
    name: 'bundle',
    isGroup: true,
    summary: 'Sigstore bundles: make, upgrade, look into.',
    load: async () => {
      const bundle = await import('./commands/bundle.js');
      return [bundle.bundleCreate, bundle.bundleUpgrade, bundle.bundleInspect];
    },
  },
  {
    name: 'initialize',
    summary:
      'Fetch and verify what a Sigstore instance is trusted by, and keep it: sign and verify use it without a network.',
    load: async () => [(await import('./commands/trust.js')).initialize],
  },
  {
    name: 'trusted-root',
    isGroup: true,
    summary: 'Which authorities and logs are believed.',
    load: async () => [(await import('./commands/trust.js')).trustedRootCreate],
  },
  {
    name: 'signing-config',
    isGroup: true,
    summary: 'Which services are asked for signatures.',
    load: async () => [(await import('./commands/trust.js')).signingConfigCreate],
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
  {
    name: 'login',
    summary: 'Keep credentials for a registry where docker login keeps them.',
    load: async () => [(await import('./commands/login.js')).login],
  },
  {
    name: 'env',
    summary: 'Print the environment variables that are listened to.',
    load: async () => [(await import('./commands/self.js')).env],
  },
  {
    name: 'version',
    summary: 'Print the version.',
    load: async () => [(await import('./commands/self.js')).version],
  },
  {
    name: 'completion',
    summary: 'Print a script that lets a shell complete command lines of sealwright.',
    load: async () => [(await import('./commands/completion.js')).completion],
  },
];
