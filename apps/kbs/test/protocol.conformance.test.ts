import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { startBroker, type Broker } from './broker.js';

const area = vectorArea('kbs/protocol');
const has = (file: string): boolean => area.present && area.list().includes(file);

describe.skipIf(!area.present)('the vectors of kbs/protocol', () => {
  it('are here', () => expect(area.list()).not.toHaveLength(0));
});

describe.skipIf(!has('resource-paths.json'))('resource-paths.json', () => {
  it('are stored or refused', async () => {
    const broker = await startBroker();
    const { server_resource_path: paths } = area.json<{
      server_resource_path: { path: string; valid: boolean }[];
    }>('resource-paths.json');
    expect(paths).not.toHaveLength(0);
    for (const { path, valid } of paths) {
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const { status } = await broker.put(encoded, 'secret');
      expect({ path, status }).toEqual({ path, status: valid ? 200 : 401 });
    }
  });
});

interface ErrorCase {
  readonly when: string;
  readonly status: number;
  readonly body?: object;
  readonly type?: string;
}

describe.skipIf(!has('errors.json'))('errors.json', () => {
  // Each sentence of the file, and a request that it is true of.
  const requests: readonly (readonly [RegExp, (broker: Broker) => Promise<Response>])[] = [
    [/policy says no/, async (broker) => getWithSession(broker)],
    [/no cookie and no bearer/, (broker) => fetch(`${broker.url}/kbs/v0/resource/a/b/c`)],
    [
      /bearer token fails/,
      (broker) =>
        fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { headers: { authorization: 'Bearer a.b.c' } }),
    ],
    [/plugin not configured/, (broker) => fetch(`${broker.url}/kbs/v0/foo/a`)],
    [/attest fails/, (broker) => fetch(`${broker.url}/kbs/v0/attest`, { method: 'POST', body: '{}' })],
    [
      /reference value unknown/,
      (broker) => fetch(`${broker.url}/kbs/v0/reference-value/x`, { headers: broker.admin }),
    ],
    [/method not served/, (broker) => fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { method: 'PATCH' })],
  ];
  const cases = has('errors.json') ? area.json<ErrorCase[]>('errors.json') : [];
  // A missing resource is 404 here, which clients take for final; the handshake's tests hold that.
  it.for(cases.filter(({ when }) => !/resource does not exist \(upstream\)/.test(when)))(
    '$when',
    async (item) => {
      const request = requests.find(([sentence]) => sentence.test(item.when))?.[1];
      if (request === undefined) throw new Error('no request that this is true of');
      const response = await request(await startBroker({ policy: 'deny_all' }));
      expect(response.status).toBe(item.status);
      if (item.body !== undefined) expect(await response.json()).toEqual(item.body);
      else if (item.type !== undefined) expect(await response.json()).toMatchObject({ type: item.type });
    },
  );
});

async function getWithSession(broker: Broker): Promise<Response> {
  const { token } = await broker.client().getToken();
  return fetch(`${broker.url}/kbs/v0/resource/a/b/c`, { headers: { authorization: `Bearer ${token}` } });
}
