import { encodeUtf8 } from '@sealwright/bytes';
import { type KbsClient, KbsProtocolError } from '@sealwright/kbs-protocol';
import { SealedSecretError } from '@sealwright/sealed-secret';
import { sampleEvidence } from './attester.js';
import { tokenCache } from './token-cache.js';

/** What the REST facade and the ttRPC services ask: attestation agent and confidential data hub. */
export interface Backend {
  /** Name of the TEE. */
  readonly tee: string;
  /** Names of further devices. */
  readonly additionalTees: readonly string[];
  /** A token of a type such as `kbs`. */
  token(type: string): Promise<Uint8Array>;
  /** Evidence of the TEE over runtime data. */
  evidence(runtimeData: Uint8Array): Promise<Uint8Array>;
  /** Evidence of further devices over runtime data; empty without any. */
  additionalEvidence(runtimeData: Uint8Array): Promise<Uint8Array>;
  /** Record an event. */
  extendRuntimeMeasurement(event: RuntimeEvent): Promise<'ok' | 'not-supported' | 'not-enabled'>;
  /** A resource, by its URI. */
  resource(uri: string): Promise<Uint8Array>;
}

/** An event of the attestation agent's event log. */
export interface RuntimeEvent {
  readonly domain: string;
  readonly operation: string;
  readonly content: string;
}

/** Why a backend could not answer: a class that may be told, and a cause for the log. */
export class BackendError extends Error {
  /** Always `BackendError`. */
  override readonly name = 'BackendError';
  /** `invalid` is the caller's fault, `not-found` and `denied` are the KBS's answer, `unreachable` is the network's. */
  readonly reason: 'invalid' | 'not-found' | 'denied' | 'unreachable' | 'failed';

  constructor(reason: BackendError['reason'], message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * The backend of a guest without a TEE.
 *
 * @param kbs - the KBS; `undefined` when none is configured
 * @param now - milliseconds since 1970
 */
export function sampleBackend(kbs: KbsClient | undefined, now: () => number): Backend {
  const needKbs = (): KbsClient => {
    if (kbs === undefined) throw new BackendError('failed', 'no KBS is configured');
    return kbs;
  };
  const cache = tokenCache(async () => needKbs().getToken(), now);
  return {
    tee: 'sample',
    additionalTees: [],
    token: async (type) => {
      if (type !== 'kbs') throw new BackendError('invalid', 'the type of a token is kbs');
      const { token, teeKeypairPem } = await asked('[ERROR:attestation-agent] AA-KBC get token failed', () =>
        cache.get(),
      );
      const tee_keypair = new TextDecoder().decode(teeKeypairPem.expose());
      return encodeUtf8(JSON.stringify({ token, tee_keypair }));
    },
    evidence: (runtimeData) => Promise.resolve(encodeUtf8(JSON.stringify(sampleEvidence(runtimeData)))),
    additionalEvidence: () => Promise.resolve(new Uint8Array()),
    extendRuntimeMeasurement: () => Promise.resolve('not-supported'),
    resource: (uri) => asked('[CDH] [ERROR]: Get Resource failed', () => needKbs().getResource(uri)),
  };
}

async function asked<T>(message: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof BackendError) throw cause;
    const reason = reasonOf(cause);
    throw new BackendError(reason, `${message}: ${reason}`, { cause });
  }
}

/**
 * The class of a failure that may be told.
 *
 * @param error - what was thrown; where an answer of the KBS is among its causes, that answer says it
 */
export function reasonOf(error: unknown): BackendError['reason'] {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1) {
    if (cause instanceof BackendError) return cause.reason;
    if (cause instanceof KbsProtocolError) return REASONS.get(cause.code) ?? 'failed';
  }
  return error instanceof SealedSecretError ? 'invalid' : 'failed';
}

const REASONS: ReadonlyMap<string, BackendError['reason']> = new Map([
  ['ERR_KBS_RESOURCE_URI', 'invalid'],
  ['ERR_KBS_RESOURCE_PATH', 'invalid'],
  ['ERR_KBS_NOT_FOUND', 'not-found'],
  ['ERR_KBS_REFUSED', 'denied'],
  ['ERR_KBS_NETWORK', 'unreachable'],
]);
