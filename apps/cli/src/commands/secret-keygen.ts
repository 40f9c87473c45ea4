import { encodeUtf8 } from '@sealwright/bytes';
import { exportPrivateJwk, generateKeyPair } from '@sealwright/crypto';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { CommandError } from '../failure.js';
import type { Io } from '../io.js';
import { mayWrite } from '../may-write.js';

/** `secret keygen`: a key pair that signs sealed secrets. */
export function secretKeygen(io: Io): Command {
  return command('keygen', 'Make the key pair that signs sealed secrets, as two JWKs.', [
    'sealwright secret keygen --kid sealing --output-dir keys',
  ])
    .option('--kid <kid>', 'name of the key, and of the two files', 'sealed-signing')
    .option('--output-dir <dir>', 'where the files go', '.')
    .option('-y, --yes', 'replace files that are there')
    .option('--force', 'the same')
    .action(
      async (options: { kid: string; outputDir: string; yes?: boolean; force?: boolean; json?: boolean }) => {
        if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(options.kid))
          throw new CommandError('--kid names two files: use letters, digits, dots, dashes and underscores');
        const [privateFile, publicFile] = [
          `${options.outputDir}/${options.kid}-private.json`,
          `${options.outputDir}/${options.kid}-public.json`,
        ];
        await mayWrite(io, [privateFile, publicFile], options);
        const key = await generateKeyPair('ec-p256');
        const { kty, crv, d, x, y } = await exportPrivateJwk(key);
        const common = { kty, crv, alg: 'ES256', use: 'sig', kid: options.kid };
        const bytesOf = (jwk: object): Uint8Array => encodeUtf8(`${JSON.stringify(jwk)}\n`);
        await io.writeFiles([
          { path: privateFile, bytes: bytesOf({ ...common, d, x, y }), mode: 0o600 },
          { path: publicFile, bytes: bytesOf({ ...common, x, y }), mode: 0o644 },
        ]);
        print(
          io,
          options.json,
          { privateKey: privateFile, publicKey: publicFile },
          `${privateFile}\n${publicFile}\n`,
        );
      },
    );
}
