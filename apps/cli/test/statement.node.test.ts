import { describe, expect, it } from 'vitest';
import { runIn, testIo } from './test-io.js';

const good = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'app.tgz', digest: { sha256: 'ab'.repeat(32) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: { buildType: 'https://example.com/build', externalParameters: { source: 'x' } },
    runDetails: { builder: { id: 'https://example.com/builder' } },
  },
};
const bad = {
  ...good,
  subject: [{ digest: { sha256: 'AB' } }],
  predicate: { runDetails: { builder: null } },
};
const envelope = (payload: unknown, payloadType = 'application/vnd.in-toto+json'): object => ({
  payloadType,
  payload: Buffer.from(JSON.stringify(payload)).toString('base64'),
  signatures: [{ sig: 'AAAA' }],
});
const bundle = { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', dsseEnvelope: envelope(good) };
const text = JSON.stringify;

describe('statement lint', () => {
  it.each([
    ['a statement', text(good, null, 2), 'statement'],
    ['an envelope', text(envelope(good), null, 2), 'envelope'],
    ['a bundle', text(bundle, null, 2), 'bundle'],
  ])('finds nothing in %s that is right', async (_name, content, form) => {
    const io = testIo({ f: content });
    const ran = await runIn(io, 'statement', 'lint', 'f');
    expect(ran).toEqual({
      exitCode: 0,
      stdout: `f: ${form}, https://slsa.dev/provenance/v1: nothing found\n`,
      stderr: '',
    });
  });

  it('tells every finding with its place, of every line', async () => {
    const io = testIo({ lines: `${text(good)}\n\n${text(envelope(bad))}\r\n${text(bundle)}\n` });
    const ran = await runIn(io, 'statement', 'lint', 'lines', '--json');
    expect(ran.exitCode).toBe(1);
    const { statements, errors } = JSON.parse(ran.stdout);
    expect(statements.map(({ line, form }: { line: number; form: string }) => [line, form])).toEqual([
      [1, 'statement'],
      [3, 'envelope'],
      [4, 'bundle'],
    ]);
    expect(statements[1].findings).toContainEqual(
      expect.objectContaining({ severity: 'error', pointer: '/subject/0/digest/sha256' }),
    );
    expect(errors).toBe(statements[1].findings.length);
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'ERR_CLI_FINDINGS' } });
  });

  it('looks at the members of predicates that it knows, and says when it does not', async () => {
    const io = testIo({
      known: text({ ...good, predicate: {} }),
      unknown: text({ ...good, predicateType: 'https://example.com/mine' }),
    });
    const known = await runIn(io, 'statement', 'lint', 'known');
    expect(known.stdout).toContain('PREDICATE_MISSING_FIELD  /predicate/buildDefinition');
    expect(known).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('in the statement') });
    const unknown = await runIn(io, 'statement', 'lint', 'unknown');
    expect(unknown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('only the statement') });
  });

  it('counts warnings as errors with --strict, and forgives with --tolerant', async () => {
    const io = testIo({ odd: text({ ...good, subject: [{ digest: { sha256: 'AB'.repeat(32) } }] }) });
    expect(await runIn(io, 'statement', 'lint', 'odd')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('warning  INTOTO_DIGEST_NOT_LOWERCASE  /subject/0/digest/sha256'),
    });
    expect((await runIn(io, 'statement', 'lint', '--strict', 'odd')).exitCode).toBe(1);
    const resolvedDependencies = [{ uri: 'https://example.com/x', digest: { sha256: 'xyz' } }];
    const buildDefinition = { ...good.predicate.buildDefinition, resolvedDependencies };
    const loose = testIo({ f: text({ ...good, predicate: { ...good.predicate, buildDefinition } }) });
    expect((await runIn(loose, 'statement', 'lint', 'f')).exitCode).toBe(1);
    const forgiven = await runIn(loose, 'statement', 'lint', '--tolerant', 'f');
    expect(forgiven).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('warning  INTOTO_BAD_DIGEST_ENCODING'),
    });
  });

  it.each([
    ['[]', 'neither a statement'],
    ['{}', 'neither a statement'],
    ['', 'is this the right file'],
    ['{"payload":1}', 'payload'],
    [text(envelope(good, 'text/plain')), 'payload type'],
    [`${text(good)}\n{"a":1}\n`, 'line 2: neither'],
    [`${text(good)}\n{"a":\n`, 'line 2: '],
  ])('refuses %j', async (content, message) => {
    const ran = await runIn(testIo({ f: content }), 'statement', 'lint', 'f');
    expect(ran).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(message) });
    expect(ran.stderr.split('\n')).toHaveLength(2);
  });

  it('lets no statement move the cursor', async () => {
    const odd = text({ ...good, predicateType: 'https://example.com/\u001b[2J' });
    const { stdout } = await runIn(testIo({ f: odd }), 'statement', 'lint', 'f');
    expect(stdout).not.toContain('\u001b');
  });
});
