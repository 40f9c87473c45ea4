import { createRegistry, type Registry } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import { IMAGE, MANIFEST, code, BODY, answers, client } from './answers.ts';

describe('tags', () => {
  it('are listed page by page, and deleted', async () => {
    const registry = createRegistry();
    const api = client({ fetch: registry.fetch });
    for (const tag of ['a', 'b', 'c']) await api.putManifest({ ...IMAGE, tag }, BODY, MANIFEST);
    const paged = client({
      fetch: (request) => {
        const url = new URL(request.url);
        if (url.pathname.endsWith('/tags/list')) url.searchParams.set('n', '1');
        return registry.fetch(new Request(url, request));
      },
    });
    expect(await paged.listTags(IMAGE)).toEqual(['a', 'b', 'c']);
    await api.deleteManifest({ ...IMAGE, tag: 'b' });
    expect(await api.listTags(IMAGE)).toEqual(['a', 'c']);
    for (const [link, pages] of [
      ['</v2/a>; rel="prev", </v2/b?last=a>;title=x ; REL = "last next"', 2],
      ['<?last=a>;rel=next', 2],
      ['</v2/b>; rel="prev"', 1],
      ['</v2/b>; notrel="next"', 1],
      ['/v2/b; rel="next"', 1],
    ] as const) {
      const { asked, fetch } = answers(
        () => Response.json({ tags: ['a'] }, { headers: { link } }),
        () => Response.json({ tags: ['b'] }),
      );
      await client({ fetch }).listTags(IMAGE);
      expect(asked).toHaveLength(pages);
    }
    const evil = { headers: { link: '<https://evil.example/next>; rel="next"' } };
    const away = client(answers(() => Response.json({ tags: ['a'] }, evil)));
    await expect(away.listTags(IMAGE)).rejects.toThrow('on another registry');
    await expect(client(answers(() => Response.json({ tags: ['../x'] }))).listTags(IMAGE)).rejects.toThrow(
      code('ERR_OCI_REGISTRY'),
    );
    await lossy(registry, 'DELETE').deleteManifest({ ...IMAGE, tag: 'c' });
    expect(await api.listTags(IMAGE)).toEqual(['a']);
    await expect(client(answers(new Response(null, { status: 404 }))).deleteManifest(IMAGE)).rejects.toThrow(
      code('ERR_OCI_NOT_FOUND'),
    );
    const { registry: host, repository } = IMAGE;
    await expect(api.deleteManifest({ registry: host, repository })).rejects.toThrow(
      code('ERR_OCI_REFERENCE'),
    );
  });
});

/** A client of a registry whose first answer to such requests is lost. */
function lossy(registry: Registry, method: string) {
  let lost = false;
  const fetch = async (request: Request): Promise<Response> => {
    const response = await registry.fetch(request);
    if (request.method !== method || lost) return response;
    lost = true;
    throw new TypeError('reset');
  };
  return client({ fetch });
}
