import { isJsonObject, type JsonObject } from '@sealwright/json';
import { earStatus } from '@sealwright/kbs-protocol';
import { RegoError } from '@sealwright/rego';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { appraise, identifiers } from '../src/attestation/appraise.js';
import { parsePolicyText } from '../src/policy/policy-text.js';
import { BUILT_IN_POLICIES } from '../src/policy/resource-policy.js';

const area = vectorArea('kbs/policy');
const has = (file: string): boolean => area.present && area.list().includes(file);
const cases = <T>(file: string): T[] => (has(file) ? area.json<T[]>(file) : []);

describe.skipIf(!area.present)('the vectors of kbs/policy', () => {
  it('are here', () => expect(area.list()).not.toHaveLength(0));
});

interface ResourceCase {
  readonly name: string;
  readonly policy?: string;
  readonly input?: JsonObject;
  readonly data?: {
    readonly plugin: string;
    readonly 'resource-path': string[];
    readonly query: Record<string, string>;
  };
  readonly expect: { readonly allow?: boolean };
}

// The original's sample policies and ours of the same name say the same.
describe.skipIf(!has('resource-cases.json'))(
  'resource-cases.json, for the policies that are built in',
  () => {
    const all = cases<ResourceCase>('resource-cases.json').flatMap((item) => {
      const name = /^resource_(\w+)\.rego$/.exec(item.policy ?? '')?.[1] ?? '';
      const policy = BUILT_IN_POLICIES.get(name);
      return policy === undefined || item.expect.allow === undefined
        ? []
        : [{ ...item, builtIn: policy, title: `${name}: ${item.name}` }];
    });
    it('has some', () => expect(all).not.toHaveLength(0));
    it.for(all)('$title', async ({ builtIn, data, input = {}, expect: expected }) => {
      const { plugin = 'resource', 'resource-path': path = [], query = {} } = data ?? {};
      const decision = await builtIn.decide({ plugin, path, query, claims: input });
      // Ours is stricter in one thing: a device without a status is not affirming.
      const lacksStatus =
        builtIn.name === 'affirming' && devices(input).some((device) => !('ear.status' in device));
      expect(decision.allow).toBe(expected.allow === true && !lacksStatus);
    });
  },
);

interface RegoCase extends ResourceCase {
  readonly policy_text?: string;
  readonly expect: { readonly allow?: boolean; readonly set_policy?: string; readonly error?: string };
}

describe.skipIf(!has('resource-cases.json'))('resource-cases.json, in Rego', () => {
  const all = cases<RegoCase>('resource-cases.json');
  it('has some', () => expect(all).not.toHaveLength(0));
  it.for(all)('$policy $name', async (item) => {
    const text = item.policy_text ?? area.text('policies', item.policy ?? '');
    if (item.expect.set_policy !== undefined) {
      expect(() => parsePolicyText(text, 'test')).toThrow(
        expect.objectContaining({ code: 'ERR_KBS_POLICY' }),
      );
      return;
    }
    const { plugin = 'resource', 'resource-path': path = [], query = {} } = item.data ?? {};
    const policy = parsePolicyText(text, 'test');
    const decide = async (): Promise<boolean> =>
      (await policy.decide({ plugin, path, query, claims: item.input ?? {} })).allow;
    if (item.expect.error === undefined) expect(await decide()).toBe(item.expect.allow);
    else await expect(decide()).rejects.toThrow(RegoError);
  });
});

interface AttestationCase {
  readonly name: string;
  readonly policy: string;
  readonly input: JsonObject;
  readonly reference_values?: JsonObject;
  readonly expect: {
    readonly trust_claims?: Record<string, number>;
    readonly extensions?: { value: JsonObject }[] | null;
    readonly 'ear.status'?: string;
  };
}

describe.skipIf(!has('attestation-cases.json'))(
  'attestation-cases.json, for the sample TEE and its device',
  () => {
    const tees = (input: JsonObject): string[] =>
      Object.keys(input).filter(
        (name) => !/^(?:report_data|runtime_data_claims|init_data|init_data_claims)$/.test(name),
      );
    const isOurs = (item: AttestationCase): boolean => {
      const [tee = '', ...more] = tees(item.input);
      const policies: Record<string, string> = {
        sample: 'default_cpu.rego',
        sampledevice: 'default_gpu.rego',
      };
      return more.length === 0 && policies[tee] === item.policy && item.expect.trust_claims !== undefined;
    };
    const all = cases<AttestationCase>('attestation-cases.json').filter(isOurs);
    it('has some', () => expect(all).not.toHaveLength(0));
    it.for(all)('$name', ({ input, reference_values: reference = {}, expect: expected }) => {
      const claims = appraise(input, reference);
      // Ours is stricter in one thing: a minimum that nobody registered is not met.
      if (expected.trust_claims?.['hardware'] === 2 && !('minimum_minor_version' in reference)) {
        expect(claims).toEqual({ ...expected.trust_claims, hardware: 97 });
        return;
      }
      expect(claims).toEqual(expected.trust_claims);
      if (expected['ear.status'] !== undefined) expect(earStatus(claims)).toBe(expected['ear.status']);
      const [extension] = expected.extensions ?? [];
      if (extension !== undefined) expect(identifiers(input)).toEqual(extension.value);
    });
  },
);

function devices({ submods }: JsonObject): JsonObject[] {
  return isJsonObject(submods) ? Object.values(submods).filter(isJsonObject) : [];
}
