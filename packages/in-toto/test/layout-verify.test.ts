import { keySigner } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import type { Verifier } from '../src/index.js';
import {
  type Artifacts,
  type Inspection,
  type LayoutKey,
  type Link,
  type LinkFile,
  signLayout,
  verifyLayout,
} from '../src/layout/index.js';
import {
  TIME,
  A,
  B,
  owner,
  ada,
  bob,
  eve,
  rules,
  step,
  layout,
  signed,
  link,
  verify,
  failures,
} from './layout-steps.ts';

describe('a layout', () => {
  const two = layout([
    step('write', { expectedProducts: rules('CREATE src', 'DISALLOW *') }),
    step('build', {
      pubkeys: [bob.id],
      expectedMaterials: rules('MATCH src WITH PRODUCTS FROM write', 'DISALLOW *'),
      expectedProducts: rules('CREATE app', 'ALLOW src', 'DISALLOW *'),
    }),
  ]);

  it.each(['metablock', 'dsse'] as const)('holds with its links as %s', async (form) => {
    const links = [
      await link('write', { src: A }, { form }),
      await link('build', { src: A, app: B }, { by: bob, materials: { src: A }, form }),
    ];
    const verdict = await verify(two, links);
    expect(failures(verdict)).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, inspections: [] });
    expect(verdict.summary).toMatchObject({ name: '', materials: {}, products: { src: A, app: B } });
    const dsse = await verifyLayout(await signed(two, owner, 'dsse'), {
      keys: [owner.verifier],
      time: TIME,
      links,
    });
    expect(dsse.ok).toBe(true);
  });

  it.each([
    ['another file went in', { src: B }, { app: B }, ['rule build']],
    ['a file was added', { src: A, more: A }, { app: B }, ['rule build']],
    ['a file came out that may not', { src: A }, { app: B, more: A }, ['rule build']],
  ])('does not hold where %s', async (_name, materials, products, expected) => {
    const links = [await link('write', { src: A }), await link('build', products, { by: bob, materials })];
    const verdict = await verify(two, links);
    expect(verdict).toMatchObject({ ok: false, summary: undefined });
    expect(failures(verdict)).toEqual(expected);
  });

  it('needs a link of every step', async () => {
    const verdict = await verify(two, [await link('write', { src: A })]);
    expect(failures(verdict)).toEqual(['threshold build', 'rule build']);
  });

  it('takes links of its functionaries only', async () => {
    const verdict = await verify(layout([step('write')]), [await link('write', {}, { by: bob })]);
    expect(failures(verdict)).toEqual(['threshold write', 'rule write']);
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({ kind: 'file', outcome: 'warn', actual: 'nobody who may sign did' }),
    );
  });

  it('does not take the link of one step for another', async () => {
    const { content } = await link('other', {});
    const verdict = await verify(layout([step('write')]), [{ step: 'write', content }]);
    expect(failures(verdict)).toEqual(['threshold write', 'rule write']);
  });

  it('passes over files that are no links, and tells', async () => {
    const junk = [{ step: 'write', content: 'junk' }, await link('write', { src: A })];
    const verdict = await verify(layout([step('write')]), junk);
    expect(verdict.ok).toBe(true);
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({
        kind: 'file',
        outcome: 'warn',
        actual: expect.stringContaining('INTOTO_MALFORMED_JSON'),
      }),
    );
  });

  it('must be signed by every key, and is not looked at before', async () => {
    const text = await signed(two);
    for (const keys of [[owner.verifier, eve.verifier], [eve.verifier]]) {
      const verdict = await verifyLayout(text, { keys, time: TIME, links: [] });
      expect(failures(verdict)).toEqual([`layout-signature ${eve.id}`]);
      expect(verdict.checks.every(({ kind }) => kind === 'layout-signature')).toBe(true);
    }
    const both = await signLayout(layout([]), { signers: [keySigner(owner.key), keySigner(eve.key)] });
    const keys: Verifier[] = [owner.verifier, eve.verifier];
    expect(await verifyLayout(both, { keys, time: TIME, links: [] })).toMatchObject({ ok: true });
  });

  it('expires after its second', async () => {
    const one = layout([], { expires: '2026-01-01T00:00:00Z' });
    expect((await verify(one, [])).ok).toBe(true);
    expect(failures(await verify(one, [], { time: new Date(TIME.getTime() + 1) }))).toEqual([
      'expiry layout',
    ]);
  });

  it('tells of a command that differs, and holds', async () => {
    const made = layout([step('build', { expectedCommand: ['make', 'all'] })]);
    const of = async (command: string[]) => {
      const verdict = await verify(made, [await link('build', {}, { command })]);
      return [verdict.ok, verdict.checks.find(({ kind }) => kind === 'command')?.outcome];
    };
    expect(await of(['make', 'all'])).toEqual([true, 'pass']);
    expect(await of(['make all'])).toEqual([true, 'warn']);
    expect(await of(['curl'])).toEqual([true, 'warn']);
  });

  it('takes parameters in its rules', async () => {
    const marked = layout([step('build', { expectedProducts: rules('CREATE {file}', 'DISALLOW *') })]);
    const links = [await link('build', { app: A })];
    expect((await verify(marked, links, { parameters: { file: 'app' } })).ok).toBe(true);
    expect(failures(await verify(marked, links, { parameters: { file: 'other' } }))).toEqual(['rule build']);
    expect(failures(await verify(marked, links))).toEqual(['rule build']);
  });

  it('is an error where it cannot be read, is a link, or the caller forgot something', async () => {
    const options = { keys: [owner.verifier], time: TIME, links: [] };
    const { content } = await link('write', {});
    await expect(verifyLayout(content, options)).rejects.toMatchObject({ code: 'LAYOUT_UNSUPPORTED_TYPE' });
    await expect(verifyLayout('{', options)).rejects.toMatchObject({ code: 'INTOTO_MALFORMED_JSON' });
    await expect(verifyLayout(await signed(two), { ...options, keys: [] })).rejects.toThrow(TypeError);
    await expect(verifyLayout(await signed(two), { ...options, time: new Date(Number.NaN) })).rejects.toThrow(
      TypeError,
    );
  });

  it('does not match paths for longer than allowed', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, A]));
    const slow = layout([step('write', { expectedProducts: rules('ALLOW f*1', 'ALLOW f*2') })]);
    const links = [await link('write', many)];
    expect((await verify(slow, links)).ok).toBe(true);
    await expect(verify(slow, links, { limits: { maxMatchSteps: 100 } })).rejects.toMatchObject({
      code: 'INTOTO_LIMIT_EXCEEDED',
    });
  });
});

describe('a threshold', () => {
  const both = { pubkeys: [ada.id, bob.id], threshold: 2 };

  it('is met by different functionaries who saw the same', async () => {
    const links = [await link('build', { app: A }), await link('build', { app: A }, { by: bob })];
    expect(await verify(layout([step('build', both)]), links)).toMatchObject({ ok: true });
  });

  it('is not met by one of them twice, nor under two ids', async () => {
    const twice = [await link('build', { app: A }), await link('build', { app: A }, { form: 'dsse' })];
    expect(failures(await verify(layout([step('build', both)]), twice))).toEqual(['threshold build']);
    const alias = { ...ada.described, keyid: 'alias' };
    const aliased = layout([step('build', { pubkeys: [ada.id, 'alias'], threshold: 2 })]);
    const keys = { ...aliased.keys, alias };
    expect(failures(await verify({ ...aliased, keys }, twice))).toEqual(['threshold build']);
  });

  it('needs them to agree', async () => {
    const links = [await link('build', { app: A }), await link('build', { app: B }, { by: bob })];
    const verdict = await verify(layout([step('build', both)]), links);
    expect(failures(verdict)).toEqual(['agreement build', 'rule build']);
  });

  it('does not count keys that the layout lacks or that are broken', async () => {
    const made = layout([step('build', { pubkeys: ['unknown', 'broken', ada.id] })]);
    const broken: LayoutKey = { ...ada.described, keyid: 'broken', public: 'junk' };
    const verdict = await verify({ ...made, keys: { ...made.keys, broken } }, [await link('build', {})]);
    expect(verdict.ok).toBe(true);
    const told = verdict.checks.filter(({ kind }) => kind === 'file').map(({ expected }) => expected);
    expect(told).toEqual(['a key of the layout', 'a usable key']);
  });
});

describe('a sublayout', () => {
  const inner = layout([
    step('inside', { pubkeys: [bob.id], expectedProducts: rules('CREATE app', 'DISALLOW *') }),
  ]);
  const outer = layout([
    step('build', { expectedProducts: rules('CREATE app', 'DISALLOW *') }),
    step('ship', {
      pubkeys: [bob.id],
      expectedMaterials: rules('MATCH app WITH PRODUCTS FROM build', 'DISALLOW *'),
    }),
  ]);
  const ship = () => link('ship', {}, { by: bob, materials: { app: A } });
  const nested = async (products: Artifacts, by = ada, content = inner): Promise<LinkFile> => ({
    step: 'build',
    content: await signed(content, by),
    links: [await link('inside', products, { by: bob })],
  });

  it('stands for a link', async () => {
    const verdict = await verify(outer, [await nested({ app: A }), await ship()]);
    expect(failures(verdict)).toEqual([]);
    expect(verdict.ok).toBe(true);
    const places = verdict.checks.filter(({ layout: above }) => above.length > 0);
    expect(new Set(places.map(({ layout: above }) => above.join(' ')))).toEqual(new Set(['build']));
  });

  it('fails the layout when it does not hold', async () => {
    const verdict = await verify(outer, [await nested({ app: A, more: A }), await ship()]);
    expect(failures(verdict)).toContain('build rule inside');
    expect(verdict.ok).toBe(false);
  });

  it('must be signed by a functionary of the step', async () => {
    const verdict = await verify(outer, [await nested({ app: A }, eve), await ship()]);
    expect(failures(verdict)).toEqual(['threshold build', 'rule build', 'rule ship']);
  });

  it('does not take links of the layout above', async () => {
    const { links: _, ...bare } = await nested({ app: A });
    const verdict = await verify(outer, [bare, await link('inside', { app: A }, { by: bob }), await ship()]);
    expect(failures(verdict)).toContain('build threshold inside');
  });

  it('gets no parameters', async () => {
    const marked = layout([
      step('inside', { pubkeys: [bob.id], expectedProducts: rules('CREATE {file}', 'DISALLOW *') }),
    ]);
    const files = [await nested({ app: A }, ada, marked), await ship()];
    expect(failures(await verify(outer, files, { parameters: { file: 'app' } }))).toEqual([
      'build rule inside',
    ]);
  });

  it('is nested only so far', async () => {
    let file = await link('s', {});
    const made = layout([step('s')]);
    for (let depth = 0; depth < 4; depth += 1)
      file = { step: 's', content: await signed(made, ada), links: [file] };
    expect((await verify(made, [file])).ok).toBe(true);
    const verdict = await verify(made, [file], { limits: { maxSublayouts: 3 } });
    expect(failures(verdict)).toContain('s s s sublayout s');
  });

  it('waits for its inspections too', async () => {
    const looking: Inspection = { name: 'look', run: ['ls'], expectedMaterials: [], expectedProducts: [] };
    const files = [await nested({ app: A }, ada, { ...inner, inspections: [looking] }), await ship()];
    const verdict = await verify(outer, files);
    expect(verdict).toMatchObject({ ok: false, inspections: [{ layout: ['build'], inspection: looking }] });
    const done = inspected('look', {});
    const answered = files.map((file) =>
      file.step === 'build' ? { ...file, inspectionLinks: { look: done } } : file,
    );
    expect((await verify(outer, answered)).ok).toBe(true);
  });
});

function inspected(name: string, products: Artifacts, status: unknown = 0): Link {
  const byproducts = { 'return-value': status as number };
  return { name, command: [], materials: {}, products, byproducts, environment: {} };
}

describe('an inspection', () => {
  const look: Inspection = {
    name: 'unpack',
    run: ['tar', 'xf', '{file}'],
    expectedMaterials: [],
    expectedProducts: rules('MATCH app WITH PRODUCTS FROM build', 'DISALLOW *'),
  };
  const made = layout([step('build')], { inspections: [look] });
  const links = async () => [await link('build', { app: A })];

  it('is never run, and waits for whoever verifies', async () => {
    const verdict = await verify(made, await links(), { parameters: { file: 'app.tar' } });
    expect(verdict).toMatchObject({ ok: false, summary: undefined });
    expect(verdict.inspections).toEqual([
      { layout: [], inspection: { ...look, run: ['tar', 'xf', 'app.tar'] } },
    ]);
    expect((await verify(made, await links(), { dangerouslySkipInspections: true })).ok).toBe(true);
  });

  it.each([
    ['holds', { app: A }, 0, []],
    ['does not hold where it found another file', { app: B }, 0, ['rule unpack']],
    ['does not hold where it failed', { app: A }, 1, ['inspection unpack']],
    ['does not hold where nobody knows how it ended', { app: A }, 'ok', ['inspection unpack']],
  ])('%s', async (_name, products, status, expected) => {
    const inspectionLinks = { unpack: inspected('unpack', products, status) };
    const verdict = await verify(made, await links(), { inspectionLinks });
    expect(failures(verdict)).toEqual(expected);
    expect(verdict.ok).toBe(expected.length === 0);
  });
});
