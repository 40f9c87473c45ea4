import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicPem, generateKeyPair, sign } from '@sealwright/crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { mountBundlePage } from '../src/pages/bundle-page.js';

let root: HTMLElement;
beforeEach(() => {
  document.body.replaceChildren();
  root = document.body.appendChild(document.createElement('main'));
  mountBundlePage(root);
});

function put(name: string, content: string | Uint8Array, how: 'choose' | 'drop' = 'choose'): void {
  const input = root.querySelector<HTMLInputElement>(`[name=${name}]`);
  if (input === null) throw new Error(`no field ${name}`);
  const transfer = new DataTransfer();
  transfer.items.add(
    new File([new Uint8Array(typeof content === 'string' ? encodeUtf8(content) : content)], name),
  );
  if (how === 'drop') {
    input.parentElement?.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    return;
  }
  input.files = transfer.files;
  input.dispatchEvent(new Event('change'));
}

function type(name: string, text: string): void {
  const input = root.querySelector<HTMLInputElement>(`[name=${name}]`);
  if (input === null) throw new Error(`no field ${name}`);
  input.value = text;
  input.dispatchEvent(new Event('input'));
}

const says = (text: string): Promise<void> =>
  vi.waitFor(() => expect(root.querySelector('section')?.textContent).toContain(text));

const artifact = encodeUtf8('hello');

async function signed(): Promise<{ bundle: string; pem: string }> {
  const key = await generateKeyPair('ec-p256');
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: '' } },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: encodeBase64(digest('sha256', artifact)) },
      signature: encodeBase64(await sign(key, artifact)),
    },
  };
  return { bundle: JSON.stringify(bundle), pem: exportPublicPem(key.publicKey) };
}

describe('the page that verifies a bundle', () => {
  it('asks for what it needs', async () => {
    await says('Give a bundle');
  });

  it('verifies with a key, chosen or dropped', async () => {
    const { bundle, pem } = await signed();
    put('bundle', bundle, 'drop');
    put('artifact', artifact, 'drop');
    await says('say who may have signed');
    put('key', pem);
    await says('Verified');
    expect(root.querySelector('[data-verdict]')?.getAttribute('data-verdict')).toBe('good');
    expect(root.querySelector('td[data-outcome=passed]')).not.toBeNull();
  });

  it('refuses another file, and says which check failed', async () => {
    const { bundle, pem } = await signed();
    put('bundle', bundle);
    put('key', pem);
    put('artifact', encodeUtf8('hallo'));
    await says('Not verified');
    expect(root.querySelector('td[data-outcome=failed]')).not.toBeNull();
  });

  it('takes a digest in place of the file', async () => {
    const { bundle, pem } = await signed();
    put('bundle', bundle);
    put('key', pem);
    type('digest', 'ab');
    await says('lower case hexadecimal');
    type(
      'digest',
      Array.from(digest('sha256', artifact), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    );
    await says('Verified');
  });

  it('shows what others wrote as text', async () => {
    put('bundle', '{"mediaType":"<img src=x>"}');
    put('artifact', artifact);
    put('key', (await signed()).pem);
    await says('Not verified');
    expect(root.querySelector('img')).toBeNull();
  });
});
