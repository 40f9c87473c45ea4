import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../src/index.js';

describe('parseAddress', () => {
  it.each([
    ['unix:///run/a.sock', { kind: 'unix', path: '/run/a.sock' }],
    ['unix://@name', { kind: 'unix', path: '@name' }],
    ['vsock://3:1024', { kind: 'vsock', cid: 3, port: 1024 }],
    ['vsock://-1:1024', { kind: 'vsock', cid: -1, port: 1024 }],
    ['vsock://4294967295:4294967295', { kind: 'vsock', cid: 0xffff_ffff, port: 0xffff_ffff }],
    ['hvsock:///run/vm.sock:1024', { kind: 'hvsock', path: '/run/vm.sock', port: 1024 }],
    ['tcp://127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
    ['tcp://[::1]:65535', { kind: 'tcp', host: '::1', port: 65_535 }],
  ] as const)('reads %s, and formatAddress writes it', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
    expect(formatAddress(address)).toBe(text);
  });

  it.each(['/run/a.sock', '@name'])('takes %s for a unix socket', (path) => {
    expect(parseAddress(path)).toEqual({ kind: 'unix', path });
  });

  it.each([
    '',
    'a.sock',
    'unix://',
    'unix://a.sock',
    'unix://@',
    '@',
    '/run/a\0b',
    'http://127.0.0.1:80',
    'vsock://3',
    'vsock://:1024',
    'vsock://-2:1024',
    'vsock://4294967296:1',
    'vsock://3:4294967296',
    'vsock://3:+1',
    'hvsock://:1024',
    'hvsock:///run/vm.sock:',
    'tcp://127.0.0.1',
    'tcp://:80',
    'tcp://::1:80',
    'tcp://[127.0.0.1]:80',
    'tcp://localhost:65536',
    'tcp://localhost:1e3',
  ])('refuses %j', (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'ERR_TTRPC_ADDRESS' }));
  });
});
