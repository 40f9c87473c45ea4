import { beforeEach, describe, expect, it } from 'vitest';
import { mountPolicyPage } from '../src/pages/policy-page.js';

let root: HTMLElement;
beforeEach(() => {
  document.body.replaceChildren();
  root = document.body.appendChild(document.createElement('main'));
  mountPolicyPage(root);
});

function field(name: string): HTMLInputElement | HTMLTextAreaElement {
  const found = root.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name=${name}]`);
  if (found === null) throw new Error(`no field ${name}`);
  return found;
}

function type(name: string, text: string): void {
  const input = field(name);
  input.value = text;
  input.dispatchEvent(new Event('input'));
}

const status = (): string => root.querySelector('[role=status], [role=alert]')?.textContent ?? '';
const reasons = (): string[] =>
  [...root.querySelectorAll('[data-line]')].map((each) => each.textContent ?? '');

describe('the page that evaluates a policy', () => {
  it('answers at once, and says why', () => {
    expect(status()).toBe('false');
    expect(root.querySelector('[data-rule="data.policy.allow"]')?.textContent).toContain(
      'is false, by default',
    );
    expect(reasons()[0]).toContain('line 7 input.measurement in trusted was false');
    expect(reasons()[0]).toContain('input.measurement is "ef56"');
  });

  it('goes with every change of input, policy and query', () => {
    type('input', '{"tee": "snp", "measurement": "ab12"}');
    expect(status()).toBe('true');
    type('policy', `${field('policy').value}\nn := count(trusted)\n`);
    type('query', 'data.policy.n + 12345678901234567890');
    expect(status()).toBe('"12345678901234567892"');
  });

  it.each([
    ['policy', 'package p\nallow if {', 'ERR_REGO_PARSE'],
    ['policy', 'package policy\nallow if x', 'nothing gives x a value'],
    ['input', '{"a": ', 'ERR_REGO_VALUE'],
    [
      'policy',
      'package policy\nn := numbers.range(1, 1000)\nallow if { some a in n; some b in n; some c in n; a + b + c == 0 }',
      'ERR_REGO_LIMIT',
    ],
  ])('says what is wrong with the %s', (name, text, message) => {
    type(name, text);
    expect(status()).toContain(message);
  });

  it('never shows text of others as anything else', () => {
    type('input', '{"tee": "<img src=x onerror=alert(1)>"}');
    expect(root.querySelector('img')).toBe(null);
    expect(root.textContent).toContain('<img src=x');
  });

  it('formats', () => {
    type('policy', 'package   policy\nallow:=1');
    root.querySelector<HTMLButtonElement>('[name=format]')?.click();
    expect(field('policy').value).toBe('package policy\n\nallow := 1\n');
    expect(status()).toBe('1');
  });
});
