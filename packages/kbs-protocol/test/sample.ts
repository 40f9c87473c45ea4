import { decodeBase64, encodeBase64, equalBytes, type Bytes } from '@sealwright/bytes';
import { generateKeyPair, randomBytes, type PrivateKey } from '@sealwright/crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import {
  annotatedEvidence,
  createMemorySessionStore,
  createSessionMachine,
  createTokenTrust,
  encodeResponseJwe,
  encodeWireError,
  issueEar,
  sealResponse,
  teeKeyFromClaims,
  verifyToken,
  wireErrors,
  type Attester,
  type EvidenceInput,
  type EvidenceVerifier,
  type FetchLike,
  type MemorySessionStore,
  type SessionMachine,
  type SessionMachineOptions,
  type SessionAnswer,
} from '../src/index.js';

/** The sample TEE's evidence, which proves nothing: the report data in base64. */
export const sampleAttester: Attester = {
  tee: 'sample',
  evidence: async (reportData) => ({ svn: '1', report_data: encodeBase64(reportData) }),
};

export const sampleVerifier: EvidenceVerifier = {
  async verify(input) {
    const { svn, report_data: reported } = objectOf(input.evidence);
    if (typeof reported !== 'string' || !equalBytes(decodeBase64(reported), input.reportData)) {
      throw new Error('report data differs');
    }
    return [
      { class: classOf(input), claims: { svn: svn ?? null, report_data: reported, ...initDataOf(input) } },
    ];
  },
};

export interface SampleServer {
  readonly fetch: FetchLike;
  readonly machine: SessionMachine;
  readonly store: MemorySessionStore;
  readonly signingKey: PrivateKey;
  readonly requests: string[];
  clock: { now: number };
}

/** A whole key broker in one function: sample evidence, every secret in a map, no policy. */
export async function createSampleServer(
  secrets: ReadonlyMap<string, Bytes>,
  options: Partial<SessionMachineOptions> = {},
): Promise<SampleServer> {
  const signingKey = await generateKeyPair('ec-p256');
  const trust = createTokenTrust({ trustedKeys: [signingKey.publicKey] });
  const clock = { now: 1_787_000_000_000 };
  const store = createMemorySessionStore();
  const machine = createSessionMachine({
    store,
    evidenceVerifier: (tee) =>
      tee === 'sample' || tee === 'sampledevice' || tee === 'se' ? sampleVerifier : undefined,
    tokenIssuer: ({ evidence, initData, now }) =>
      issueEar(
        {
          now,
          submodules: evidence.map((item) => ({
            class: item.class,
            trustVector: { hardware: 2 },
            annotatedEvidence: annotatedEvidence({ ...item, initDataClaims: initData?.claims ?? null }),
          })),
        },
        signingKey,
      ),
    now: () => clock.now,
    random: randomBytes,
    ...options,
  });
  const requests: string[] = [];
  const fetch: FetchLike = async (input, init) => {
    const { pathname } = new URL(input);
    const headers = new Headers(init.headers);
    requests.push(`${init.method ?? ''} ${pathname}`);
    const cookie = headers.get('cookie');
    const body = typeof init.body === 'string' ? init.body : '';
    if (pathname === '/kbs/v0/auth') return respond(await machine.auth(body));
    if (pathname === '/kbs/v0/attest') return respond(await machine.attest(cookie, body));
    const token =
      (await machine.sessionToken(cookie)) ?? headers.get('authorization')?.replace('Bearer ', '');
    if (token === undefined)
      return new Response(encodeWireError(wireErrors.tokenNotFound()), { status: 401 });
    try {
      const { claims } = await verifyToken(token, trust, { now: clock.now });
      const secret = secrets.get(pathname.replace('/kbs/v0/resource/', ''));
      if (secret === undefined)
        return new Response(encodeWireError(wireErrors.resourceNotFound()), { status: 404 });
      return new Response(encodeResponseJwe(await sealResponse(teeKeyFromClaims(claims), secret)));
    } catch {
      return new Response(encodeWireError(wireErrors.tokenRefused()), { status: 401 });
    }
  };
  return { fetch, machine, store, signingKey, requests, clock };
}

/** Browsers drop `Set-Cookie` from responses that scripts make, so the fake keeps it beside them. */
function respond(answer: SessionAnswer): Response {
  const response = new Response(answer.body, { status: answer.status });
  const lines = answer.cookie === undefined ? [] : [answer.cookie];
  Object.defineProperty(response.headers, 'getSetCookie', { value: () => lines });
  return response;
}

function classOf(input: EvidenceInput): string {
  return input.tee === 'sampledevice' ? 'gpu' : 'cpu';
}

function initDataOf(input: EvidenceInput): JsonObject {
  return input.initDataDigest === undefined ? {} : { init_data: encodeBase64(input.initDataDigest) };
}

function objectOf(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) throw new Error('expected an object');
  return value;
}
