import { decodeUtf8, encodeBase64, encodeHex } from '@sealwright/bytes';
import {
  decodeInitDataAnnotation,
  encodeInitDataAnnotation,
  type InitData,
  initDataDigest,
  parseInitData,
} from '@sealwright/initdata';
import { type Command, Option } from 'commander';
import { command, print, table } from '../command.js';
import { about } from '../failure.js';
import type { Io } from '../io.js';
import { printable, printableLines } from '../printable.js';

type Algorithm = Parameters<typeof initDataDigest>[1];

/** `initdata encode`: the annotation of a pod. */
export function initdataEncode(io: Io): Command {
  return command('encode <file>', 'Write init-data as the annotation of a pod.', [
    'sealwright initdata encode initdata.toml',
  ]).action(async (file: string, options: { json?: boolean }) => {
    const { bytes } = await read(io, file);
    const annotation = encodeInitDataAnnotation(bytes);
    print(io, options.json, { annotation }, `${annotation}\n`);
  });
}

/** `initdata digest`: what the TEE is bound to. */
export function initdataDigest(io: Io): Command {
  return command('digest <file>', 'The digest of init-data, over the bytes as they are.', [
    'sealwright initdata digest initdata.toml',
    'sealwright initdata digest initdata.toml --algorithm sha384 --base64',
  ])
    .addOption(
      new Option('--algorithm <name>', 'in place of the one that the document names').choices([
        'sha256',
        'sha384',
        'sha512',
        'sm3',
      ]),
    )
    .option('--base64', 'in base64 instead of hexadecimal')
    .action(async (file: string, options: { algorithm?: Algorithm; base64?: boolean; json?: boolean }) => {
      const { bytes, document } = await read(io, file);
      const algorithm = options.algorithm ?? document.algorithm;
      const digest = initDataDigest(bytes, algorithm);
      const text = options.base64 === true ? encodeBase64(digest) : encodeHex(digest);
      print(io, options.json, { algorithm, digest: text }, `${text}\n`);
    });
}

/** `initdata inspect`: what it says. */
export function initdataInspect(io: Io): Command {
  return command('inspect <file>', 'Show what init-data says: the document, or its annotation.', [
    'sealwright initdata inspect initdata.toml',
    "kubectl get pod p -o jsonpath='{.metadata.annotations.io\\.katacontainers\\.config\\.hypervisor\\.cc_init_data}' | sealwright initdata inspect -",
  ]).action(async (file: string, options: { json?: boolean }) => {
    const { document, digest } = await read(io, file);
    const entries = Object.entries(document.data);
    print(
      io,
      options.json,
      {
        version: document.version,
        algorithm: document.algorithm,
        digest: encodeHex(digest),
        data: document.data,
      },
      `${table([
        ['version', document.version],
        ['algorithm', document.algorithm],
        ['digest', encodeHex(digest)],
        ...entries.map(([name, text]): [string, string] => [name, `${text.length} characters`]),
      ])}${entries.map(([name, text]) => `\n--- ${printable(name)}\n${printableLines(text)}${text.endsWith('\n') ? '' : '\n'}`).join('')}`,
    );
  });
}

/** The document, or its annotation. */
async function read(io: Io, file: string): Promise<InitData> {
  const bytes = await io.readFile(file);
  return about(file, () => initDataIn(bytes));
}

function initDataIn(bytes: Uint8Array): InitData {
  const text = /^[A-Za-z0-9+/=\s]*$/.test(Buffer.from(bytes).toString('latin1'))
    ? decodeUtf8(bytes).trim()
    : undefined;
  return (
    (text === undefined || text === '' ? undefined : decodeInitDataAnnotation(text)) ?? parseInitData(bytes)
  );
}
