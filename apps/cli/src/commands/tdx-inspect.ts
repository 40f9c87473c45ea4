import type { Command } from 'commander';
import { azureTdxEvidence, tdxEvidence, tdxQuote } from '../evidence/tdx.js';
import { eventLog, tdReport } from '../evidence/tdx-log.js';
import type { Io } from '../io.js';
import { inspect, inspectCommand, type InspectFlags } from './evidence.js';

/** `tdx inspect`: what a quote says. */
export function tdxInspect(io: Io): Command {
  return inspectCommand(
    'inspect <file>',
    'Show what a quote of TDX says, alone or in the evidence of Confidential Containers or Azure; or an event log, or a TDREPORT.',
    [
      'sealwright tdx inspect quote.bin --collateral collateral.json',
      'sealwright tdx inspect --json evidence.json',
    ],
  )
    .option('--collateral <file>', 'what Intel says of the platform: flat JSON')
    .action(async (file: string, options: InspectFlags) => {
      const kinds = [tdxQuote, azureTdxEvidence, tdxEvidence, eventLog, tdReport];
      await inspect(
        io,
        file,
        options,
        kinds.map(({ name }) => name),
      );
    });
}
