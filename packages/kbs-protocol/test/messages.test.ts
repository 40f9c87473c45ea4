import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeAttestRequest,
  encodeAttestResponse,
  encodeAuthRequest,
  encodeChallenge,
  encodeWireError,
  generateTeeKey,
  isPlainNonce,
  KbsProtocolError,
  parseAttestRequest,
  parseAttestResponse,
  parseAuthRequest,
  parseChallenge,
  parseResponseJwe,
  parseWireError,
  PROTOCOL_VERSIONS,
  reportData,
  runtimeDataText,
  selectedHash,
  selectHash,
  wireErrors,
} from '../src/index.js';

const { publicKey } = await generateTeeKey();
const nonce = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const attestation = encodeAttestRequest({
  initData: 'x = "é"\n',
  nonce,
  teePubkey: publicKey.jwk,
  primaryEvidence: { svn: '1' },
  additionalEvidence: '{"sampledevice":{"svn":"2"}}',
});

describe('messages', () => {
  it('are read as they were written', () => {
    const request = { version: '0.4.0', tee: 'snp', extraParams: '' } as const;
    expect(parseAuthRequest(encodeAuthRequest(request))).toEqual(request);
    expect(parseChallenge(encodeChallenge({ nonce, extraParams: '' }))).toEqual({ nonce, extraParams: '' });
    expect(parseAttestResponse(encodeAttestResponse('a.b.c'))).toBe('a.b.c');
    const read = parseAttestRequest(attestation);
    expect(read).toMatchObject({
      initData: 'x = "é"\n',
      nonce,
      primaryEvidence: { svn: '1' },
      additionalEvidence: '{"sampledevice":{"svn":"2"}}',
      devices: [{ tee: 'sampledevice', evidence: { svn: '2' } }],
    });
    expect(read.teePubkey.jwk).toEqual(publicKey.jwk);
  });

  it.each([
    ['{"version":"0.4.0","tee":"sample"}', 'ERR_KBS_MESSAGE'],
    ['{"version":"0.4.0","tee":"sev","extra-params":""}', 'ERR_KBS_TEE'],
    ['{"version":"0.4","tee":"sample","extra-params":""}', 'ERR_KBS_VERSION'],
    ['{"version":"0.2.0","tee":"sample","extra-params":""}', 'ERR_KBS_VERSION'],
    ['{"version":"0.4.0","version":"0.4.0","tee":"sample","extra-params":""}', 'ERR_KBS_MESSAGE'],
    ['[]', 'ERR_KBS_MESSAGE'],
    ['', 'ERR_KBS_MESSAGE'],
    [' '.repeat(70_000), 'ERR_KBS_LIMIT'],
  ])('refuse the request %.60s', (body, code) => {
    expect(() => parseAuthRequest(body)).toThrow(expect.objectContaining({ code }));
  });

  it('of older versions are read where they are served', () => {
    const versions = PROTOCOL_VERSIONS;
    const body = '{"version":"0.1.0","tee":"sample","extra-params":""}';
    expect(parseAuthRequest(body, { versions }).version).toBe('0.1.0');
    const old = JSON.stringify({ 'tee-pubkey': publicKey.jwk, 'tee-evidence': '{"svn":"1"}' });
    expect(parseAttestRequest(old, { version: '0.1.0' }).primaryEvidence).toEqual({ svn: '1' });
    expect(parseAttestRequest(old, { version: '0.2.0' }).primaryEvidence).toBe('{"svn":"1"}');
  });

  it('answer mutated text with a message or a KbsProtocolError', () => {
    const mutated = fc
      .tuple(fc.nat(attestation.length), fc.nat(20), fc.string({ maxLength: 3 }))
      .map(([at, cut, text]) => attestation.slice(0, at) + text + attestation.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), mutated), (text) => {
        for (const parse of [
          parseAuthRequest,
          parseChallenge,
          parseAttestRequest,
          parseAttestResponse,
          parseWireError,
          parseResponseJwe,
        ]) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(KbsProtocolError);
          }
        }
      }),
    );
  });
});

describe('runtime data', () => {
  it('has sorted members, and the device evidence only where it is given', () => {
    const { x, y } = publicKey.jwk as { x: string; y: string };
    const key = `{"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`;
    expect(runtimeDataText({ nonce: 'n', teePubkey: publicKey })).toBe(`{"nonce":"n","tee-pubkey":${key}}`);
    expect(runtimeDataText({ nonce: 'n', teePubkey: publicKey, additionalEvidence: '' })).toBe(
      `{"additional-evidence":"","nonce":"n","tee-pubkey":${key}}`,
    );
  });

  it('is 48 bytes unless another hash is selected', () => {
    const parts = { nonce, teePubkey: publicKey };
    expect(reportData(parts)).toHaveLength(48);
    expect(reportData(parts, 'sm3')).toHaveLength(32);
  });

  it('is hashed with what the challenge selects', () => {
    expect(selectedHash('')).toBe('sha384');
    expect(selectedHash({})).toBe('sha384');
    expect(selectedHash({ 'selected-hash-algorithm': 'SHA512' })).toBe('sha512');
    for (const named of ['md5', 5, null]) {
      expect(() => selectedHash({ 'selected-hash-algorithm': named })).toThrow(
        expect.objectContaining({ code: 'ERR_KBS_HASH' }),
      );
    }
  });

  it('needs sha512 for IBM SE', () => {
    expect(selectHash('se', '').hash).toBe('sha512');
    expect(selectHash('snp', { 'supported-hash-algorithms': ['sha512'] })).toEqual({
      hash: 'sha384',
      extraParams: '',
    });
    for (const offered of [['sha384'], 'sha512', null]) {
      expect(() => selectHash('se', { 'supported-hash-algorithms': offered })).toThrow(
        expect.objectContaining({ code: 'ERR_KBS_HASH' }),
      );
    }
  });

  it('refuses text that Unicode cannot hold', () => {
    expect(() => runtimeDataText({ nonce: '\ud800', teePubkey: publicKey })).toThrow(
      expect.objectContaining({ code: 'ERR_KBS_MESSAGE' }),
    );
  });
});

describe('isPlainNonce', () => {
  it('tells 32 bytes in base64 from everything else', () => {
    expect(isPlainNonce(nonce)).toBe(true);
    for (const text of ['', '{}', nonce.slice(1), `${nonce.slice(0, 43)}A`])
      expect(isPlainNonce(text)).toBe(false);
  });
});

describe('error bodies', () => {
  it('are read as they were written', () => {
    expect(parseWireError(encodeWireError(wireErrors.pluginNotFound('x')))).toEqual({
      name: 'PluginNotFound',
      detail: 'Plugin x not found',
    });
  });

  it('have status 404 only for what does not exist', () => {
    expect(wireErrors.resourceNotFound().status).toBe(404);
    expect(wireErrors.invalidRequestPath().status).toBe(404);
    expect(wireErrors.policyDeny().status).toBe(401);
    expect(wireErrors.jwe().status).toBe(401);
    expect(wireErrors.policyEngine('x').detail).toContain('x');
    expect(wireErrors.parsePolicy('x').detail).toContain('x');
    expect(wireErrors.adminAccess('e', 'x').detail).toBe('admin access denied for endpoint e: x');
    expect(wireErrors.adminPluginAccess('x').name).toBe('AdminAuthInitialization');
  });
});
