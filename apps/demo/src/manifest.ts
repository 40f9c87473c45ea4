import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { exportPublicJwk, generateKeyPair, type Jwk, sign } from '@sealwright/crypto';
import { sealSecret } from '@sealwright/sealed-secret';

/** Where the key broker has the public key of who sealed. */
export const SEALING_KEY = 'default/sealing/public';

/** A Kubernetes Secret that is worth nothing outside the guest. */
export interface SealedManifest {
  /** Names of the files, and the sealed texts. */
  readonly files: ReadonlyMap<string, string>;
  /** The manifest. */
  readonly yaml: string;
  /** The public key of who sealed. */
  readonly publicKey: Jwk;
}

/**
 * Seal: for each file, a text that names where its value is, signed by a key made for it.
 *
 * @param resources - names of files, and paths of resources
 */
export async function sealManifest(resources: Readonly<Record<string, string>>): Promise<SealedManifest> {
  const key = await generateKeyPair('ec-p256');
  const signer = {
    kid: `kbs:///${SEALING_KEY}`,
    sign: (bytes: Uint8Array) => sign(key, bytes, { encoding: 'raw' as const }),
  };
  const files = new Map<string, string>();
  for (const [name, path] of Object.entries(resources)) {
    const payload = {
      type: 'vault',
      name: `kbs:///${path}`,
      provider: 'kbs',
      providerSettings: {},
      annotations: {},
    } as const;
    files.set(name, await sealSecret(payload, signer));
  }
  const data = [...files].map(([name, text]) => `  ${name}: ${encodeBase64(encodeUtf8(text))}`);
  const yaml = `apiVersion: v1
kind: Secret
metadata:
  name: signing-secrets
  namespace: tekton-chains
type: Opaque
immutable: true
data:
${data.join('\n')}
`;
  return { files, yaml, publicKey: exportPublicJwk(key.publicKey) };
}
