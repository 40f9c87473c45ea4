import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { listen } from '@sealwright/service';
import { onTestFinished } from 'vitest';
import { createSampleServer, type SampleServer } from '../../../packages/kbs-protocol/test/sample.js';

/** A key broker on loopback. */
export interface TestKbs {
  readonly url: string;
  readonly server: SampleServer;
}

/**
 * Start a key broker that believes the sample TEE, and releases everything to everybody who attests.
 *
 * @param secrets - by path
 */
export async function startKbs(secrets: Readonly<Record<string, string>>): Promise<TestKbs> {
  const values = new Map(Object.entries(secrets).map(([path, text]) => [path, encodeUtf8(text)]));
  const server = await createSampleServer(values, {
    now: () => Date.now(),
    readInitData: (toml) => ({
      digest: digest('sha256', encodeUtf8(toml)),
      claims: { toml: encodeBase64(encodeUtf8(toml)) },
    }),
  });
  server.clock.now = Date.now();
  const listening = await listen(
    async (request) => {
      const body = await request.text();
      const headers = Object.fromEntries(request.headers);
      const response = await server.fetch(request.url, {
        method: request.method,
        headers,
        ...(body === '' ? {} : { body }),
      });
      const [cookie] = response.headers.getSetCookie();
      return new Response(await response.text(), {
        status: response.status,
        headers: cookie === undefined ? {} : { 'set-cookie': cookie },
      });
    },
    { host: '127.0.0.1', port: 0 },
  );
  onTestFinished(() => listening.close());
  return { url: listening.url, server };
}
