import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { runProgram, startProgram } from '@sealwright/service';
import { describe, expect, it } from 'vitest';
import { programOf } from '../../../tools/program.ts';

const program = programOf('apps/demo');

/** Folders of the demonstration that are there now. */
function leftovers(): readonly string[] {
  return [tmpdir(), '/dev/shm']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith('sealwright-demo-')));
}

describe('the demonstration', () => {
  it('tells the whole story as data, and leaves nothing behind', async () => {
    const before = leftovers();
    const result = await runProgram(program, ['--json']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const { steps, chain } = JSON.parse(result.stdout) as {
      steps: { step: string; happened: string; facts: [string, string][] }[];
      chain: string[];
    };
    expect(steps.filter(({ step }) => step.startsWith('Refused: '))).toHaveLength(3);
    const fact = (start: string, name: string): string | undefined =>
      steps.find(({ step }) => step.startsWith(start))?.facts.find(([each]) => each === name)?.[1];
    const digest = fact("The guest's configuration", 'init-data digest')?.replace('sha256:', '');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(fact('The guest attests', 'claim init_data')).toBe(digest);
    expect(fact('Tekton finishes', 'key id in the envelope')).toBe(fact('A signing key', 'key id'));
    expect(fact('Refused: a guest', 'says')).toContain('PolicyDeny');
    expect(fact('Refused: a provenance', 'error')).toContain('DSSE_NO_VALID_SIGNATURE');
    expect(fact('Refused: an image', 'signature')).toContain('ERR_COSIGN_NO_MATCH');
    expect(chain.join('\n')).toContain(digest);
    expect(leftovers()).toEqual(before);
  });

  it('tells it to a person', async () => {
    const { stdout, exitCode } = await runProgram(program, []);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('The chain of trust');
    expect(stdout).toContain('All of it held');
    expect(stdout).not.toContain('\u001b');
  });

  it('keeps everything running until it is stopped', async () => {
    const before = leftovers();
    const demo = await startProgram(program, ['--keep', '--json']);
    expect(leftovers().length).toBeGreaterThan(before.length);
    expect(await demo.stop()).toBe(0);
    expect(leftovers()).toEqual(before);
  });

  it('refuses a flag that it does not know', async () => {
    expect(await runProgram(program, ['--wrong'])).toMatchObject({ exitCode: 2 });
  });
});
