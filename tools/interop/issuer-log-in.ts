import { createHash, randomUUID } from 'node:crypto';

/** What the pages of an issuer answer. */
export interface LogInAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a client has asked for, and must prove that it asked. */
interface Asked {
  readonly challenge: string;
  readonly nonce: string | undefined;
  readonly redirectUri: string | undefined;
}

/**
 * The pages of an issuer where one person logs in, and says yes to everything: the authorization code flow with RFC 7636, and that of
 * devices, RFC 8628. It refuses a client that leaves out what protects either.
 */
export class LogInPages {
  readonly #url: string;
  readonly #tokenWith: (claims: Readonly<Record<string, unknown>>) => string;
  readonly #codes = new Map<string, Asked>();
  readonly #devices = new Map<string, Asked & { readonly userCode: string }>();
  readonly #approved = new Set<string>();

  /**
   * Make the pages.
   *
   * @param url - of the issuer
   * @param tokenWith - issues a token about the person, with further claims
   */
  constructor(url: string, tokenWith: (claims: Readonly<Record<string, unknown>>) => string) {
    this.#url = url;
    this.#tokenWith = tokenWith;
  }

  /** What the configuration of the issuer says of them. */
  get endpoints(): Readonly<Record<string, unknown>> {
    return {
      authorization_endpoint: `${this.#url}/auth`,
      token_endpoint: `${this.#url}/token`,
      device_authorization_endpoint: `${this.#url}/device/code`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
    };
  }

  /** Answer a request; `undefined` where there is no such page. */
  answer(path: string, sent: URLSearchParams): LogInAnswer | undefined {
    if (path === '/auth') return this.#authorize(sent);
    if (path === '/device/code') return this.#askForDevice(sent);
    if (path === '/device') return this.#approve(sent);
    return path === '/token' ? this.#token(sent) : undefined;
  }

  #authorize(sent: URLSearchParams): LogInAnswer {
    const redirectUri = sent.get('redirect_uri') ?? '';
    const challenge = challengeIn(sent);
    const isGood =
      sent.get('response_type') === 'code' &&
      /^http:\/\/localhost:\d+\//.test(redirectUri) &&
      sent.has('state');
    if (!isGood || challenge === undefined) return refusal('invalid_request');
    const code = randomUUID();
    this.#codes.set(code, { challenge, redirectUri, nonce: sent.get('nonce') ?? undefined });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', sent.get('state') ?? '');
    return { status: 303, headers: { location: back.href } };
  }

  #askForDevice(sent: URLSearchParams): LogInAnswer {
    const challenge = challengeIn(sent);
    if (challenge === undefined) return refusal('invalid_request');
    const [deviceCode, userCode] = [randomUUID(), randomUUID().slice(0, 8).toUpperCase()];
    this.#devices.set(deviceCode, { challenge, userCode, nonce: undefined, redirectUri: undefined });
    const body = {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${this.#url}/device`,
      verification_uri_complete: `${this.#url}/device?user_code=${userCode}`,
      expires_in: 300,
      interval: 1,
    };
    return { status: 200, body };
  }

  #approve(sent: URLSearchParams): LogInAnswer {
    this.#approved.add(sent.get('user_code') ?? '');
    return { status: 200, body: {} };
  }

  #token(sent: URLSearchParams): LogInAnswer {
    const proof = createHash('sha256')
      .update(sent.get('code_verifier') ?? '')
      .digest('base64url');
    if (sent.get('grant_type') === 'authorization_code') {
      const code = sent.get('code') ?? '';
      const asked = this.#codes.get(code);
      this.#codes.delete(code);
      const isGood = asked?.challenge === proof && asked.redirectUri === sent.get('redirect_uri');
      return isGood ? this.#granted(asked.nonce) : refusal('invalid_grant');
    }
    const asked = this.#devices.get(sent.get('device_code') ?? '');
    if (asked?.challenge !== proof) return refusal('invalid_grant');
    return this.#approved.has(asked.userCode) ? this.#granted(undefined) : refusal('authorization_pending');
  }

  #granted(nonce: string | undefined): LogInAnswer {
    const token = this.#tokenWith(nonce === undefined ? {} : { nonce });
    const body = { access_token: 'opaque', token_type: 'bearer', expires_in: 600, id_token: token };
    return { status: 200, body };
  }
}

function challengeIn(sent: URLSearchParams): string | undefined {
  const isGood =
    sent.get('client_id') === 'sigstore' &&
    sent.get('scope')?.split(' ').includes('openid') === true &&
    sent.get('code_challenge_method') === 'S256';
  return isGood ? (sent.get('code_challenge') ?? undefined) : undefined;
}

function refusal(error: string): LogInAnswer {
  return { status: 400, body: { error } };
}
