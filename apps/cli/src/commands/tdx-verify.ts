import { isJsonObject, parseJson } from '@sealwright/json';
import { parseAzureEvidence, type AzureEvidence, verifyAzureTdxBinding } from '@sealwright/snp-report/azure';
import {
  appraiseQuote,
  type Collateral,
  parseCollateral,
  parseQuote,
  type Quote,
  type TcbStatus,
  type TdQuote,
  type TdxPolicy,
  trustAnchorOf,
  verifyQuote,
} from '@sealwright/tdx-quote';
import { compareRtmrs, parseEventLog } from '@sealwright/tdx-quote/event-log';
import { collateralSubject, fetchCollateral } from '@sealwright/tdx-quote/pcs';
import { parseTdxEvidence } from '@sealwright/tdx-quote/trustee';
import { encodeHex } from '@sealwright/bytes';
import type { Command } from 'commander';
import { collect } from '../collect.js';
import { derOf } from '../certificate-files.js';
import { command } from '../command.js';
import { appraise, type EvidenceCheck, type EvidenceVerdict, printVerdict } from '../evidence/appraisal.js';
import { azureBinding } from '../evidence/azure-binding.js';
import { readTdxPolicy } from '../evidence/tdx-policy.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { timeOf } from '../time.js';

interface VerifyFlags {
  readonly collateral?: string;
  readonly pcs?: boolean;
  readonly pcsUrl?: string;
  readonly trustRoot?: string;
  readonly at?: string;
  readonly policy?: string;
  readonly mrtd?: readonly string[];
  readonly reportData?: string;
  readonly initdataDigest?: string;
  readonly acceptStatus?: readonly TcbStatus[];
  readonly eventLog?: string;
  readonly json?: boolean;
}

/** `tdx verify`: whether a quote is one that Intel vouches for, and good enough. */
export function tdxVerify(io: Io): Command {
  return command(
    'verify <quote>',
    'Verify a quote of TDX, alone or in the evidence of Confidential Containers or Azure, up to the root of Intel, and hold it to a policy.',
    [
      'sealwright tdx verify quote.bin --collateral collateral.json --mrtd 91eb2b44… --report-data b48cb330…',
      'sealwright tdx verify evidence.json --pcs --policy policy.json --accept-status SWHardeningNeeded',
      'sealwright tdx verify quote.bin --pcs-url https://pccs.example/ --event-log ccel.bin --json',
    ],
  )
    .option('--collateral <file>', 'what Intel says of the platform: flat JSON')
    .option('--pcs', 'get it from the service of Intel')
    .option('--pcs-url <url>', 'get it from a service that caches it')
    .option('--trust-root <file>', 'trust this certificate in place of the root of Intel')
    .option('--at <time>', 'decide for this time, such as 2026-06-01T00:00:00Z; now unless given')
    .option('--policy <file>', 'a policy as JSON; the flags below win over its members')
    .option('--mrtd <hex>', 'one that is allowed; more than once', collect(String))
    .option(
      '--report-data <hex>',
      'what the quote has to be over, zeros are added at the end; of Azure: the nonce of the quote of its vTPM, exactly',
    )
    .option('--initdata-digest <hex>', 'of the init-data: in MRCONFIGID, of Azure in PCR 8')
    .option(
      '--accept-status <name>',
      'a TCB status that will do; more than once, UpToDate unless given',
      collect(String),
    )
    .option('--event-log <file>', 'a log that RTMR0 to RTMR2 have to be what it gives')
    .action(async (file: string, options: VerifyFlags) => {
      const policy = await policyOf(io, options);
      printVerdict(io, file, await judge(io, file, options, policy), options.json);
    });
}

interface Judged extends EvidenceVerdict {
  readonly tcbStatus: TcbStatus;
  readonly advisoryIds: readonly string[];
  readonly shortfalls: readonly string[];
  readonly fmspc: string;
  readonly tcbEvaluationDataNumber: number;
}

async function judge(io: Io, file: string, options: VerifyFlags, policy: TdxPolicy): Promise<Judged> {
  const bytes = await io.readFile(file);
  const { quote, eventLog, azure } = await about(file, () => evidenceIn(bytes));
  const log = options.eventLog === undefined ? eventLog : await io.readFile(options.eventLog);
  const at = timeOf(io, options.at);
  const bound = azure === undefined ? undefined : azureBinding(options);
  const anchor = options.trustRoot === undefined ? undefined : await io.readFile(options.trustRoot);
  const collateral = await collateralOf(io, quote, options);
  const verified = await about(file, async () => {
    const found = await verifyQuote(quote, {
      collateral,
      at,
      ...(anchor !== undefined && { anchors: [trustAnchorOf(derOf(anchor))] }),
    });
    if (azure !== undefined && bound !== undefined)
      await verifyAzureTdxBinding(azure, found.body.reportData, bound);
    return found;
  });
  const whole = azure === undefined ? { ...policy, ...askedOf(options) } : policy;
  const verdict = appraise(() => appraiseQuote(verified, { ...whole, at }));
  const checks = [...verdict.checks, ...(log === undefined ? [] : await logChecks(file, log, quote))];
  const failures = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return {
    ok: failures.length === 0,
    tcbStatus: verified.tcb.status,
    advisoryIds: verdict.advisoryIds,
    shortfalls: verdict.shortfalls,
    fmspc: encodeHex(verified.pck.fmspc),
    tcbEvaluationDataNumber: verified.collateral.tcbEvaluationDataNumber,
    failures: [...failures].sort(),
    checks,
  };
}

/** What is to be verified. */
interface Given {
  readonly quote: TdQuote;
  readonly eventLog?: Uint8Array;
  /** Where the quote came with a paravisor and its vTPM. */
  readonly azure?: AzureEvidence;
}

/** A quote, or the JSON of Confidential Containers, of Azure's machines too. */
function evidenceIn(bytes: Uint8Array): Given {
  if (bytes.find((byte) => byte > 0x20) !== 0x7b) return { quote: domainOf(bytes) };
  const document = parseJson(bytes, { maxBytes: 0x200_0000, maxDepth: 16 });
  if (isJsonObject(document) && document['td_quote'] !== undefined) {
    const azure = parseAzureEvidence(document);
    return { quote: domainOf(azure.tdQuote ?? new Uint8Array(0)), azure };
  }
  const { quote, eventLog } = parseTdxEvidence(bytes);
  return { quote: domainOf(quote), ...(eventLog !== undefined && { eventLog }) };
}

function domainOf(bytes: Uint8Array): TdQuote {
  const quote: Quote = parseQuote(bytes);
  if (quote.tee === 'tdx') return quote;
  throw new CommandError(
    'a quote of an SGX enclave, not of a trust domain: sealwright evidence inspect shows it',
    'ERR_CLI_EVIDENCE',
    EXIT_FAILURE,
  );
}

/** What the guest asked for and what its host was told; of an Azure machine they are not in the quote. */
function askedOf({ reportData, initdataDigest }: VerifyFlags): TdxPolicy {
  return {
    ...(reportData !== undefined && { reportData: reportData.padEnd(128, '0') }),
    ...(initdataDigest !== undefined && { mrConfigIds: [initdataDigest.slice(0, 96).padEnd(96, '0')] }),
  };
}

async function collateralOf(io: Io, quote: TdQuote, options: VerifyFlags): Promise<Collateral> {
  const { collateral: path, pcs, pcsUrl } = options;
  if (path !== undefined) {
    const bytes = await io.readFile(path);
    return await about(path, () => parseCollateral(bytes));
  }
  if (pcs !== true && pcsUrl === undefined)
    throw new CommandError('no collateral: give it with --collateral, or fetch it with --pcs or --pcs-url');
  return await fetchCollateral(collateralSubject(quote), {
    fetch: (url, init) => io.fetch(new Request(url, { ...init, redirect: 'error' })),
    ...(pcsUrl !== undefined && { baseUrl: pcsUrl }),
  });
}

async function logChecks(file: string, log: Uint8Array, { body }: TdQuote): Promise<EvidenceCheck[]> {
  const rows = await about(file, () => compareRtmrs(parseEventLog(log), body));
  return rows.map(({ rtmr, ok, replayed }) => ({
    name: `eventLog.rtmr${rtmr}`,
    ok,
    expected: encodeHex(replayed),
    actual: encodeHex(body[`rtmr${rtmr}`]),
  }));
}

async function policyOf(io: Io, options: VerifyFlags): Promise<TdxPolicy> {
  const { policy: path, mrtd, acceptStatus } = options;
  const written =
    path === undefined
      ? {}
      : await io.readFile(path).then((bytes) => about(path, () => readTdxPolicy(bytes)));
  const strange = acceptStatus?.find((status) => !STATUSES.includes(status));
  if (strange !== undefined) throw new CommandError(`--accept-status is one of ${STATUSES.join(', ')}`);
  return {
    ...written,
    ...(mrtd !== undefined && { mrTds: mrtd }),
    ...(acceptStatus !== undefined && { acceptedTcbStatuses: acceptStatus }),
  };
}

const STATUSES: readonly TcbStatus[] = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'TDRelaunchAdvised',
  'TDRelaunchAdvisedConfigurationNeeded',
];
