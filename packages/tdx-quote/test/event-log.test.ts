import { ByteWriter, concatBytes, decodeHex, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootFacts,
  compareRtmrs,
  digestMatchesData,
  encodeAaelEntry,
  eventLogClaims,
  eventTypeName,
  parseCcelTable,
  parseEventLog,
  readAaelEntry,
  registerOfPcr,
  replayEventLog,
  replayPcrs,
} from '../src/event-log/index.js';
import { TdxQuoteError } from '../src/index.js';
import { application, makeHeader, makeLog, utf16, variable } from './log.fixture.js';

const zero = new Uint8Array(48);
const refused = (reason: string): unknown => expect.objectContaining({ code: `ERR_TDX_EVENTLOG_${reason}` });
const extend = (value: Uint8Array, data: Uint8Array): ReturnType<typeof digest> =>
  digest('sha384', concatBytes(value, digest('sha384', data)));

describe('parseEventLog', () => {
  it('ends at padding and keeps nothing of the buffer', () => {
    for (const padding of [0x00, 0xff]) {
      const bytes = concatBytes(makeLog([{ index: 1, type: 4, data: 'a' }]), new Uint8Array(9).fill(padding));
      const { events, consumedBytes } = parseEventLog(bytes);
      bytes.fill(7);
      expect(events).toHaveLength(1);
      expect(events[0]?.data).toEqual(encodeUtf8('a'));
      expect(consumedBytes).toBe(bytes.byteLength - 9);
    }
  });

  const log = makeLog([{ index: 1, type: 4, data: 'abc' }]);
  const patched = (offset: number, ...values: number[]): Uint8Array => {
    const bytes = log.slice();
    bytes.set(values, offset);
    return bytes;
  };
  it.each([
    ['nothing', new Uint8Array(0), 'TRUNCATED'],
    ['a header cut short', log.slice(0, 40), 'TRUNCATED'],
    ['an event cut short', log.slice(0, -1), 'TRUNCATED'],
    ['four bytes of padding', concatBytes(log, new Uint8Array(4)), 'TRUNCATED'],
    ['more digests than bytes', patched(73, 0xff, 0xff, 0xff, 0xff), 'TRUNCATED'],
    ['another first event', patched(4, 4), 'BAD_HEADER'],
    ['another signature', patched(32, 0), 'BAD_HEADER'],
    ['no algorithms', patched(56, 0), 'BAD_HEADER'],
    ['more algorithms than there are', patched(56, 9), 'BAD_HEADER'],
    ['a digest of another size', patched(62, 32), 'BAD_HEADER'],
    ['vendor information past the end', patched(64, 1), 'BAD_HEADER'],
    ['an unknown algorithm in the header', patched(60, 99), 'UNKNOWN_ALGORITHM'],
    ['an unknown algorithm in an event', patched(77, 99), 'UNKNOWN_ALGORITHM'],
    ['an algorithm that was not declared', patched(77, 11), 'UNKNOWN_ALGORITHM'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(() => parseEventLog(bytes)).toThrow(refused(reason));
  });

  it('is bounded', () => {
    expect(() => parseEventLog(log, { maxBytes: 10 })).toThrow(refused('LIMIT'));
    expect(() => parseEventLog(log, { maxEvents: 0 })).toThrow(refused('LIMIT'));
  });

  it('answers any bytes at all with a log or a TdxQuoteError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, withHeader) => {
        try {
          const parsed = parseEventLog(withHeader ? concatBytes(makeHeader(['sha384']), bytes) : bytes);
          bootFacts(parsed);
          eventLogClaims(parsed);
        } catch (error) {
          expect(error).toBeInstanceOf(TdxQuoteError);
        }
      }),
    );
  });
});

describe('replay', () => {
  it('extends each register in order, and not by events without action or register', () => {
    const log = parseEventLog(
      makeLog([
        { index: 1, type: 4, data: 'a' },
        { index: 2, type: 4, data: 'b' },
        { index: 1, type: 5, data: 'c' },
        { index: 1, type: 3, data: 'd' },
        { index: 0xffff_ffff, type: 4, data: 'e' },
      ]),
    );
    expect(replayEventLog(log)).toEqual(
      new Map([
        [1, extend(extend(zero, encodeUtf8('a')), encodeUtf8('c'))],
        [2, extend(zero, encodeUtf8('b'))],
      ]),
    );
  });

  it('needs SHA-384 for a TD', () => {
    const log = makeLog([{ index: 1, type: 4 }], ['sha256']);
    expect(() => replayEventLog(parseEventLog(log))).toThrow(refused('NO_SHA384'));
    const bare = new ByteWriter({ littleEndian: true }).u32(1).u32(4).u32(0).u32(0).finish();
    const mixed = concatBytes(makeHeader(['sha384']), bare);
    expect(() => replayEventLog(parseEventLog(mixed))).toThrow(refused('NO_SHA384'));
  });

  it('replays the banks of a TPM, from the locality of its start', () => {
    const drafts = [
      { index: 0, type: 3, data: 'StartupLocality\0\u0003' },
      { index: 0, type: 4, data: 'a' },
      { index: 17, type: 4, data: 'b' },
    ];
    const log = parseEventLog(makeLog(drafts, ['sha1', 'sha256']));
    for (const algorithm of ['sha1', 'sha256'] as const) {
      const first = digest(algorithm, new Uint8Array(0)).fill(0);
      first[first.length - 1] = 3;
      const after = (value: Uint8Array, data: string): ReturnType<typeof digest> =>
        digest(algorithm, concatBytes(value, digest(algorithm, encodeUtf8(data))));
      const values = replayPcrs(log, algorithm);
      expect(values.get(0)).toEqual(after(first, 'a'));
      expect(values.get(17)).toEqual(after(new Uint8Array(first.length).fill(0xff), 'b'));
    }
    expect(() => replayPcrs(log, 'sha384')).toThrow(refused('UNKNOWN_ALGORITHM'));
  });

  it('compares RTMR3 only when the log has it', () => {
    const log = parseEventLog(makeLog([{ index: 1, type: 4, data: 'a' }]));
    const body = {
      rtmr0: extend(zero, encodeUtf8('a')),
      rtmr1: zero,
      rtmr2: zero,
      rtmr3: extend(zero, zero),
    };
    expect(compareRtmrs(log, body).map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(compareRtmrs(log, body, { complete: true }).map(({ ok }) => ok)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    const runtimeDigests = [digest('sha384', zero)];
    expect(compareRtmrs(log, body, { runtimeDigests }).map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(() => compareRtmrs(log, body, { runtimeDigests: [new Uint8Array(3)] })).toThrow(TypeError);
    const [check] = compareRtmrs(log, { ...body, rtmr0: zero });
    expect(check).toMatchObject({ rtmr: 0, ok: false, quoted: zero });
  });

  it('maps PCRs to registers', () => {
    expect([0, 1, 2, 6, 7, 8, 15, 16].map(registerOfPcr)).toEqual([0, 1, 2, 2, 1, 3, 3, 4]);
  });
});

describe('eventLogClaims', () => {
  const details = (type: number, data: Uint8Array | string): unknown =>
    eventLogClaims(parseEventLog(makeLog([{ index: 1, type, data }])))[0]?.['details'];

  it('names types and says whether the data was measured', () => {
    const [hit, miss] = parseEventLog(
      makeLog([
        { index: 1, type: 4, data: 'a' },
        { index: 1, type: 4, data: 'a', hashed: zero },
      ]),
    ).events;
    expect(hit !== undefined && digestMatchesData(hit)).toBe(true);
    expect(miss !== undefined && digestMatchesData(miss)).toBe(false);
    expect(eventTypeName(0x8000_00e2)).toBe('EV_EFI_SPDM_FIRMWARE_CONFIG');
    expect(() => details(0x99, '')).toThrow(refused('UNKNOWN_TYPE'));
  });

  it.each([
    [0x4, 'x', {}],
    [0x5, 'text', { string: 'text' }],
    [0xa, 'a\u0010b\u0000\u007fc', { string: 'a bc' }],
    [0xa, Uint8Array.of(0xff), { string: '' }],
    [0xd, concatBytes(Uint8Array.of(0x2e, 0), utf16('linux'), new Uint8Array(2)), { string: 'linux' }],
    [0xd, 'MokList\0more', { string: 'MokList' }],
    [0xd, Uint8Array.of(0xff, 0xfe), { string: 'fffe' }],
    [0x6, Uint8Array.of(1, 0, 0, 0, 3, 0, 0, 0, 0x61, 0, 0x62), { string: 'ab' }],
    [0x6, Uint8Array.of(1, 0, 0, 0, 9), {}],
    [0x8000_000a, '\u0003ab', { string: 'ab' }],
    [0x8000_000a, '\u0009ab', {}],
    [0x8000_0003, new Uint8Array(32), {}],
    [0x8000_0003, new Uint8Array(3), {}],
    [0x8000_0001, new Uint8Array(40).fill(0xff), {}],
  ])('describes the data of type %i', (type, data, expected) => {
    expect(details(type, data)).toEqual(expected);
  });

  it('describes variables', () => {
    expect(details(0x8000_0002, variable('Boot', Uint8Array.of(1, 2)))).toEqual({
      unicode_name: 'Boot',
      unicode_name_length: 4,
      variable_data: 'AQI=',
      variable_data_length: 2,
      variable_name: 'abababab-abab-abab-abab-abababababab',
    });
  });

  it('describes every kind of node of a device path', () => {
    const gpt = concatBytes(
      Uint8Array.of(1, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0),
      decodeHex('a1a2a3a4b1b2c1c2d1d2d3d4d5d6d7d8'),
      Uint8Array.of(2, 2),
    );
    const mbr = gpt.slice();
    mbr.set([0], 0);
    mbr.set([1, 1], 36);
    expect(
      details(
        0x8000_0003,
        application(
          [1, 1, Uint8Array.of(2, 3)],
          [2, 1, decodeHex('d041030a00000000')],
          [3, 5, Uint8Array.of(4, 5)],
          [3, 0x0b, concatBytes(decodeHex('aabb00cc'), new Uint8Array(28), Uint8Array.of(1))],
          [3, 0x0b, new Uint8Array(3)],
          [3, 0x0c, decodeHex('c0a80001c0a8000200500051060001c0a800feffffff00')],
          [3, 0x0c, decodeHex('c0a80001c0a8000200500051110000')],
          [3, 0x15, decodeHex('0000000001020304050607080807060504030201')],
          [4, 1, gpt],
          [4, 1, mbr],
          [4, 3, concatBytes(decodeHex('a1a2a3a4b1b2c1c2d1d2d3d4d5d6d7d8'), Uint8Array.of(9))],
          [4, 4, concatBytes(utf16('\\EFI'), new Uint8Array(2))],
          [5, 1, concatBytes(Uint8Array.of(2, 0, 3, 0), encodeUtf8('disk\0'))],
          [9, 9, Uint8Array.of(1)],
        ),
      ),
    ).toEqual({
      device_paths: [
        'Pci(2,3)',
        'ACPI(PNP0A03,0)',
        'USB(4,5)',
        'Mac(AABB00CC,0x01)',
        'Path(3,11,000000)',
        'IPv4(192.168.0.2,TCP,Static,192.168.0.1,192.168.0.254,255.255.255.0)',
        'IPv4(192.168.0.2,UDP,DHCP,192.168.0.1)',
        'FibreEx(0x0102030405060708,0x0807060504030201)',
        'HD(1,GPT,A4A3A2A1-B2B1-C2C1-D1D2-D3D4D5D6D7D8,0x800,0x100000)',
        'HD(0,MBR,0xa4a3a2a1)',
        'VenMedia(A4A3A2A1-B2B1-C2C1-D1D2-D3D4D5D6D7D8,09)',
        'File(\\EFI)',
        'BBS(2,disk,3)',
        'Path(9,9,01)',
      ],
    });
  });

  it('describes entries of the attestation agent', () => {
    const entry = { domain: 'example.com', operation: 'pull', content: '{"a": 1}' };
    expect(details(6, encodeAaelEntry(entry))).toEqual({
      string: 'example.com pull {"a": 1}',
      unicode_name: 'AAEL',
      data: { domain: 'example.com', operation: 'pull', content: { a: 1 } },
    });
    expect(readAaelEntry(encodeAaelEntry(entry))).toEqual(entry);
    expect(readAaelEntry(encodeAaelEntry({ ...entry, content: 'two words' }))?.content).toBe('two words');
    expect(readAaelEntry(new Uint8Array(3))).toBeUndefined();
    expect(readAaelEntry(new Uint8Array(8))).toBeUndefined();
    expect(() => encodeAaelEntry({ ...entry, domain: 'a b' })).toThrow(TypeError);
    expect(() => encodeAaelEntry({ ...entry, content: 'a\nb' })).toThrow(TypeError);
  });
});

describe('bootFacts', () => {
  it('names what booted, and whether that was measured', () => {
    const section = concatBytes(Uint8Array.of(0x2e, 0), utf16('linux'), new Uint8Array(2));
    const parameters = concatBytes(
      encodeUtf8('td_payload_info\0'),
      Uint8Array.of(4, 0, 0, 0),
      encodeUtf8('ro\0\0'),
    );
    const tag = (id: number, text: string): Uint8Array =>
      new ByteWriter({ littleEndian: true }).u32(id).u32(text.length).bytes(encodeUtf8(text)).finish();
    const log = parseEventLog(
      makeLog([
        { index: 1, type: 3, data: 'ignored' },
        { index: 1, type: 0x8000_0001, data: variable('SecureBoot', Uint8Array.of(1)) },
        { index: 1, type: 0x8000_0001, data: variable('PK', Uint8Array.of(1)) },
        { index: 2, type: 0x8000_0003, data: application([4, 4, utf16('\\a.efi')]) },
        { index: 3, type: 0xd, data: 'grub_cmd: linux /k ro\0', hashed: encodeUtf8('linux /k ro') },
        { index: 3, type: 0xd, data: 'kernel_cmdline: /k ro\0', hashed: encodeUtf8('/k ro') },
        { index: 3, type: 0xd, data: 'kernel_cmdline: /k rw\0', hashed: encodeUtf8('/k ro') },
        { index: 3, type: 0xd, data: section, hashed: encodeUtf8('.linux\0') },
        { index: 3, type: 0xd, data: section, hashed: encodeUtf8('MZ') },
        { index: 3, type: 0xd, data: concatBytes(utf16('quiet'), new Uint8Array(2)) },
        { index: 3, type: 0xd, data: 'MokList\0' },
        { index: 3, type: 6, data: tag(0x8f3b_22ec, 'Linux initrd\0') },
        { index: 3, type: 6, data: tag(0x8f3b_22ed, 'LOADED_IMAGE::LoadOptions\0') },
        { index: 3, type: 6, data: tag(1, 'other') },
        { index: 2, type: 0xa, data: parameters, hashed: encodeUtf8('ro\0\0') },
      ]),
    );
    expect(bootFacts(log).map(({ name, value, measured }) => [name, value, measured])).toEqual([
      ['secureBoot', '1', true],
      ['bootApplication', 'File(\\a.efi)', false],
      ['loaderCommand', 'linux /k ro', true],
      ['kernelCommandLine', '/k ro', true],
      ['kernelCommandLine', '/k rw', false],
      ['ukiSection', 'linux', false],
      ['kernelCommandLine', 'quiet', true],
      ['initrd', 'Linux initrd', false],
      ['loadOptions', 'LOADED_IMAGE::LoadOptions', false],
      ['kernelCommandLine', 'ro', true],
    ]);
    const uki = bootFacts(log).find(({ name }) => name === 'ukiSection');
    expect(uki?.digest).toBe(encodeHex(digest('sha384', encodeUtf8('MZ'))));
  });
});

describe('parseCcelTable', () => {
  it('reads what ACPI has', () => {
    const table = new Uint8Array(56);
    table.set(encodeUtf8('CCEL'));
    table.set([56], 4);
    table.set(encodeUtf8('MAKER'), 10);
    table.set([2, 1], 36);
    table.set([0, 0, 1], 40);
    table.set([0, 0x10], 48);
    expect(parseCcelTable(table)).toEqual({
      revision: 0,
      checksumOk: false,
      oemId: 'MAKER',
      ccType: 2,
      ccSubtype: 1,
      logAreaMinimumLength: 0x1_0000n,
      logAreaStartAddress: 0x1000n,
    });
    table[9] = (256 - table.reduce((sum, byte) => (sum + byte) & 0xff, 0)) & 0xff;
    expect(parseCcelTable(table).checksumOk).toBe(true);
    for (const bytes of [table.slice(1), new Uint8Array(56), new Uint8Array(0)])
      expect(() => parseCcelTable(bytes)).toThrow(
        expect.objectContaining({ code: 'ERR_TDX_CCEL_MALFORMED' }),
      );
  });
});
