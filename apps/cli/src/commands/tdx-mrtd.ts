import { encodeBase64, encodeHex } from '@sealwright/bytes';
import { computeMrtd, matchMrtd, readTdvfSections } from '@sealwright/tdx-quote/mrtd';
import type { Command } from 'commander';
import { command, print } from '../command.js';
import { hexOf } from '../evidence/appraisal.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';

interface MrtdFlags {
  readonly twoPass?: boolean;
  readonly expect?: string;
  readonly base64?: boolean;
  readonly json?: boolean;
}

/** `tdx mrtd`: the measurement that a trust domain will have. */
export function tdxMrtd(io: Io): Command {
  return command('mrtd <firmware>', 'Compute the MRTD of a trust domain from its firmware.', [
    'sealwright tdx mrtd TDVF.fd',
    'sealwright tdx mrtd TDVF.fd --expect 91eb2b44…',
  ])
    .option(
      '--two-pass',
      'as some versions of QEMU build: all pages of a section are added before any is measured',
    )
    .option(
      '--expect <hex>',
      'the MRTD of a quote: say which way of building gives it, and fail when none does',
    )
    .option('--base64', 'in base64 instead of hexadecimal')
    .action(async (path: string, options: MrtdFlags) => {
      const wanted = options.expect === undefined ? undefined : hexOf('--expect', options.expect);
      if (wanted !== undefined && wanted.byteLength !== 48)
        throw new CommandError('--expect is 96 hex digits');
      const image = await io.readFile(path);
      const order =
        wanted === undefined
          ? options.twoPass === true
            ? 'two-pass'
            : 'page-by-page'
          : await about(path, () => matchMrtd(image, wanted));
      if (order === undefined)
        throw new CommandError(
          `${path}: neither way of building gives that MRTD`,
          'ERR_CLI_NOT_ACCEPTED',
          EXIT_FAILURE,
        );
      const { mrTd, sections } = await about(path, () => ({
        mrTd: computeMrtd(image, { order }),
        sections: readTdvfSections(image).length,
      }));
      const text = options.base64 === true ? encodeBase64(mrTd) : encodeHex(mrTd);
      print(
        io,
        options.json,
        { mrTd: text, order, sections },
        wanted === undefined ? `${text}\n` : `${text}  ${order}\n`,
      );
    });
}
