import type { Verifier } from '../verifier.js';
import { linkFiles, sameFiles } from './apply-rules.js';
import type { Checks } from './check.js';
import type { SignedLayout, SignedLink } from './metadata.js';
import type { Link, Step } from './model.js';
import type { LinkFile } from './link-file.js';

/** A file of a step, and the functionaries that signed it. */
export interface Evidence {
  readonly step: string;
  readonly file: LinkFile;
  readonly content: SignedLayout | SignedLink;
  readonly functionaries: readonly Verifier[];
}

/** A link of a step, its own or the summary of a sublayout. */
export interface StepEvidence {
  readonly link: Link;
  readonly functionaries: readonly Verifier[];
  readonly isSummary: boolean;
}

/** All links of a step must tell of the same files; then any of them will do. What ran may differ from the layout. */
export function agreed(step: Step, evidence: readonly StepEvidence[], checks: Checks): Link | undefined {
  const [first, ...others] = evidence;
  if (first === undefined) return undefined;
  const files = linkFiles(first.link);
  const same = others.every(({ link }) => sameFiles(files, linkFiles(link)));
  if (others.length > 0) {
    const actual = same ? 'the same files' : 'different files';
    checks.add('agreement', step.name, same, {
      expected: `the same files in ${evidence.length} links`,
      actual,
    });
  }
  const expected = JSON.stringify(step.expectedCommand);
  for (const { link, isSummary } of evidence) {
    const actual = JSON.stringify(link.command);
    if (!isSummary)
      checks.add('command', step.name, actual === expected ? 'pass' : 'warn', { expected, actual });
  }
  return same ? first.link : undefined;
}
