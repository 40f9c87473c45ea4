import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';

const sources = resolve(import.meta.dirname, '../src');
/** What the examples take for granted. */
const PRELUDE = `
import * as index from '../../src/index.js';
import * as azure from '../../src/azure/index.js';
import * as launch from '../../src/launch/index.js';
import { decodeHex, encodeUtf8 } from '@sealwright/bytes';
import { evidence as given, nonce as hex } from '../azure.fixture.js';
import { crl, intermediate, leaf, report as bytes, root } from '../milan.fixture.js';
import { parseCertificate } from '@sealwright/der';
const anchors = [parseCertificate(root)];
const at = globalThis.Date.UTC(2025, 5);
const Date = class extends globalThis.Date { constructor() { super(at); } };
const { parseSnpReport, appraiseSnpReport } = index;
const { parseAzureEvidence } = azure;
const { snpVcpuSignature } = launch;
const prepareSnpChain = (given) => index.prepareSnpChain({ ...given, anchors });
const verifySnpReport = (report, trust) => index.verifySnpReport(report, { ...trust, anchors });
const verifyAzureSnpEvidence = (read, trust) => azure.verifyAzureSnpEvidence(read, { ...trust, anchors });
const measureSnpLaunch = (given) => launch.measureSevLaunch('sev', { ...given, kernel: undefined });
const json = JSON.stringify(given);
const nonce = decodeHex(hex);
const [firmware, kernel, initrd, commandLine] = [new Uint8Array(0x1000), encodeUtf8('k'), encodeUtf8('i'), ''];
`;
const GIVEN: Readonly<Record<string, string>> = {
  'appraise.ts':
    "const verified = await verifySnpReport(parseSnpReport(bytes), { leaf, intermediate, root, at: new Date() }); const measurement = '00'.repeat(48);",
};

describe('the examples of the sources', async () => {
  const names = (await readdir(sources, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const examples: { name: string; code: string }[] = [];
  for (const name of names) {
    const text = await readFile(join(sources, name), 'utf8');
    for (const [, block = ''] of text.matchAll(/^ \* ```ts\n((?: \*.*\n)*?) \* ```$/gm))
      examples.push({ name, code: block.replace(/^ \* ?/gm, '') });
  }

  it.each(examples)('$name', async ({ name, code }) => {
    const folder = await mkdtemp(join(import.meta.dirname, '.example-'));
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const file = join(folder, 'example.ts');
      await writeFile(file, `${PRELUDE}${GIVEN[name] ?? ''}\n${code}`);
      await import(/* @vite-ignore */ pathToFileURL(file).href);
      expect(log).toHaveBeenCalled();
    } finally {
      log.mockRestore();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are there for the main functions', () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
  });
});
