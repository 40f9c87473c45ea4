import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { exportPublicPem, generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';

/** Who stores secrets and policies in the key broker. */
export interface Administrator {
  /** Path of a configuration under which the key broker knows this administrator, and nobody else. */
  readonly configFile: string;
  /** Store a secret. */
  setResource(url: string, path: string, value: Uint8Array): Promise<void>;
  /** Say who gets what. */
  setPolicy(url: string, policy: object): Promise<void>;
}

/**
 * Make an administrator, and the configuration of the key broker.
 *
 * @param folder - for the configuration, the public key and the database
 */
export async function createAdministrator(folder: string): Promise<Administrator> {
  const key = await generateKeyPair('ed25519');
  writeFileSync(join(folder, 'admin.pub.pem'), exportPublicPem(key.publicKey));
  const configFile = join(folder, 'kbs-config.toml');
  writeFileSync(configFile, configuration(folder));
  const post = async (url: string, body: Uint8Array): Promise<void> => {
    const headers = { authorization: `Bearer ${await token(key)}` };
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    if (!response.ok) throw new Error(`the key broker answered ${response.status}: ${await response.text()}`);
  };
  return {
    configFile,
    setResource: (url, path, value) => post(`${url}/kbs/v0/resource/${path}`, value),
    setPolicy: (url, policy) => {
      const text = encodeBase64url(encodeUtf8(JSON.stringify(policy)));
      return post(`${url}/kbs/v0/resource-policy`, encodeUtf8(JSON.stringify({ policy: text })));
    },
  };
}

/** A JWT that is good for a minute. */
async function token(key: PrivateKey): Promise<string> {
  const part = (value: object): string => encodeBase64url(encodeUtf8(JSON.stringify(value)));
  const exp = Math.floor(Date.now() / 1000) + 60;
  const signed = `${part({ alg: 'EdDSA', typ: 'JWT' })}.${part({ iss: 'demo', role: 'admin', exp })}`;
  return `${signed}.${encodeBase64url(await sign(key, encodeUtf8(signed)))}`;
}

function configuration(folder: string): string {
  const path = (name: string): string => JSON.stringify(join(folder, name));
  return `[http_server]
sockets = ["127.0.0.1:0"]
insecure_http = true

[attestation_service]
type = "coco_as_builtin"

[admin]
authorization_mode = "AuthenticatedAuthorization"
[admin.authentication.bearer_jwt]
identity_providers = [{ issuer = "demo", public_key_uri = ${path('admin.pub.pem')} }]
[admin.authorization.regex_acl]
acls = [{ role = "admin", allowed_endpoints = "^/kbs/.+$" }]

[[plugins]]
name = "resource"

[sealwright]
database = ${path('kbs.sqlite')}
resource_policy = "deny_all"

[sealwright.reference_values]
svn = ["1"]
launch_digest = ["abcde"]
major_version = 1
minimum_minor_version = 4
`;
}
