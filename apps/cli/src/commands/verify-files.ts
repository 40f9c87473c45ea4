import type { Command } from 'commander';
import { command } from '../command.js';
import type { Io } from '../io.js';
import type { VerifyImageFlags } from '../verify-images.js';
import { refuseFiles } from '../verify-flags.js';
import { imageVerifyFlags } from './verify.js';

/** `manifest verify`: the images of Kubernetes manifests, as of cosign. */
export function manifestVerify(io: Io): Command {
  const flags = command('verify <file>', 'Verify the signatures of all images of Kubernetes manifests.', [
    'sealwright manifest verify --key cosign.pub --insecure-ignore-tlog deployment.yaml',
    'kustomize build . | sealwright manifest verify --certificate-identity ada@example.com --certificate-oidc-issuer https://accounts.example.com --trusted-root trusted_root.json -',
  ]);
  return refuseFiles(imageVerifyFlags(flags)).action(async (file: string, options: VerifyImageFlags) => {
    const { manifestImages } = await import('../named-images.js');
    const { verifyImages } = await import('../verify-images.js');
    await verifyImages(io, await manifestImages(io, file), options);
  });
}

/** `dockerfile verify`: the images that a Dockerfile builds on, as of cosign. */
export function dockerfileVerify(io: Io): Command {
  const flags = command('verify <file>', 'Verify the signatures of the images that a Dockerfile builds on.', [
    'sealwright dockerfile verify --key cosign.pub --insecure-ignore-tlog Dockerfile',
    'sealwright dockerfile verify --base-image-only --key cosign.pub --trusted-root trusted_root.json Dockerfile',
  ]).option('--base-image-only', 'only the image of the last stage');
  return refuseFiles(imageVerifyFlags(flags)).action(
    async (file: string, options: VerifyImageFlags & { readonly baseImageOnly?: boolean }) => {
      const { dockerfileImages } = await import('../named-images.js');
      const { verifyImages } = await import('../verify-images.js');
      await verifyImages(io, await dockerfileImages(io, file, options.baseImageOnly === true), options);
    },
  );
}
