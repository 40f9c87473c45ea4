/**
 * What booted, by name: kernel command line, sections of a unified kernel image, initrd, boot applications, secure boot, as boot loaders
 * and stubs log them.
 *
 * @module
 */
import { type Bytes, concatBytes, encodeHex, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { eventDetails } from './details.js';
import { EV_NO_ACTION, type EventLog, type LoggedEvent } from './parse.js';

/** One fact about what booted. */
export interface BootFact {
  /**
   * `kernelCommandLine`; `ukiSection`, a section of a unified kernel image; `initrd`; `bootApplication`, by device path; `secureBoot`,
   * `0` or `1`; `loaderCommand`, of GRUB; `loadOptions`, what the kernel's stub was given.
   */
  readonly name:
    | 'kernelCommandLine'
    | 'ukiSection'
    | 'initrd'
    | 'bootApplication'
    | 'secureBoot'
    | 'loaderCommand'
    | 'loadOptions';
  /** The text. Of a section its name, of an application its device path. */
  readonly value: string;
  /** Digest of what was measured, hex: of a section or application its contents. */
  readonly digest: string;
  /** Whether the digest is that of the value, so that the value was measured. Otherwise it is a hint of the boot loader. */
  readonly measured: boolean;
  /** Register index in the log. */
  readonly index: number;
  /** Where the event begins in the log. */
  readonly offset: number;
}

/**
 * Find out what booted.
 *
 * @param log - decoded; compare it with a quote before believing it
 * @returns facts in the order of the log
 */
export function bootFacts(log: EventLog): BootFact[] {
  const facts: BootFact[] = [];
  const sections = new Set<string>();
  for (const event of log.events) {
    if (event.type === EV_NO_ACTION) continue;
    const found = factOf(event, sections);
    const own = event.digests.at(-1);
    if (found === undefined || own === undefined) continue;
    const { name, value, candidates } = found;
    const measured = candidates.some((bytes) => equalBytes(digest(own.algorithm, bytes), own.digest));
    facts.push({
      name,
      value,
      digest: encodeHex(own.digest),
      measured,
      index: event.index,
      offset: event.offset,
    });
  }
  return facts;
}

interface Found {
  readonly name: BootFact['name'];
  readonly value: string;
  /** What the digest may be of, if it is that of the value. */
  readonly candidates: readonly Bytes[];
}

function factOf(event: LoggedEvent, sections: Set<string>): Found | undefined {
  const details = eventDetails(event.type, event.data);
  const text = typeof details['string'] === 'string' ? details['string'] : undefined;
  switch (event.type) {
    case EV_IPL:
      return text === undefined ? undefined : loaderFact(event, text, sections);
    case EV_EVENT_TAG:
      return tagFact(event.data);
    case EV_PLATFORM_CONFIG_FLAGS:
      return shimFact(event.data);
    case EV_EFI_BOOT_SERVICES_APPLICATION: {
      const path = details['device_paths'];
      return Array.isArray(path)
        ? { name: 'bootApplication', value: path.join('/'), candidates: [] }
        : undefined;
    }
    case EV_EFI_VARIABLE_DRIVER_CONFIG:
      if (details['unicode_name'] !== 'SecureBoot') return undefined;
      return { name: 'secureBoot', value: String(event.data.at(-1) ?? 0), candidates: [event.data] };
    default:
      return undefined;
  }
}

function loaderFact(event: LoggedEvent, text: string, sections: Set<string>): Found | undefined {
  // systemd-stub measures each section twice: its name with a dot and a NUL, then its contents.
  if (event.data[0] === 0x2e && event.data[1] === 0x00) {
    const isFirst = !sections.has(text);
    sections.add(text);
    return isFirst ? undefined : { name: 'ukiSection', value: text, candidates: [] };
  }
  for (const [prefix, name] of LOADER)
    if (text.startsWith(prefix))
      return { name, value: text.slice(prefix.length), candidates: spellings(text, prefix) };
  // systemd-stub measures the command line that overrides the section, as UTF-16 with its NUL.
  if (event.index === REGISTER_OF_KERNEL && isUtf16(event.data)) {
    const value = new TextDecoder('utf-16le').decode(event.data).replaceAll('\0', '');
    return { name: 'kernelCommandLine', value, candidates: [event.data] };
  }
  return undefined;
}

/** Tagged events of the Linux EFI stub: the initrd, and the options that it was loaded with. */
function tagFact(data: Bytes): Found | undefined {
  if (data.byteLength < 8) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const tag = view.getUint32(0, true);
  const text = new TextDecoder().decode(data.subarray(8)).replaceAll('\0', '');
  if (tag === TAG_INITRD) return { name: 'initrd', value: text, candidates: [] };
  return tag === TAG_LOAD_OPTIONS ? { name: 'loadOptions', value: text, candidates: [] } : undefined;
}

/** td-shim measures the kernel's parameters under a name of 16 bytes, then a size. */
function shimFact(data: Bytes): Found | undefined {
  if (data.byteLength < 20 || !equalBytes(data.subarray(0, PARAMETERS.byteLength), PARAMETERS))
    return undefined;
  const contents = data.slice(20);
  const end = contents.indexOf(0);
  const value = new TextDecoder().decode(end < 0 ? contents : contents.subarray(0, end));
  return { name: 'kernelCommandLine', value, candidates: [contents] };
}

/** Versions of GRUB hash the value, the value with its NUL, or the whole text. */
function spellings(text: string, prefix: string): Bytes[] {
  const value = encodeUtf8(text.slice(prefix.length));
  return [value, concatBytes(value, Uint8Array.of(0)), encodeUtf8(text)];
}

function isUtf16(data: Bytes): boolean {
  if (data.byteLength < 4 || data.byteLength % 2 !== 0) return false;
  for (let index = 1; index < data.byteLength; index += 2) if (data[index] !== 0) return false;
  return true;
}

const EV_EVENT_TAG = 0x6;
const EV_PLATFORM_CONFIG_FLAGS = 0xa;
const EV_IPL = 0xd;
const EV_EFI_VARIABLE_DRIVER_CONFIG = 0x8000_0001;
const EV_EFI_BOOT_SERVICES_APPLICATION = 0x8000_0003;
/** RTMR2, into which boot loaders and stubs measure. */
const REGISTER_OF_KERNEL = 3;
const TAG_INITRD = 0x8f3b_22ec;
const TAG_LOAD_OPTIONS = 0x8f3b_22ed;
const PARAMETERS: Bytes = encodeUtf8('td_payload_info\0');
const LOADER: readonly (readonly [prefix: string, name: BootFact['name']])[] = [
  ['kernel_cmdline: ', 'kernelCommandLine'],
  ['grub_kernel_cmdline ', 'kernelCommandLine'],
  ['grub_cmd: ', 'loaderCommand'],
  ['grub_cmd ', 'loaderCommand'],
  ['grub_linuxefi Initrd', 'initrd'],
];
