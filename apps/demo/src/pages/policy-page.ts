import {
  type ClauseExplanation,
  type LineExplanation,
  parseJsonText,
  preparePolicy,
  RegoError,
  type RuleExplanation,
  toJson,
  type Value,
} from '@sealwright/rego';
import { FUNCTIONS } from '@sealwright/rego/functions';
import { formatPolicy } from '@sealwright/rego/format';
import { element } from './page.js';

/**
 * The page that evaluates a policy as it is written, and says why.
 *
 * @param root - where it goes
 */
export function mountPolicyPage(root: HTMLElement): void {
  const result = element('section', { 'aria-live': 'polite' });
  const changed = (): void => result.replaceChildren(...answer(policy.value, input.value, query.value));
  const policy = element('textarea', { name: 'policy', rows: '20', cols: '80', spellcheck: 'false' }, POLICY);
  const input = element('textarea', { name: 'input', rows: '10', cols: '80', spellcheck: 'false' }, INPUT);
  const query = element('input', {
    name: 'query',
    size: '40',
    value: 'data.policy.allow',
    spellcheck: 'false',
  });
  for (const each of [policy, input, query]) each.addEventListener('input', changed);
  const format = element('button', { type: 'button', name: 'format' }, 'Format');
  format.addEventListener('click', () => {
    try {
      policy.value = formatPolicy(policy.value);
    } catch (error) {
      if (!(error instanceof RegoError)) throw error; // what is wrong is shown below
    }
    changed();
  });
  root.replaceChildren(
    element('fieldset', {}, element('legend', {}, 'Policy'), element('label', {}, 'Rego', policy), format),
    element('fieldset', {}, element('legend', {}, 'Input'), element('label', {}, 'JSON', input)),
    element('fieldset', {}, element('legend', {}, 'Question'), element('label', {}, 'Query ', query)),
    result,
  );
  changed();
}

function answer(policy: string, input: string, query: string): readonly Node[] {
  try {
    const prepared = preparePolicy([{ file: 'policy', text: policy }], { functions: FUNCTIONS });
    const printed: string[] = [];
    const given = input.trim() === '' ? {} : { input: parseJsonText(input) };
    const { value, rules, failure } = prepared.explain(query, {
      ...given,
      maxSteps: MAX_STEPS,
      clock: Date.now,
      deadline: Date.now() + MAX_TIME,
      now: Date.now(),
      print: (line) => printed.push(line),
    });
    return [
      element(
        'div',
        { role: 'status', class: value === undefined || value === false ? 'bad' : 'good' },
        shown(value),
      ),
      ...(printed.length === 0 ? [] : [element('pre', { class: 'printed' }, printed.join('\n'))]),
      element('h2', {}, 'Why'),
      element('ul', {}, ...rules.map(ruleItem), ...(failure === undefined ? [] : [lineItem(failure)])),
    ];
  } catch (error) {
    const message = error instanceof RegoError ? `${error.message} (${error.code})` : 'the page failed';
    return [element('div', { role: 'alert', class: 'bad' }, message)];
  }
}

function ruleItem({ name, args, value, isDefault, clauses }: RuleExplanation): HTMLElement {
  const call = args === undefined ? '' : `(${args.map((each) => shown(each)).join(', ')})`;
  return element(
    'li',
    { 'data-rule': name },
    element('code', {}, `${name}${call}`),
    ` is ${shown(value)}${isDefault ? ', by default' : ''}`,
    element('ul', {}, ...clauses.map(clauseItem)),
  );
}

function clauseItem({ place, text, held, failure, rules }: ClauseExplanation): HTMLElement {
  const below = [...rules.map(ruleItem), ...(failure === undefined ? [] : [lineItem(failure)])];
  return element(
    'li',
    { 'data-held': String(held) },
    `${held ? 'holds' : 'does not hold'}: line ${place.line} `,
    element('code', {}, text),
    ...(below.length === 0 ? [] : [element('ul', {}, ...below)]),
  );
}

function lineItem({ place, text, reason, saw, tries, inner }: LineExplanation): HTMLElement {
  const facts = saw.map((each) =>
    element('li', {}, element('code', {}, each.text), ` is ${shown(each.value)}`),
  );
  return element(
    'li',
    { 'data-line': String(place.line) },
    `line ${place.line} `,
    element('code', {}, text),
    ` ${REASONS[reason]}${tries > 1 ? `, ${tries} times` : ''}`,
    element('ul', {}, ...facts, ...(inner === undefined ? [] : [lineItem(inner)])),
  );
}

function shown(value: Value | undefined): string {
  if (value === undefined) return 'undefined';
  const text = JSON.stringify(toJson(value), (_name, each: unknown) =>
    typeof each === 'bigint' ? String(each) : each,
  );
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

const REASONS = {
  false: 'was false',
  undefined: 'was undefined',
  unequal: 'was not equal',
  negated: 'held, and is negated',
} as const;
const MAX_STEPS = 1_000_000;
const MAX_TIME = 500;
const MAX_SHOWN = 2000;
const POLICY = `package policy

default allow := false

allow if {
	input.tee == "snp"
	input.measurement in trusted
	not input.debug
}

trusted := {"ab12", "cd34"}
`;
const INPUT = `{
  "tee": "snp",
  "measurement": "ef56",
  "debug": false
}`;
