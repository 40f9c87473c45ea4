/** What the chain hangs on. */
export interface TrustFacts {
  readonly keyid: string;
  readonly initDataDigest: string;
  readonly imageDigest: string;
  readonly sealed: readonly string[];
}

/**
 * Draw who trusts whom for what, from the image down to the guest.
 *
 * @param facts - what was seen
 */
export function chainOfTrust({ keyid, initDataDigest, imageDigest, sealed }: TrustFacts): readonly string[] {
  return [
    'The chain of trust',
    '',
    `  image         ${imageDigest}`,
    '    ^ is named by',
    '  provenance    slsa.dev/provenance, what was built from what, by which task',
    '    ^ is signed by',
    `  key           ${keyid}`,
    `    ^ was released to the memory of a guest only, in place of the sealed ${sealed.join(', ')}`,
    '  key broker    released it under its policy, encrypted to a key that the guest made',
    '    ^ because its token about that guest says',
    `  init-data     sha256:${initDataDigest}`,
    '    ^ which the guest showed with its evidence; hardware binds the two',
    '  evidence      of the TEE "sample", which proves nothing: on real hardware AMD or Intel sign here',
  ];
}
