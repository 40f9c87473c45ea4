import { InTotoError } from '../errors.js';
import type { Verifier } from '../verifier.js';
import type { Evidence } from './agree.js';
import { some } from './check.js';
import { type CertificateContext, certified } from './functionary.js';
import { verifierFromLayoutKey } from './key.js';
import { parseMetadata, type SignedLayout, type SignedLink } from './metadata.js';
import type { LayoutLimits, Step } from './model.js';
import { signersOf } from './signatures.js';
import type { LinkFile } from './link-file.js';

/** What files of steps are held against. */
export interface EvidenceContext extends CertificateContext {
  readonly limits: LayoutLimits;
}

/** The files of a step that functionaries signed. Whether there are enough of them is a check; files that do not count are told. */
export async function evidenceFor(
  step: Step,
  files: readonly LinkFile[],
  context: EvidenceContext,
): Promise<Evidence[]> {
  const verifiers = verifiersOf(step, context);
  const result: Evidence[] = [];
  for (const file of files.filter((candidate) => candidate.step === step.name)) {
    const content = contentOf(file, step, context);
    if (content === undefined) continue;
    const signers = [...(await signersOf(content, verifiers)), ...(await certified(content, step, context))];
    const functionaries = distinct(signers);
    if (functionaries.length > 0) result.push({ step: step.name, file, content, functionaries });
    else tell(step, context, 'signed by a functionary of the step', 'nobody who may sign did');
  }
  const all = distinct(result.flatMap(({ functionaries }) => functionaries));
  context.checks.add('threshold', step.name, all.length >= step.threshold, {
    expected: `${step.threshold} different functionaries`,
    actual: `${all.length}: ${some(all.map(({ keyid, identity }) => keyid ?? identity))}`,
  });
  return result;
}

function contentOf(
  file: LinkFile,
  step: Step,
  context: EvidenceContext,
): SignedLayout | SignedLink | undefined {
  try {
    const content = parseMetadata(file.content, context);
    if (content.type === 'layout' || content.link.name === step.name) return content;
    return tell(step, context, 'a link of this step', 'a link of another step');
  } catch (error) {
    if (!(error instanceof InTotoError)) throw error;
    return tell(step, context, 'a link or layout', `${error.code}: ${error.message}`);
  }
}

function verifiersOf(step: Step, context: EvidenceContext): Verifier[] {
  const { keys } = context.layout;
  return step.pubkeys.flatMap((id) => {
    const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
    try {
      if (key !== undefined) return [verifierFromLayoutKey(key)];
      tell(step, context, 'a key of the layout', `no key ${id}`);
    } catch (error) {
      if (!(error instanceof InTotoError)) throw error;
      tell(step, context, 'a usable key', error.message);
    }
    return [];
  });
}

function tell(step: Step, { checks }: EvidenceContext, expected: string, actual: string): undefined {
  checks.add('file', step.name, 'warn', { expected, actual });
}

function distinct(verifiers: readonly Verifier[]): Verifier[] {
  return [...new Map(verifiers.map((verifier) => [verifier.identity, verifier])).values()];
}
