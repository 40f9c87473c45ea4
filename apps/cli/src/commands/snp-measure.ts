import { decodeHex, encodeBase64, encodeHex } from '@sealwright/bytes';
import {
  measureSevLaunch,
  measureSnpLaunch,
  SNP_VCPU_TYPES,
  type SnpLaunch,
  type SnpMonitor,
  snpVcpuSignature,
} from '@sealwright/snp-report/launch';
import { type Command, Option } from 'commander';
import { command, print } from '../command.js';
import { about, CommandError } from '../failure.js';
import type { Io } from '../io.js';

interface MeasureFlags {
  readonly firmware?: string;
  readonly firmwareHash?: string;
  readonly vcpus: string;
  readonly vcpuType: string;
  readonly vcpuSignature?: string;
  readonly monitor: SnpMonitor;
  readonly guestFeatures: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly svsm?: string;
  readonly variableStore: string;
  readonly mode: 'snp' | 'seves' | 'sev';
  readonly base64?: boolean;
  readonly json?: boolean;
}

/** `snp measure`: the measurement that a guest will have. */
export function snpMeasure(io: Io): Command {
  return command('measure', 'Compute the measurement of a guest from what it is launched from.', [
    'sealwright snp measure --firmware OVMF.amdsev.fd --vcpus 2 --vcpu-type EPYC-Milan --kernel vmlinuz --initrd initrd.img --append "console=ttyS0"',
    'sealwright snp measure --firmware ovmf.fd --vcpus 4 --monitor ec2 --base64',
  ])
    .option('--firmware <file>', 'the firmware image')
    .option('--firmware-hash <hex>', 'its hash, so that its last pages suffice')
    .option('--vcpus <number>', 'how many processors', '1')
    .option('--vcpu-type <name>', 'their type, as QEMU names it', 'EPYC-v4')
    .option('--vcpu-signature <number>', 'CPUID(1).EAX in place of a type')
    .addOption(
      new Option('--monitor <name>', 'what launches the guest')
        .choices(['qemu', 'ec2', 'gce'])
        .default('qemu'),
    )
    .option('--guest-features <number>', '0x21 where the host turns debug swap on', '0x1')
    .option('--kernel <file>', 'booted directly')
    .option('--initrd <file>', 'its initial RAM disk')
    .option('--append <text>', 'its command line')
    .option('--svsm <file>', 'an SVSM below the firmware')
    .option('--variable-store <bytes>', 'between the SVSM and the firmware', '0')
    .addOption(new Option('--mode <name>', 'the generation').choices(['snp', 'seves', 'sev']).default('snp'))
    .option('--base64', 'in base64 instead of hexadecimal')
    .action(async (options: MeasureFlags) => {
      const { firmware, mode } = options;
      if (firmware === undefined) throw new CommandError('--firmware is needed');
      const launch = await launchOf(io, firmware, options);
      const measurement = await about(firmware, () =>
        mode === 'snp' ? measureSnpLaunch(launch) : measureSevLaunch(mode, launch),
      );
      const text = options.base64 === true ? encodeBase64(measurement) : encodeHex(measurement);
      print(io, options.json, { mode, measurement: text }, `${text}\n`);
    });
}

async function launchOf(io: Io, firmware: string, options: MeasureFlags): Promise<SnpLaunch> {
  const { kernel, initrd, append, svsm, firmwareHash, vcpuSignature, vcpuType, monitor } = options;
  if (kernel === undefined && (initrd !== undefined || append !== undefined))
    throw new CommandError('--initrd and --append are for a --kernel');
  if (svsm !== undefined && (kernel !== undefined || monitor !== 'qemu' || options.mode !== 'snp'))
    throw new CommandError('--svsm is launched by QEMU on SEV-SNP, without a --kernel');
  if (vcpuSignature === undefined && !Object.hasOwn(SNP_VCPU_TYPES, vcpuType))
    throw new CommandError(`--vcpu-type is one of ${Object.keys(SNP_VCPU_TYPES).join(', ')}`);
  return {
    firmware: await io.readFile(firmware),
    ...(firmwareHash !== undefined && { firmwareHash: hashOf(firmwareHash) }),
    vcpus: numberOf('--vcpus', options.vcpus, 1, 4096),
    vcpuSignature:
      vcpuSignature === undefined
        ? snpVcpuSignature(vcpuType)
        : numberOf('--vcpu-signature', vcpuSignature, 0, 0xffff_ffff),
    monitor,
    guestFeatures: featuresOf(options.guestFeatures),
    ...(kernel !== undefined && {
      kernel: {
        kernel: await io.readFile(kernel),
        ...(initrd !== undefined && { initrd: await io.readFile(initrd) }),
        ...(append !== undefined && { commandLine: append }),
      },
    }),
    ...(svsm !== undefined && {
      svsm: {
        image: await io.readFile(svsm),
        variableStore: numberOf('--variable-store', options.variableStore, 0, 0x1000_0000),
      },
    }),
  };
}

function hashOf(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{96}$/.test(text)) throw new CommandError('--firmware-hash is 96 hex digits');
  return decodeHex(text);
}

function featuresOf(text: string): bigint {
  if (!/^(?:0x[0-9a-fA-F]{1,16}|[0-9]{1,19})$/.test(text))
    throw new CommandError('--guest-features is a number such as 0x21');
  return BigInt(text);
}

function numberOf(flag: string, text: string, least: number, most: number): number {
  const number = /^(?:0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new CommandError(`${flag} is a number from ${least} to ${most}`);
  return number;
}
