import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Narrator } from './narrator.js';
import type { Stage } from './stage.js';

/** If there is a `cosign` on the path, it has a say too. */
export async function verifyWithCosign(stage: Stage, narrator: Narrator, publicPem: string): Promise<void> {
  if ((await runCosign(stage, ['version'])) === undefined) return;
  const key = join(stage.folder, 'cosign.pub');
  writeFileSync(key, publicPem);
  const image = `${stage.repository}@${stage.image.digest}`;
  const common = ['--key', key, '--insecure-ignore-tlog=true', '--allow-http-registry', image];
  await narrator.step('The cosign on this machine verifies the same', async () => {
    for (const args of [
      ['verify', ...common],
      ['verify-attestation', '--type', 'slsaprovenance1', ...common],
      ['verify-attestation', '--type', 'slsaprovenance02', ...common],
    ]) {
      const exitCode = await runCosign(stage, args);
      if (exitCode !== 0) throw new Error(`cosign ${args[0] ?? ''} ended with ${exitCode ?? 'nothing'}`);
    }
    return { happened: 'It agrees.', facts: [['exit codes', '0, 0, 0']] };
  });
}

/** The exit code; `undefined` when there is no such program. */
function runCosign(stage: Stage, args: readonly string[]): Promise<number | null | undefined> {
  return new Promise((resolve) => {
    const env = { ...process.env, HOME: stage.folder, DOCKER_CONFIG: stage.folder };
    const child = spawn('cosign', args, { env, stdio: 'ignore' });
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code));
  });
}
