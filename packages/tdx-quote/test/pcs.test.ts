import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { type Collateral, parseQuote, verifyQuote } from '../src/index.js';
import {
  CollateralCache,
  collateralSubject,
  fetchCollateral,
  fetchEvaluationNumbers,
  fetchPckCertificateChain,
} from '../src/pcs/index.js';
import { anchors, at, collateral, forgeQuote, quoteBytes, signDocument } from './forge.fixture.js';

const quote = parseQuote(quoteBytes);
const unavailable = expect.objectContaining({ code: 'ERR_TDX_COLLATERAL_UNAVAILABLE' });
const escaped = (pem: string): string => encodeURIComponent(pem).replaceAll('%2B', '+');

/** A whole service, which writes down what it was asked. */
function service(given: Collateral = collateral, change: Readonly<Record<string, Response>> = {}) {
  const asked: string[] = [];
  const answers: Record<string, () => Response> = {
    '/tdx/certification/v4/tcb': () =>
      new Response(`{ "tcbInfo":${given.tcbInfo},"signature":"${encodeHex(given.tcbInfoSignature)}"}`, {
        headers: { 'tcb-info-issuer-chain': escaped(given.tcbInfoIssuerChain) },
      }),
    '/tdx/certification/v4/qe/identity': () =>
      new Response(
        `{"signature":"${encodeHex(given.qeIdentitySignature)}","enclaveIdentity": ${given.qeIdentity} }`,
        {
          headers: { 'SGX-Enclave-Identity-Issuer-Chain': escaped(given.qeIdentityIssuerChain) },
        },
      ),
    '/sgx/certification/v4/pckcrl': () =>
      new Response(given.pckCrl, {
        headers: { 'SGX-PCK-CRL-Issuer-Chain': escaped(given.pckCrlIssuerChain) },
      }),
    '/IntelSGXRootCA.der': () => new Response(given.rootCaCrl),
    '/sgx/certification/v4/rootcacrl': () => new Response(`${encodeHex(given.rootCaCrl)}\n`),
  };
  const fetch = async (url: string): Promise<Response> => {
    asked.push(url);
    const { pathname } = new URL(url);
    return change[pathname]?.clone() ?? answers[pathname]?.() ?? new Response('', { status: 404 });
  };
  return { asked, fetch };
}

describe('fetchCollateral', () => {
  it('asks the vendor and gives what verifies', async () => {
    const { asked, fetch } = service();
    const fetched = await fetchCollateral(collateralSubject(quote), { fetch, update: 'early' });
    expect(fetched).toEqual(collateral);
    expect(asked).toEqual([
      'https://api.trustedservices.intel.com/tdx/certification/v4/tcb?fmspc=a0b1c2d3e4f5&update=early',
      'https://api.trustedservices.intel.com/tdx/certification/v4/qe/identity?update=early',
      'https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der',
      'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der',
    ]);
    expect((await verifyQuote(quote, { collateral: fetched, anchors, at })).tcb.status).toBe('UpToDate');
  });

  it('asks a caching service', async () => {
    const { asked, fetch } = service();
    const options = { fetch, baseUrl: 'https://pccs.example:8081', tcbEvaluationDataNumber: 17 };
    expect(await fetchCollateral(collateralSubject(quote), options)).toEqual(collateral);
    expect(asked[0]).toBe(
      'https://pccs.example:8081/tdx/certification/v4/tcb?fmspc=a0b1c2d3e4f5&tcbEvaluationDataNumber=17',
    );
    expect(asked[3]).toBe('https://pccs.example:8081/sgx/certification/v4/rootcacrl');
    await fetchCollateral(collateralSubject(quote), {
      ...options,
      rootCrlUrl: 'https://x.example/IntelSGXRootCA.der',
    });
    expect(asked[7]).toBe('https://x.example/IntelSGXRootCA.der');
    await expect(fetchCollateral(collateralSubject(quote), { ...options, update: 'early' })).rejects.toThrow(
      TypeError,
    );
  });

  it('reads lists in PEM, and cuts documents out of any answer', async () => {
    const pem = `-----BEGIN X509 CRL-----\n${btoa(String.fromCharCode(...collateral.rootCaCrl))}\n-----END X509 CRL-----\n`;
    const odd = JSON.stringify({
      'a "{[': ['}', { tcbInfo: {} }],
      signature: encodeHex(collateral.tcbInfoSignature),
    });
    const body = `${odd.slice(0, -1)},"tcb\\u0049nfo":${collateral.tcbInfo}}`;
    const headers = { 'SGX-TCB-Info-Issuer-Chain': escaped(collateral.tcbInfoIssuerChain) };
    const { fetch } = service(collateral, {
      '/IntelSGXRootCA.der': new Response(pem),
      '/tdx/certification/v4/tcb': new Response(body, { headers }),
    });
    expect(await fetchCollateral(collateralSubject(quote), { fetch })).toEqual(collateral);
  });

  it.each<[string, string, Response]>([
    ['a refusal', '/tdx/certification/v4/tcb', new Response('', { status: 404 })],
    ['a failure', '/tdx/certification/v4/tcb', new Response('', { status: 503 })],
    ['no issuer chain', '/tdx/certification/v4/tcb', new Response('{"tcbInfo":{},"signature":""}')],
    [
      'no signature',
      '/tdx/certification/v4/tcb',
      new Response('{"tcbInfo":{}}', { headers: { 'TCB-Info-Issuer-Chain': 'x' } }),
    ],
    [
      'no JSON',
      '/tdx/certification/v4/tcb',
      new Response('{', { headers: { 'TCB-Info-Issuer-Chain': 'x' } }),
    ],
    ['bytes', '/tdx/certification/v4/tcb', new Response(Uint8Array.of(0xff))],
    [
      'a broken chain',
      '/sgx/certification/v4/pckcrl',
      new Response('00', { headers: { 'SGX-PCK-CRL-Issuer-Chain': '%' } }),
    ],
    ['no list', '/IntelSGXRootCA.der', new Response('none')],
    ['no block', '/IntelSGXRootCA.der', new Response('-----')],
    ['too much', '/IntelSGXRootCA.der', new Response(new Uint8Array(0x100_0001))],
  ])('refuses %s', async (_, path, response) => {
    const { fetch } = service(collateral, { [path]: response });
    await expect(fetchCollateral(collateralSubject(quote), { fetch })).rejects.toThrow(unavailable);
  });

  it('tells a service that cannot be reached', async () => {
    const fetch = async (): Promise<Response> => {
      throw new TypeError('no route');
    };
    const { signal } = new AbortController();
    await expect(fetchCollateral(collateralSubject(quote), { fetch, signal })).rejects.toThrow(unavailable);
  });
});

describe('collateralSubject', () => {
  it('says what a quote needs', async () => {
    expect(collateralSubject(quote)).toMatchObject({ tee: 'tdx', ca: 'platform' });
    if (quote.certification.type !== 5) throw new Error('expected a chain');
    const [leaf = ''] = new TextDecoder()
      .decode(quote.certification.pem)
      .split(/(?<=-----END CERTIFICATE-----)/, 1);
    const alone = await forgeQuote({ certification: { type: 4, pem: encodeUtf8(leaf) } });
    expect(collateralSubject(alone)).toEqual(collateralSubject(quote));
    const bare = await forgeQuote({ certification: { type: 7, manifest: new Uint8Array(1) } });
    expect(() => collateralSubject(bare)).toThrow(
      expect.objectContaining({ code: 'ERR_TDX_PCK_CHAIN_MISSING' }),
    );
  });
});

describe('CollateralCache', () => {
  it('fetches once, again when it expires, and again after a failure', async () => {
    const { asked, fetch } = service();
    const cache = new CollateralCache({ fetch, anchors, maxEntries: 1 });
    const [one, two] = await Promise.all([cache.get(quote, at), cache.get(quote, at)]);
    expect(one).toBe(two);
    expect(asked).toHaveLength(4);
    await expect(cache.get(quote, new Date('2025-06-15T00:00:00Z'))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_TDX_CRL_EXPIRED' }),
    );
    expect(asked).toHaveLength(8);
    await cache.get(quote, at);
    expect(asked).toHaveLength(12);
    const impatient = new CollateralCache({ fetch, anchors, maxAgeSeconds: 0, maxEntries: 0 });
    await impatient.get(quote, at);
    await impatient.get(quote, new Date(at.getTime() + 1));
    expect(asked).toHaveLength(20);
  });
});

describe('fetchEvaluationNumbers', () => {
  const list = {
    id: 'TDX',
    version: 1,
    issueDate: '2025-05-20T00:00:00Z',
    nextUpdate: '2025-06-19T00:00:00Z',
    tcbEvalNumbers: [
      {
        tcbEvaluationDataNumber: 19,
        tcbRecoveryEventDate: '2025-05-13T00:00:00Z',
        tcbDate: '2025-05-14T00:00:00Z',
      },
    ],
  };
  const answer = async (
    document: object,
    signed: object = document,
  ): Promise<(url: string) => Promise<Response>> => {
    const text = JSON.stringify(document);
    const signature = encodeHex(await signDocument(JSON.stringify(signed)));
    const headers = { 'TCB-Evaluation-Data-Numbers-Issuer-Chain': escaped(collateral.tcbInfoIssuerChain) };
    return async () =>
      new Response(`{"tcbEvaluationDataNumbers":${text},"signature":"${signature}"}`, { headers });
  };

  it('gives the rounds', async () => {
    const { numbers } = await fetchEvaluationNumbers('tdx', { fetch: await answer(list), at, anchors });
    expect(numbers).toEqual(list.tcbEvalNumbers);
  });

  it.each<[string, object, object?]>([
    ['SIGNATURE_INVALID', list, {}],
    ['MISMATCH', { ...list, id: 'SGX' }],
    ['EXPIRED', { ...list, nextUpdate: '2025-05-21T00:00:00Z' }],
    ['NOT_YET_VALID', { ...list, issueDate: '2025-06-18T00:00:00Z' }],
    ['MALFORMED', { ...list, tcbEvalNumbers: [{}] }],
  ])('refuses with %s', async (reason, document, signed) => {
    const fetch = await answer(document, signed);
    await expect(fetchEvaluationNumbers('tdx', { fetch, at, anchors })).rejects.toThrow(
      expect.objectContaining({ code: `ERR_TDX_TCB_EVALUATION_NUMBERS_${reason}` }),
    );
  });
});

describe('fetchPckCertificateChain', () => {
  it('asks by the encrypted identifier', async () => {
    const bare = await forgeQuote({
      certification: {
        type: 3,
        ppid: new Uint8Array(384),
        cpuSvn: new Uint8Array(16),
        pceSvn: 0x0102,
        pceId: 0,
      },
    });
    const asked: URL[] = [];
    const headers = { 'SGX-PCK-Certificate-Issuer-Chain': 'issuer+chain' };
    const fetch = async (url: string): Promise<Response> => {
      asked.push(new URL(url));
      return new Response('leaf', { headers });
    };
    expect(await fetchPckCertificateChain(bare, { fetch })).toBe('leaf\nissuer+chain');
    expect(asked[0]?.searchParams.get('pcesvn')).toBe('0201');
    expect(asked[0]?.searchParams.get('qeid')).toHaveLength(32);
    await expect(fetchPckCertificateChain(quote, { fetch })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_TDX_UNSUPPORTED_CERT_DATA_TYPE' }),
    );
  });
});
