import { createHash } from 'node:crypto';
import { decodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { UsageError } from '@sealwright/service';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { sampleEvidence } from '../src/attester.js';
import { type Backend, BackendError } from '../src/backend.js';
import {
  kbcParamsOfCommandLine,
  parseAttestationAgentConfig,
  parseDataHubConfig,
  parseKbcParams,
} from '../src/config.js';
import { type Feature, restFacade } from '../src/rest.js';

const area = vectorArea('agent');

interface RestAnswer {
  readonly status: number;
  readonly content_type?: string;
  readonly body?: string;
  readonly body_b64?: string;
}

interface RestCase {
  readonly id: string;
  readonly feature: Feature;
  readonly remote: string;
  readonly method: string;
  readonly target: string;
  readonly request_body?: string;
  readonly upstream: RestAnswer;
  readonly recommended?: RestAnswer;
}

interface RestVectors {
  readonly stub: {
    readonly aa: Readonly<Record<string, unknown>>;
    readonly cdh: Readonly<Record<string, string>>;
  };
  readonly cases: readonly RestCase[];
}

describe.skipIf(!area.present)('api-server-rest', () => {
  const { stub, cases } = area.present
    ? area.json<RestVectors>('api-server-rest.json')
    : { stub: { aa: {}, cdh: {} }, cases: [] };

  it.each(cases)('$id', async (vector) => {
    const facade = restFacade({
      backend: stubBackend(stub, vector),
      feature: vector.feature,
      version: '<version>',
    });
    const request = new Request(`http://127.0.0.1:8006${vector.target}`, {
      method: vector.method,
      ...(vector.request_body === undefined ? {} : { body: vector.request_body }),
    });
    const response = await facade(request, vector.remote);
    // Where the original is known to be less exact, the vectors say what to answer.
    const expected = vector.recommended ?? vector.upstream;
    expect(response.status).toBe(expected.status);
    if (expected.content_type !== undefined)
      expect(response.headers.get('content-type')).toBe(expected.content_type);
    const body = new Uint8Array(await response.arrayBuffer());
    if (expected.body_b64 !== undefined) expect(body).toEqual(decodeBase64(expected.body_b64));
    if (expected.body === undefined) return;
    const text = new TextDecoder().decode(body);
    if (expected.content_type === 'application/json')
      expect(JSON.parse(text)).toEqual(JSON.parse(expected.body));
    else expect(text).toBe(expected.body);
  });
});

/** Answers as the vectors' stub does. */
function stubBackend(stub: RestVectors['stub'], { id }: RestCase): Backend {
  return {
    tee: String(stub.aa['GetTeeType']),
    additionalTees: stub.aa['GetAdditionalTees'] as string[],
    token: async (type) => {
      const token = stub.aa[`GetToken ${type}`];
      if (typeof token !== 'string') throw new BackendError('invalid', 'no such type');
      return encodeUtf8(token);
    },
    evidence: async (data) => encodeUtf8(JSON.stringify(sampleEvidence(data))),
    additionalEvidence: async (data) =>
      encodeUtf8(JSON.stringify({ sampledevice: { ...sampleEvidence(data), svn: '2' } })),
    extendRuntimeMeasurement: async () =>
      id.endsWith('not-enabled') ? 'not-enabled' : id.endsWith('not-supported') ? 'not-supported' : 'ok',
    resource: async (uri) => {
      const value = stub.cdh[uri];
      if (value === undefined) throw new BackendError('not-found', String(stub.cdh['*']));
      return decodeBase64(value);
    },
  };
}

interface AgentConfigCase {
  readonly file: string;
  readonly expect: object;
}

interface HubConfigCase {
  readonly id: string;
  readonly toml?: string;
  readonly file?: string;
  readonly expect: Readonly<Record<string, unknown>>;
}

describe.skipIf(!area.present)('configuration', () => {
  const expected = area.present
    ? area.json<{ aa: AgentConfigCase[]; cdh: HubConfigCase[] }>('config', 'expected.json')
    : { aa: [], cdh: [] };

  it.each(expected.aa)('$file', ({ file, expect: values }) => {
    const parsed = parseAttestationAgentConfig(
      area.text('config', file),
      file.endsWith('.json') ? 'json' : 'toml',
    );
    expect(hashed(parsed, values)).toEqual(values);
  });

  // Images are not pulled yet, so that the table `image` is not read.
  it.each(expected.cdh)('cdh: $id', ({ toml, file, expect: values }) => {
    const text = toml ?? area.text('config', file ?? '');
    if ('error' in values) {
      expect(() => parseDataHubConfig(text, 'toml')).toThrow(UsageError);
      return;
    }
    const parsed = parseDataHubConfig(text, 'toml');
    for (const [name, value] of Object.entries(values).filter(([each]) => !each.startsWith('image'))) {
      const found = name
        .split('.')
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], parsed);
      expect(Array.isArray(found) && typeof value === 'number' ? found.length : hashed(found, value)).toEqual(
        value,
      );
    }
  });

  const lines = area.present
    ? area.json<{ cmdline: string; expect: { kbc?: string; uri?: string; error?: string } }[]>(
        'config',
        'cmdline.json',
      )
    : [];
  const params = lines.filter(
    ({ cmdline }) => cmdline.includes('aa_kbc_params') || !/(?:agent|cdh)\./.test(cmdline),
  );

  it.each(params)('$cmdline', ({ cmdline, expect: values }) => {
    const read = () => parseKbcParams(kbcParamsOfCommandLine(cmdline));
    // The original refuses an IPv6 literal, which its own vectors call a trap: here it is an address.
    if (cmdline.includes('[::')) expect(read()).toEqual({ kbc: 'cc_kbc', uri: 'http://[::1]:8080' });
    else if (values.error === undefined) expect(read()).toEqual(values);
    else expect(read).toThrow(UsageError);
  });
});

/** Long texts are given as `sha256:` and their digest. */
function hashed(parsed: unknown, expected: unknown): unknown {
  if (typeof parsed === 'string' && typeof expected === 'string' && expected.startsWith('sha256:')) {
    return `sha256:${createHash('sha256').update(parsed).digest('hex')}`;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return parsed;
  const others = (expected ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [name, hashed(value, others[name])]),
  );
}

describe.skipIf(!area.present)('sample evidence', () => {
  const cases = area.present
    ? area.json<{ runtime_data_b64: string; evidence: object }[]>('evidence-sample.json')
    : [];

  it.each(cases)('$runtime_data_b64', ({ runtime_data_b64, evidence }) => {
    expect(sampleEvidence(decodeBase64(runtime_data_b64))).toEqual(evidence);
  });
});
