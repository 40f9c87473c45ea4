/** The extension of PCK certificates, member by member. */
import { concatBytes, decodeBase64 } from '@sealwright/bytes';
import {
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  parseCertificate,
} from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import { readPckFacts } from '../src/index.js';
import synthetic from './vectors/synthetic.json' with { type: 'json' };

const OID = '1.2.840.113741.1.13.1';
const certificate = parseCertificate(decodeBase64(synthetic.root));
const member = (suffix: string, ...value: Uint8Array[]): Uint8Array =>
  encodeSequence(encodeOid(`${OID}.${suffix}`), ...value);
const integer = (value: number): Uint8Array => encodeInteger(Uint8Array.of(value >> 8, value & 0xff));
const octets = (size: number, fill = 7): Uint8Array => encodeOctetString(new Uint8Array(size).fill(fill));
const enumerated = (...bytes: number[]): Uint8Array => encodeElement(0x0a, Uint8Array.from(bytes));
const boolean = (value: number): Uint8Array => encodeElement(0x01, Uint8Array.of(value));

type Members = Record<string, Uint8Array | undefined>;
/** Components, PCESVN and CPUSVN. */
const tcb = (changes: Members = {}): Uint8Array[] => {
  const components = Array.from({ length: 16 }, (_, index) => [`2.${index + 1}`, integer(index * 17)]);
  const all: Members = { ...Object.fromEntries(components), '2.17': integer(0xfffe), '2.18': octets(16, 9) };
  return written({ ...all, ...changes });
};
const written = (members: Members): Uint8Array[] =>
  Object.entries(members).flatMap(([suffix, value]) => (value === undefined ? [] : [member(suffix, value)]));
const whole: Members = {
  '1': octets(16),
  '2': encodeSequence(...tcb()),
  '3': octets(2),
  '4': octets(6),
  '5': enumerated(1),
  '6': octets(16),
  '7': encodeSequence(member('7.1', boolean(0xff)), member('7.2', boolean(0)), member('7.3', boolean(0xff))),
};
const read = (value: Uint8Array): ReturnType<typeof readPckFacts> =>
  readPckFacts({ ...certificate, extensions: [{ oid: OID, critical: false, value: concatBytes(value) }] });
const facts = (changes: Members = {}): ReturnType<typeof readPckFacts> =>
  read(encodeSequence(...written({ ...whole, ...changes })));

describe('readPckFacts', () => {
  it('reads every member', () => {
    expect(facts()).toEqual({
      ppid: new Uint8Array(16).fill(7),
      componentSvns: Array.from({ length: 16 }, (_, index) => index * 17),
      pceSvn: 0xfffe,
      cpuSvn: new Uint8Array(16).fill(9),
      pceId: new Uint8Array(2).fill(7),
      fmspc: new Uint8Array(6).fill(7),
      sgxType: 1,
      platformInstanceId: new Uint8Array(16).fill(7),
      dynamicPlatform: true,
      cachedKeys: false,
      smtEnabled: true,
    });
  });

  it('reads them in any order, and leaves unknown ones alone', () => {
    const strange = [member('8', octets(3)), encodeSequence(encodeOid('1.2.3'), octets(1))];
    const members = [...written(whole), ...strange].reverse();
    const mixed = { ...whole, '2': encodeSequence(...tcb().reverse(), member('2.19', integer(1))) };
    expect(read(encodeSequence(...members))).toEqual(facts());
    expect(read(encodeSequence(...written(mixed)))).toEqual(facts());
  });

  it('knows nothing of what only the Platform CA writes', () => {
    const found = facts({ '6': undefined, '7': undefined });
    expect(found).toMatchObject({ platformInstanceId: undefined, dynamicPlatform: undefined });
    expect(found).toMatchObject({ cachedKeys: undefined, smtEnabled: undefined });
    expect(facts({ '7': encodeSequence() })).toMatchObject({ smtEnabled: undefined });
  });

  const withTcb = (changes: Members): Members => ({ '2': encodeSequence(...tcb(changes)) });
  it.each<[string, Members]>([
    ['no PPID', { '1': undefined }],
    ['a PPID of another size', { '1': octets(15) }],
    ['no security versions', { '2': undefined }],
    ['a component too few', withTcb({ '2.9': undefined })],
    ['a component of more than a byte', withTcb({ '2.9': integer(256) })],
    ['a negative component', withTcb({ '2.9': encodeElement(0x02, Uint8Array.of(0x80)) })],
    ['a padded component', withTcb({ '2.9': encodeElement(0x02, Uint8Array.of(0, 1)) })],
    ['a component of a thousand bytes', withTcb({ '2.9': encodeInteger(new Uint8Array(1000).fill(1)) })],
    ['a component that is none', withTcb({ '2.9': octets(1) })],
    ['no PCESVN', withTcb({ '2.17': undefined })],
    ['a CPUSVN of another size', withTcb({ '2.18': octets(17) })],
    ['a PCEID of another size', { '3': octets(3) }],
    ['an FMSPC of another size', { '4': octets(5) }],
    ['no type', { '5': undefined }],
    ['a type that is a number', { '5': integer(1) }],
    ['a type of two bytes', { '5': enumerated(0, 1) }],
    ['an instance of another size', { '6': octets(0) }],
    ['a setting that is neither', { '7': encodeSequence(member('7.3', boolean(1))) }],
    ['a configuration that is none', { '7': octets(4) }],
    ['two values in one member', { '3': concatBytes(octets(2), octets(2)) }],
  ])('refuses %s', (_, changes) => {
    expect(() => facts(changes)).toThrow(
      expect.objectContaining({ code: 'ERR_TDX_PCK_EXTENSION_MALFORMED' }),
    );
  });

  it.each([
    ['members that occur twice', encodeSequence(...written(whole), member('3', octets(2)))],
    ['bytes after the members', concatBytes(encodeSequence(...written(whole)), octets(1))],
    ['nothing', new Uint8Array(0)],
  ])('refuses %s', (_, value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'ERR_TDX_PCK_EXTENSION_MALFORMED' }));
  });

  it('refuses a certificate without the extension', () => {
    expect(() => readPckFacts(certificate)).toThrow(
      expect.objectContaining({ code: 'ERR_TDX_PCK_EXTENSION_MALFORMED' }),
    );
  });
});
