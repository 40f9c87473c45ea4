import type { Inspection, Layout, Step } from './model.js';
import { type ArtifactRule, encodeRule, parseRule } from './rule.js';

/**
 * Put values for `{name}` into the commands and rules of a layout. Rules are checked again, as a value may hold wildcards.
 *
 * @param layout - with marks such as `{version}`
 * @param parameters - values by name; what has none stays as it is
 * @throws `TypeError` for a name that is not made of letters, digits, `_` and `-`
 * @throws {@link InTotoError} `LAYOUT_BAD_RULE`
 */
export function substituteParameters(layout: Layout, parameters: Readonly<Record<string, string>>): Layout {
  const values = new Map(Object.entries(parameters));
  for (const name of values.keys()) {
    if (!NAME.test(name)) throw new TypeError('a parameter is named by letters, digits, _ and -');
  }
  if (values.size === 0) return layout;
  const put = (text: string): string =>
    text.replaceAll(MARK, (mark, name: string) => values.get(name) ?? mark);
  const rules = (list: readonly ArtifactRule[]): ArtifactRule[] =>
    list.map((rule) => parseRule(encodeRule(rule).map(put)));
  const rulesOf = (item: Step | Inspection): Pick<Step, 'expectedMaterials' | 'expectedProducts'> => ({
    expectedMaterials: rules(item.expectedMaterials),
    expectedProducts: rules(item.expectedProducts),
  });
  return {
    ...layout,
    steps: layout.steps.map((step) => ({
      ...step,
      expectedCommand: step.expectedCommand.map(put),
      ...rulesOf(step),
    })),
    inspections: layout.inspections.map((item) => ({ ...item, run: item.run.map(put), ...rulesOf(item) })),
  };
}

const NAME = /^[A-Za-z0-9_-]+$/;
const MARK = /\{([A-Za-z0-9_-]+)\}/g;
