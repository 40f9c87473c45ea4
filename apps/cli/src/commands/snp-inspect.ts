import type { Command } from 'commander';
import { azureSnpEvidence, hclReport, snpEvidence, snpReport } from '../evidence/snp.js';
import type { Io } from '../io.js';
import { inspect, inspectCommand, type InspectFlags } from './evidence.js';

/** `snp inspect`: what a report says. */
export function snpInspect(io: Io): Command {
  return inspectCommand(
    'inspect <file>',
    'Show what a report of SEV-SNP says: alone, or in the evidence of Confidential Containers or Azure.',
    ['sealwright snp inspect report.bin --leaf vcek.der', 'sealwright snp inspect --json evidence.json'],
  ).action(async (file: string, options: InspectFlags) => {
    const kinds = [snpReport, snpEvidence, azureSnpEvidence, hclReport];
    await inspect(
      io,
      file,
      options,
      kinds.map(({ name }) => name),
    );
  });
}
