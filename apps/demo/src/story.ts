import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBase64, decodeBase64url, decodeUtf8, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import {
  generateCosignKeyPair,
  verifyImageAttestations,
  verifyImageSignatures,
} from '@sealwright/cosign-sig';
import { type PublicKey, randomBytes, sshFingerprint } from '@sealwright/crypto';
import { parseEnvelope, verifierFromKey, verifyEnvelope } from '@sealwright/in-toto';
import { buildInitData, initDataDigest } from '@sealwright/initdata';
import { createRegistryClient, parseReference, type RegistryClient } from '@sealwright/oci';
import { pipelineRun, taskRun } from '@sealwright/testing';
import { type Administrator, createAdministrator } from './administrator.js';
import { chainOfTrust } from './chain-of-trust.js';
import { verifyWithCosign } from './cosign.js';
import { SEALING_KEY, type SealedManifest, sealManifest } from './manifest.js';
import type { Narrator } from './narrator.js';
import { otherInitData, changedProvenance, copiedSignature } from './refusals.js';
import type { Stage } from './stage.js';

/** What the story shows at its end. */
export interface Outcome {
  /** The chain of trust, drawn. */
  readonly chain: readonly string[];
  /** Commands to try while everything runs. */
  readonly commands: readonly string[];
}

/** What a consumer has of the key. */
interface ConsumerKey {
  readonly publicKey: PublicKey;
  readonly publicPem: string;
}

/** Where the key broker has the files of the Secret `signing-secrets`. */
const RESOURCES = {
  'cosign.key': 'default/cosign-secrets/cosign.key',
  'cosign.password': 'default/cosign-secrets/cosign.password',
  'cosign.pub': 'default/cosign-secrets/cosign.pub',
} as const;

/**
 * Tell the whole story once. Whatever does not hold throws.
 *
 * @param stage - where it plays
 * @param narrator - who tells it
 */
export async function tell(stage: Stage, narrator: Narrator): Promise<Outcome> {
  const administrator = await createAdministrator(stage.folder);
  const registry = createRegistryClient();
  const url = await startBroker(stage, narrator, administrator);
  const key = await makeKey(narrator, administrator, url);
  const initData = await makeInitData(stage, narrator, url);
  await setPolicy(narrator, administrator, url, initData.digest);
  const manifest = await seal(stage, narrator, administrator, url);
  const agentUrl = await attest(stage, narrator, url, initData, key);
  await sign(stage, narrator, key);
  await verify(stage, narrator, registry, key);
  await verifyWithCosign(stage, narrator, key.publicPem);
  const chain = chainOfTrust({
    keyid: sshFingerprint(key.publicKey),
    initDataDigest: initData.digest,
    imageDigest: stage.image.digest,
    sealed: [...manifest.files.keys()],
  });
  narrator.text(['', ...chain]);
  await otherInitData(stage, narrator, url);
  await changedProvenance(stage, narrator, key.publicKey);
  await copiedSignature(stage, narrator, registry, key.publicKey);
  return { chain, commands: commandsFor(stage, url, agentUrl) };
}

async function startBroker(stage: Stage, narrator: Narrator, administrator: Administrator): Promise<string> {
  let url = '';
  await narrator.step('A key broker starts', async () => {
    const { ready, pid } = await stage.start('kbs', ['--config-file', administrator.configFile]);
    url = String(ready['url']);
    const stranger = await fetch(`${url}/kbs/v0/resource/default/x/y`, { method: 'POST', body: 'x' });
    return {
      happened: 'It listens, and takes nothing from somebody who is not its administrator.',
      facts: [
        ['address', url],
        ['process', String(pid)],
        ['upload without a token', `refused with ${stranger.status}`],
      ],
    };
  });
  return url;
}

async function makeKey(narrator: Narrator, administrator: Administrator, url: string): Promise<ConsumerKey> {
  const password = encodeHex(randomBytes(16));
  const keyPair = await generateCosignKeyPair({ password });
  await narrator.step('A signing key is made and handed to the key broker', async () => {
    await administrator.setResource(url, RESOURCES['cosign.key'], keyPair.privatePem.expose());
    await administrator.setResource(url, RESOURCES['cosign.password'], encodeUtf8(password));
    await administrator.setResource(url, RESOURCES['cosign.pub'], encodeUtf8(keyPair.publicPem));
    keyPair.privatePem.wipe();
    return {
      happened:
        'The key pair is as cosign makes it; the private half now is only in the key broker, encrypted.',
      facts: [
        ['key id', sshFingerprint(keyPair.privateKey.publicKey)],
        ['stored as', Object.values(RESOURCES).join(', ')],
      ],
    };
  });
  return { publicKey: keyPair.privateKey.publicKey, publicPem: keyPair.publicPem };
}

async function makeInitData(
  stage: Stage,
  narrator: Narrator,
  url: string,
): Promise<{ file: string; digest: string }> {
  const toml = buildInitData({
    algorithm: 'sha256',
    data: { 'aa.toml': `[token_configs.kbs]\nurl = "${url}"\n` },
  });
  const file = join(stage.folder, 'initdata.toml');
  const digest = encodeHex(initDataDigest(toml, 'sha256'));
  await narrator.step("The guest's configuration is fixed", () => {
    writeFileSync(file, toml);
    return Promise.resolve({
      happened: 'Its init-data says which key broker it asks. One byte more, and its digest is another.',
      facts: [['init-data digest', `sha256:${digest}`]],
    });
  });
  return { file, digest };
}

async function setPolicy(
  narrator: Narrator,
  administrator: Administrator,
  url: string,
  digest: string,
): Promise<void> {
  await narrator.step('The administrator says who gets the key', async () => {
    const require = { tee: 'sample', initDataDigest: digest, status: 'affirming' };
    const rules = ['default/cosign-secrets/*', 'default/sealing/*'].map((path) => ({ path, require }));
    await administrator.setPolicy(url, { sealwright: 'resource-policy/v1', rules });
    return {
      happened: 'Only a guest that attests with exactly this init-data; everybody else is denied.',
      facts: [
        ['paths', rules.map(({ path }) => path).join(', ')],
        ['demanded', `TEE ${require.tee}, init-data ${digest.slice(0, 16)}…, status ${require.status}`],
      ],
    };
  });
}

async function seal(
  stage: Stage,
  narrator: Narrator,
  administrator: Administrator,
  url: string,
): Promise<SealedManifest> {
  const manifest = await sealManifest(RESOURCES);
  await narrator.step('The Kubernetes Secret is written, sealed', async () => {
    await administrator.setResource(url, SEALING_KEY, encodeUtf8(JSON.stringify(manifest.publicKey)));
    writeFileSync(join(stage.folder, 'signing-secrets.yaml'), manifest.yaml);
    for (const [name, text] of manifest.files) writeFileSync(join(stage.folder, 'manifest', name), text);
    const text = manifest.files.get('cosign.key') ?? '';
    const says = JSON.parse(decodeUtf8(decodeBase64url(text.split('.')[2] ?? ''))) as { name: string };
    return {
      happened: 'A cluster administrator who reads it sees where the key is, and no key.',
      facts: [
        ['manifest', 'Secret tekton-chains/signing-secrets'],
        ['cosign.key', `${text.slice(0, 40)}…`],
        ['which says', says.name],
      ],
    };
  });
  return manifest;
}

async function attest(
  stage: Stage,
  narrator: Narrator,
  url: string,
  initData: { file: string; digest: string },
  key: ConsumerKey,
): Promise<string> {
  let agentUrl = '';
  await narrator.step('The guest attests, and the key is released to it', async () => {
    const to = join(stage.memory, 'signing-secrets');
    const agent = await stage.start('agent', [
      '--kbs-url',
      url,
      '--initdata-toml',
      initData.file,
      '--listen',
      '127.0.0.1:0',
      '--features',
      'all',
      '--unseal-from',
      join(stage.folder, 'manifest'),
      '--unseal-to',
      to,
      ...(stage.hasMemory ? [] : ['--dangerously-unseal-to-disk']),
    ]);
    agentUrl = String(agent.ready['url']);
    must(
      readFileSync(join(to, 'cosign.pub'), 'utf8') === key.publicPem,
      'the guest got the key that was stored',
    );
    const claim = await initDataClaim(agentUrl);
    must(claim === initData.digest, 'the token carries the digest of the init-data');
    const modes = readdirSync(to).map((name) => (statSync(join(to, name)).mode & 0o777).toString(8));
    return {
      happened: `${readdirSync(to).length} files were unsealed${stage.hasMemory ? ' into memory' : ' (this system has no /dev/shm: to disk)'}.`,
      facts: [
        [
          'files',
          `${readdirSync(to).join(', ')}, mode 0${[...new Set(modes)].join(' 0')}, ${stage.hasMemory ? 'tmpfs' : 'disk'}`,
        ],
        ['claim init_data', claim],
      ],
    };
  });
  return agentUrl;
}

/** What the key broker's token says about the guest, in hexadecimal. */
async function initDataClaim(agentUrl: string): Promise<string> {
  const response = await fetch(`${agentUrl}/aa/token?token_type=kbs`);
  const { token } = (await response.json()) as { token: string };
  const claims = JSON.parse(decodeUtf8(decodeBase64url(token.split('.')[1] ?? ''))) as {
    submods: { cpu0: { 'ear.veraison.annotated-evidence': { init_data: string } } };
  };
  const shown = claims.submods.cpu0['ear.veraison.annotated-evidence'].init_data;
  return /^[0-9a-f]{64}$/.test(shown) ? shown : encodeHex(decodeBase64(shown));
}

async function sign(stage: Stage, narrator: Narrator, key: ConsumerKey): Promise<void> {
  await narrator.step('Tekton finishes a build, and the controller signs its provenance', async () => {
    const built = { image: stage.repository, digest: stage.image.digest };
    const config = join(stage.folder, 'chains-config.yaml');
    writeFileSync(config, CHAINS_CONFIG);
    writeFileSync(join(stage.folder, 'runs/task-run.json'), JSON.stringify(taskRun(built)));
    writeFileSync(join(stage.folder, 'runs/pipeline-run.json'), JSON.stringify(pipelineRun(built)));
    await stage.start('controller', [
      '--runs-dir',
      join(stage.folder, 'runs'),
      '--secrets-dir',
      join(stage.memory, 'signing-secrets'),
      '--config',
      config,
      '--listen',
      '127.0.0.1:0',
    ]);
    const annotations = await untilSigned(stage, 'pipeline-run.json');
    await untilSigned(stage, 'task-run.json');
    const name = Object.keys(annotations).find((each) => each.includes('/signature-')) ?? '';
    const envelope = decodeUtf8(decodeBase64(annotations[name] ?? ''));
    await verifyEnvelope(envelope, { verifiers: [verifierFromKey(key.publicKey)] });
    const keyid = parseEnvelope(envelope).signatures[0]?.keyid ?? '';
    must(keyid === sshFingerprint(key.publicKey), 'it was signed with the released key');
    return {
      happened: 'TaskRun and PipelineRun are signed with the released key.',
      facts: [
        ['TaskRun', 'slsa/v2alpha4, in the registry and as annotations'],
        ['PipelineRun', 'slsa/v1, in the registry and as annotations'],
        ['key id in the envelope', keyid],
      ],
    };
  });
}

/** The annotations of a run in the folder, once it is marked. */
async function untilSigned(stage: Stage, file: string): Promise<Readonly<Record<string, string>>> {
  for (let waited = 0; waited < 15_000; waited += 50) {
    const run = JSON.parse(readFileSync(join(stage.folder, 'runs', file), 'utf8')) as {
      metadata: { annotations?: Record<string, string> };
    };
    const annotations = run.metadata.annotations ?? {};
    if (annotations['chains.tekton.dev/signed'] === 'true') return annotations;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${file} was not signed`);
}

async function verify(
  stage: Stage,
  narrator: Narrator,
  registry: RegistryClient,
  key: ConsumerKey,
): Promise<void> {
  await narrator.step('A consumer verifies, with the public key alone', async () => {
    const image = parseReference(`${stage.repository}@${stage.image.digest}`);
    const { signatures } = await verifyImageSignatures(registry, image, { key: key.publicKey });
    const { attestations } = await verifyImageAttestations(registry, image, { key: key.publicKey });
    must(
      signatures.length === 1 && attestations.length === 2,
      'one signature and two attestations are there',
    );
    return {
      happened: 'The signature of the image and both attestations hold, and name this image.',
      facts: [
        ['image', `${stage.repository}@${stage.image.digest.slice(0, 19)}…`],
        ['signatures', String(signatures.length)],
        ['attestations', attestations.map(({ statement }) => statement.predicateType).join(', ')],
      ],
    };
  });
}

function commandsFor(stage: Stage, url: string, agentUrl: string): readonly string[] {
  const publicKey = join(stage.memory, 'signing-secrets/cosign.pub');
  const verifyFlags = `--key ${publicKey} --insecure-ignore-tlog --allow-http-registry ${stage.repository}@${stage.image.digest}`;
  return [
    `curl ${url}/healthz`,
    `curl ${agentUrl}/cdh/resource/default/cosign-secrets/cosign.pub`,
    `curl "${agentUrl}/aa/evidence?runtime_data=xxxx"`,
    `cat ${join(stage.folder, 'signing-secrets.yaml')}`,
    `jq .metadata.annotations ${join(stage.folder, 'runs/task-run.json')}`,
    `node apps/cli/dist/main.js kbs get-resource --url ${url} --path default/cosign-secrets/cosign.key`,
    `node apps/cli/dist/main.js verify ${verifyFlags}`,
    `cosign verify ${verifyFlags}`,
  ];
}

/** The demonstration shows only what was seen. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`it does not hold that ${what}`);
}

const CHAINS_CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: chains-config
data:
  builder.id: https://builder.example/sealwright
  artifacts.taskrun.format: slsa/v2alpha4
  artifacts.taskrun.storage: oci,tekton
  artifacts.pipelinerun.format: slsa/v1
  artifacts.pipelinerun.storage: oci,tekton
  artifacts.oci.storage: oci,tekton
`;
