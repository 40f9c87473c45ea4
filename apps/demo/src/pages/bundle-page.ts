import type { SignatureVerdict } from '@sealwright/cosign-sig';
import { element, fileField, table, textField } from './page.js';
import { type Dropped, verifyDropped } from './verify-dropped.js';

/**
 * The page that verifies a dropped bundle.
 *
 * @param root - where it goes
 */
export function mountBundlePage(root: HTMLElement): void {
  const result = element('section', { 'aria-live': 'polite' });
  let run = 0;
  const changed = (): void => {
    run += 1;
    const mine = run;
    void judge().then((shown) => {
      if (mine === run) result.replaceChildren(...shown); // a later change has its own answer
    });
  };
  const bundle = fileField('Bundle (.sigstore.json):', 'bundle', changed);
  const artifact = fileField('The file that was signed:', 'artifact', changed);
  const digest = textField('or its SHA-256, in hexadecimal', 'digest', changed);
  const trustedRoot = fileField('trusted_root.json:', 'trusted-root', changed);
  const key = fileField('Public key in PEM:', 'key', changed);
  const issuer = textField('or the issuer of the certificate', 'issuer', changed);
  const subject = textField('and its subject', 'subject', changed);
  const judge = async (): Promise<readonly Node[]> => {
    const file = bundle.file();
    const signed = artifact.file();
    if (file === undefined || (signed === undefined && digest.text() === ''))
      return [element('p', { class: 'hint' }, 'Give a bundle, and what it is about.')];
    try {
      const identity = { issuer: issuer.text(), subject: subject.text() };
      const [trusted, pem] = [trustedRoot.file(), key.file()];
      const dropped: Dropped = {
        bundle: await bytesOf(file),
        artifact: signed === undefined ? digest.text() : await bytesOf(signed),
        identity,
        ...(trusted === undefined ? {} : { trustedRoot: await bytesOf(trusted) }),
        ...(pem === undefined ? {} : { key: await bytesOf(pem) }),
      };
      return verdictOf(await verifyDropped(dropped));
    } catch (error) {
      return [banner('bad', 'Not verified', error instanceof Error ? error.message : 'unknown')];
    }
  };
  root.replaceChildren(
    element('fieldset', {}, element('legend', {}, 'What'), bundle.element, artifact.element, digest.element),
    element(
      'fieldset',
      {},
      element('legend', {}, 'Whom to believe'),
      trustedRoot.element,
      key.element,
      issuer.element,
      subject.element,
    ),
    result,
  );
  changed();
}

function verdictOf(verdict: SignatureVerdict): readonly Node[] {
  const { verified, checks, certificate, statement, times } = verdict;
  const rows = checks.map(({ check, pointer, outcome, detail }) => [
    check,
    element('td', { 'data-outcome': outcome }, outcome),
    detail,
    pointer,
  ]);
  const facts: [string, string][] = [
    ...(certificate?.names.map(({ value }): [string, string] => ['signer', value]) ?? []),
    ...(certificate?.issuer === undefined ? [] : [['issuer', certificate.issuer] as [string, string]]),
    ...times.map((time): [string, string] => ['signed at', time.toISOString()]),
    ...(statement === undefined ? [] : [['says', statement.predicateType] as [string, string]]),
    ...(statement?.subject.slice(0, 20).map(({ name = '' }): [string, string] => ['about', name]) ?? []),
  ];
  return [
    verified
      ? banner('good', 'Verified', 'Everything that was asked for holds.')
      : banner('bad', 'Not verified', 'Believe nothing of it: the checks say why.'),
    ...(verified ? [table(['Fact', ''], facts)] : []),
    element('h2', {}, 'Checks'),
    table(['Check', 'Outcome', 'Found', 'Where'], rows),
  ];
}

function banner(verdict: 'good' | 'bad', title: string, text: string): HTMLElement {
  return element('p', { 'data-verdict': verdict }, element('strong', {}, title), ` ${text}`);
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > MAX_BYTES) throw new RangeError(`${file.name} is larger than ${MAX_BYTES >> 20} MiB`);
  return new Uint8Array(await file.arrayBuffer());
}

const MAX_BYTES = 256 << 20;
