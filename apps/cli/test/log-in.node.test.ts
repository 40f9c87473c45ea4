import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERSON, type RunningIssuer, startIssuer } from '../../../tools/interop/issuer.ts';
import { awaitRedirect } from '../src/await-redirect.js';
import type { Io } from '../src/io.js';
import { logIn } from '../src/log-in/log-in.js';
import { openBrowser } from '../src/open-browser.js';
import { runIn, testIo } from './test-io.js';

const DISCOVERY = '/.well-known/openid-configuration';
let issuer: RunningIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(async () => issuer?.stop());

/** A world with a person before it, who opens every page that is shown. */
function personIo(more: Partial<Io> = {}): Io & { readonly said: string[] } {
  const said: string[] = [];
  return {
    ...testIo(),
    now: Date.now,
    err: (text) => {
      said.push(text);
      const [page] = /http:\S+\/device\?user_code=\w+/.exec(text) ?? [];
      if (page !== undefined) void fetch(page);
    },
    openBrowser: async (url) => {
      void fetch(url);
      return true;
    },
    awaitRedirect,
    said,
    ...more,
  };
}

const here = (): Parameters<typeof logIn>[1] => ({ issuer: issuer.url, clientId: 'sigstore', device: false });

function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** A `fetch` that answers for one page of the issuer itself. */
function answering(page: string, status: number, body: unknown): Pick<Io, 'fetch'> {
  return {
    fetch: async (request) =>
      new URL(request.url).pathname === page ? Response.json(body, { status }) : fetch(request),
  };
}

describe('a person logs in', () => {
  it('with a browser on this machine', async () => {
    const io = personIo();
    expect(claimsOf(await logIn(io, here()))).toMatchObject({ ...PERSON, aud: 'sigstore' });
    expect(io.said.join('')).toContain(`${issuer.url}/auth?`);
  });

  it('with a browser anywhere, by a code', async () => {
    const io = personIo({ openBrowser: async () => Promise.reject(new Error('a browser was opened')) });
    expect(claimsOf(await logIn(io, { ...here(), device: true }))).toMatchObject(PERSON);
    expect(io.said.join('')).toMatch(/Enter the code [0-9A-F]{8} in a browser at: http/);
  });

  it('by a code where no browser can be opened', async () => {
    const io = personIo({ openBrowser: async () => false });
    expect(claimsOf(await logIn(io, here()))).toMatchObject(PERSON);
  });

  it('with a browser that they open, where none could be opened and the issuer takes no codes', async () => {
    const bare = {
      issuer: issuer.url,
      authorization_endpoint: `${issuer.url}/auth`,
      token_endpoint: `${issuer.url}/token`,
    };
    const io = personIo({
      ...answering(DISCOVERY, 200, bare),
      openBrowser: async (url) => {
        void fetch(url);
        return false;
      },
    });
    expect(claimsOf(await logIn(io, here()))).toMatchObject(PERSON);
  });

  it('to an address that was asked for', async () => {
    const free = await awaitRedirect('http://127.0.0.1:0/back', 'x');
    free.close();
    const redirectUrl = free.url.replace('127.0.0.1', 'localhost');
    const io = personIo();
    await logIn(io, { ...here(), redirectUrl });
    expect(io.said.join('')).toContain(encodeURIComponent(redirectUrl));
  });
});

describe('nobody is believed', () => {
  it.each([
    [
      'whom the issuer refuses',
      '/token',
      400,
      { error: 'access_denied', error_description: 'no\u001b[31m' },
      /access_denied: no\?\[31m/,
    ],
    [
      'without an identity token',
      '/token',
      200,
      { access_token: 'a', token_type: 'bearer' },
      /against the rules/,
    ],
    [
      'at an issuer that calls itself otherwise',
      DISCOVERY,
      200,
      { issuer: 'https://other.example' },
      /against the rules/,
    ],
    ['where there is no page to log in at', DISCOVERY, 200, undefined, /no page to log in at/],
    ['whose page is no page', DISCOVERY, 200, 'file:///etc/passwd', /no page to log in at/],
    ['whose answer has no end', '/token', 200, 'x'.repeat(2 << 20), /at most 1048576 bytes/],
  ])('%s', async (_title, page, status, said, message) => {
    const body =
      page === DISCOVERY && typeof said !== 'object'
        ? {
            issuer: issuer.url,
            token_endpoint: `${issuer.url}/token`,
            ...(said === undefined ? {} : { authorization_endpoint: said }),
          }
        : said;
    await expect(logIn(personIo(answering(page, status, body)), here())).rejects.toMatchObject({
      name: 'CommandError',
      code: 'ERR_COSIGN_IDENTITY',
      message: expect.stringMatching(message),
    });
  });

  it('whose token was made for another log-in, and the token is not told', async () => {
    const token = issuer.token(PERSON, { nonce: 'of another' });
    const answer = { access_token: 'a', token_type: 'bearer', id_token: token };
    const refused = logIn(personIo(answering('/token', 200, answer)), here());
    await expect(refused).rejects.toMatchObject({ code: 'ERR_COSIGN_IDENTITY' });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(token.slice(0, 20)) });
  });

  it.each([
    ['over the network in the clear', { issuer: 'http://issuer.example' }],
    ['at no address', { issuer: 'issuer' }],
    ['sent back to another machine', { redirectUrl: 'http://other.example/back' }],
    ['sent back to a program', { redirectUrl: 'app://localhost/back' }],
  ])('%s', async (_title, wrong) => {
    await expect(logIn(personIo(), { ...here(), ...wrong })).rejects.toMatchObject({ code: 'ERR_CLI_USAGE' });
  });

  it('who never enters the code', async () => {
    const device = {
      device_code: 'd',
      user_code: 'U',
      verification_uri: 'https://issuer.example',
      expires_in: 0.01,
      interval: 0.02,
    };
    const io = personIo(answering('/device/code', 200, device));
    await expect(logIn(io, { ...here(), device: true })).rejects.toMatchObject({
      code: 'ERR_COSIGN_IDENTITY',
    });
  });

  it('unless a terminal shows what to do, or a flow is asked for', async () => {
    const io = testIo({
      'app.txt': 'x',
      'root.json': '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
    });
    const words = [
      'sign-blob',
      '-y',
      '--use-signing-config=false',
      '--rekor-url',
      'http://127.0.0.1:1',
      '--trusted-root',
      'root.json',
      '--insecure-skip-verify',
      '--bundle',
      'b.json',
      'app.txt',
    ];
    const ran = await runIn(io, ...words);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain('--fulcio-auth-flow device');
  });
});

describe('the page that a browser is sent back to', () => {
  it('takes nobody without the state, and the first who has it', async () => {
    const listener = await awaitRedirect(undefined, 'the state');
    try {
      const came = listener.answer(60_000);
      for (const path of ['?state=other&code=1', '?code=1', '/other?state=the+state', ''])
        expect((await fetch(listener.url + path)).status).toBe(404);
      expect((await fetch(`${listener.url}?state=the+state`, { method: 'POST' })).status).toBe(404);
      const page = await fetch(`${listener.url}?state=the+state&code=2`);
      expect(page.headers.get('content-security-policy')).toBe("default-src 'none'");
      expect((await came)?.searchParams.get('code')).toBe('2');
    } finally {
      listener.close();
    }
  });

  it('gives up in time', async () => {
    const listener = await awaitRedirect(undefined, 'x');
    expect(await listener.answer(1)).toBeUndefined();
    listener.close();
    await expect(fetch(listener.url)).rejects.toThrow('fetch failed');
  });
});

describe('a browser', () => {
  it('that is not there is no browser', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      expect(await openBrowser('http://127.0.0.1:1')).toBe(false);
    } finally {
      process.env['PATH'] = path;
    }
  });
});
