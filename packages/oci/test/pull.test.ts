import { describe, expect, it } from 'vitest';
import { OciError, parseReference, parseRegistriesConfig, pullAttempts, pullManifest } from '../src/index.js';

const config = parseRegistriesConfig(`
  [[registry]]
  prefix = "r.io"
  [[registry.mirror]]
  location = "m.io"
  insecure = true`);
const image = parseReference('r.io/a:1');

describe('pullManifest', () => {
  it('takes the first place that has the image, in the way that the file says', async () => {
    const asked: string[] = [];
    const client = (has: string) => ({
      getManifest: async ({ registry }: { registry: string }, options: { insecure?: boolean } = {}) => {
        asked.push(`${registry} ${options.insecure ?? false}`);
        if (registry !== has) throw new OciError('ERR_OCI_NOT_FOUND', 'not here', { status: 404 });
        return { bytes: new Uint8Array(), mediaType: '', digest: '' };
      },
    });
    const attempts = pullAttempts(config, image);
    expect((await pullManifest(client('m.io'), attempts)).attempt.kind).toBe('mirror');
    expect((await pullManifest(client('r.io'), attempts)).attempt.kind).toBe('original');
    expect(asked).toEqual(['m.io true', 'm.io true', 'r.io false']);
    await expect(pullManifest(client('x.io'), attempts)).rejects.toMatchObject({
      code: 'ERR_OCI_NOT_FOUND',
      status: 404,
      message: 'no place has the image: m.io/a:1: not here; r.io/a:1: not here',
    });
    await expect(pullManifest(client('x.io'), [])).rejects.toMatchObject({ code: 'ERR_OCI_NOT_FOUND' });
  });

  it('tries nothing further once cancelled', async () => {
    const reason = new Error('enough');
    const getManifest = async () => Promise.reject(reason);
    await expect(pullManifest({ getManifest }, pullAttempts(config, image))).rejects.toBe(reason);
  });
});
