import { copyBytes } from '@sealwright/bytes';
import { parseCertificate } from '@sealwright/der';
import { isJsonObject, parseJson } from '@sealwright/json';
import {
  appraiseSnpReport,
  parseSnpCertificateTable,
  parseSnpReport,
  type SnpCertificates,
  type SnpPolicy,
  type SnpPreset,
  snpPreset,
  type SnpProduct,
  type SnpReport,
  type SnpTableEntry,
  SNP_TABLE,
  snpTableCertificates,
  snpTableProduct,
  verifySnpReport,
} from '@sealwright/snp-report';
import {
  type AzureEvidence,
  parseAzureEvidence,
  parseHclReport,
  verifyAzureSnpEvidence,
} from '@sealwright/snp-report/azure';
import { parseSnpEvidence } from '@sealwright/snp-report/evidence';
import { findSnpVcek, SnpKdsClient, snpVcekName } from '@sealwright/snp-report/kds';
import { type Command, Option } from 'commander';
import { collect } from '../collect.js';
import { derOf } from '../certificate-files.js';
import { command } from '../command.js';
import { amdIssuers } from '../evidence/amd-certificates.js';
import { appraise, type EvidenceVerdict, printVerdict } from '../evidence/appraisal.js';
import { azureBinding } from '../evidence/azure-binding.js';
import { readSnpPolicy } from '../evidence/snp-policy.js';
import { about, CommandError } from '../failure.js';
import type { Io } from '../io.js';
import { timeOf } from '../time.js';

interface VerifyFlags {
  readonly leaf?: string;
  readonly intermediate?: string;
  readonly root?: string;
  readonly certificates?: string;
  readonly trustRoot?: string;
  readonly crl?: string;
  readonly requireCrl?: boolean;
  readonly product?: SnpProduct;
  readonly kds?: boolean;
  readonly at?: string;
  readonly preset?: SnpPreset;
  readonly policy?: string;
  readonly measurement?: readonly string[];
  readonly reportData?: string;
  readonly initdataDigest?: string;
  readonly json?: boolean;
}

/** `snp verify`: whether a report is AMD's, and good enough. */
export function snpVerify(io: Io): Command {
  return command(
    'verify <report>',
    'Verify a report of SEV-SNP, alone or in the evidence of Confidential Containers or Azure, up to the root of AMD, and hold it to a policy.',
    [
      'sealwright snp verify report.bin --leaf vcek.der --measurement f73089ef… --report-data b48cb330…',
      'sealwright snp verify evidence.json --preset coco --policy policy.json',
      'sealwright snp verify azure.json --preset azure --report-data 6e6f6e6365',
      'sealwright snp verify report.bin --kds --json',
    ],
  )
    .option('--leaf <file>', 'the VCEK or VLEK that signed, DER or PEM')
    .option('--certificates <file>', 'a certificate table, as the guest was given it')
    .option('--kds', 'get the leaf and the revocation list from the key service of AMD')
    .option('--intermediate <file>', 'the ASK or ASVK; that of AMD unless given')
    .option('--root <file>', 'the ARK; that of AMD unless given')
    .option('--trust-root <file>', 'trust the name and key of this certificate in place of those of AMD')
    .option('--crl <file>', 'the revocation list of the root, DER')
    .option('--require-crl', 'refuse without a revocation list')
    .addOption(
      new Option('--product <name>', 'of a version 2 report, which does not say').choices([
        'Milan',
        'Genoa',
        'Turin',
      ]),
    )
    .option('--at <time>', 'decide for this time, such as 2026-06-01T00:00:00Z; now unless given')
    .addOption(
      new Option('--preset <name>', 'a policy with a name').choices(['strict', 'azure', 'aws-vlek', 'coco']),
    )
    .option('--policy <file>', 'a policy as JSON; its members win over those of --preset')
    .option('--measurement <hex>', 'one that is allowed; more than once', collect(String))
    .option(
      '--report-data <hex>',
      'what the report has to be over, zeros are added at the end; of Azure: the nonce of the quote, exactly',
    )
    .option('--initdata-digest <hex>', 'of the init-data: in the host data, of Azure in PCR 8')
    .action(async (file: string, options: VerifyFlags) => {
      const policy = await policyOf(io, options);
      printVerdict(io, file, await judge(io, file, options, policy), options.json);
    });
}

interface Judged extends EvidenceVerdict {
  readonly product: SnpProduct;
  readonly signer: 'VCEK' | 'VLEK';
  readonly chipIdMasked: boolean;
  readonly cspId: string | null;
  readonly revocationChecked: boolean;
}

async function judge(io: Io, file: string, options: VerifyFlags, policy: SnpPolicy): Promise<Judged> {
  const bytes = await io.readFile(file);
  const { report, entries, azure } = await about(file, () => evidenceIn(bytes));
  const table = options.certificates === undefined ? entries : await tableOf(io, options.certificates);
  const trust = await trustOf(io, report, table, options);
  const bound = azure === undefined ? undefined : azureBinding(options);
  const verified = await about(file, async () =>
    azure === undefined || bound === undefined
      ? await verifySnpReport(report, trust)
      : (await verifyAzureSnpEvidence({ ...azure, vcek: copyBytes(trust.leaf) }, { ...trust, ...bound }))
          .report,
  );
  const { product, signer, chipIdMasked, cspId = null, revocationChecked } = verified;
  const verdict = appraise(() =>
    appraiseSnpReport(verified, azure === undefined ? { ...policy, ...askedOf(options) } : policy),
  );
  return { ...verdict, product, signer, chipIdMasked, cspId, revocationChecked };
}

/** What is to be verified. */
interface Given {
  readonly report: SnpReport;
  readonly entries: readonly SnpTableEntry[];
  /** Where the report came with a paravisor and its vTPM. */
  readonly azure?: AzureEvidence;
}

/** A report, or the JSON of Confidential Containers, of Azure's machines too. */
function evidenceIn(bytes: Uint8Array): Given {
  if (bytes.find((byte) => byte > 0x20) !== 0x7b) return { report: parseSnpReport(bytes), entries: [] };
  const document = parseJson(bytes, { maxBytes: 0x10_0000, maxDepth: 16 });
  if (!isJsonObject(document) || document['vcek'] === undefined) {
    const { report, certificates = [] } = parseSnpEvidence(bytes);
    return { report: parseSnpReport(report), entries: certificates };
  }
  const azure = parseAzureEvidence(document);
  const report = parseSnpReport(parseHclReport(azure.hclReport).hardwareReport);
  const entries = azure.vcek === undefined ? [] : [{ guid: SNP_TABLE.vcek, data: azure.vcek }];
  return { report, entries, azure };
}

/** What the guest asked for and what its host was told; of an Azure machine they are not in the report. */
function askedOf({ reportData, initdataDigest }: VerifyFlags): SnpPolicy {
  return {
    ...(reportData !== undefined && { reportData: reportData.padEnd(128, '0') }),
    ...(initdataDigest !== undefined && { hostData: initdataDigest.slice(0, 64).padEnd(64, '0') }),
  };
}

async function tableOf(io: Io, path: string): Promise<readonly SnpTableEntry[]> {
  const bytes = await io.readFile(path);
  return await about(path, () => parseSnpCertificateTable(bytes));
}

async function trustOf(
  io: Io,
  report: SnpReport,
  table: readonly SnpTableEntry[],
  options: VerifyFlags,
): Promise<SnpCertificates & { readonly at: Date; readonly product?: SnpProduct }> {
  const signer = report.signingKey === 'VLEK' ? 'VLEK' : 'VCEK';
  const given = snpTableCertificates(table, signer);
  const file = async (path: string | undefined): Promise<Uint8Array | undefined> =>
    path === undefined ? undefined : await io.readFile(path);
  const product = options.product ?? report.cpuidProduct ?? snpTableProduct(table);
  const kds = options.kds === true ? kdsOf(io) : undefined;
  const leaf =
    (await file(options.leaf)) ?? given.leaf ?? (kds && (await findSnpVcek(report, [kds], product)));
  if (leaf === undefined)
    throw new CommandError(
      'no leaf certificate: give it with --leaf or --certificates, or fetch it with --kds',
    );
  const known = product ?? productOf(report, leaf);
  const issuers = amdIssuers(known, signer);
  const crl = (await file(options.crl)) ?? given.crl ?? (kds && (await kds.crl(known, signer)));
  const anchor = await file(options.trustRoot);
  return {
    leaf,
    intermediate: (await file(options.intermediate)) ?? given.intermediate ?? issuers.intermediate,
    root: (await file(options.root)) ?? anchor ?? given.root ?? issuers.root,
    at: timeOf(io, options.at),
    requireCrl: options.requireCrl === true,
    ...(crl !== undefined && { crl }),
    ...(options.product !== undefined && { product: options.product }),
    ...(anchor !== undefined && { anchors: [parseCertificate(derOf(anchor))] }),
  };
}

/** Of a version 2 report: by the name above the leaf, or by the form of the chip's id. */
function productOf(report: SnpReport, leaf: Uint8Array): SnpProduct {
  const issuer = decodeLatin1(parseCertificate(derOf(leaf)).issuer);
  const named = PRODUCTS.find((product) => issuer.endsWith(`-${product}`));
  return named ?? snpVcekName(report).product;
}

function decodeLatin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function kdsOf(io: Io): SnpKdsClient {
  return new SnpKdsClient({
    fetch: (url) => io.fetch(new Request(url, { redirect: 'error' })),
    now: () => io.now(),
    sleep: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)),
  });
}

async function policyOf(io: Io, options: VerifyFlags): Promise<SnpPolicy> {
  const path = options.policy;
  const written =
    path === undefined
      ? {}
      : await io.readFile(path).then((bytes) => about(path, () => readSnpPolicy(bytes)));
  const { measurement } = options;
  const more: SnpPolicy = {
    ...written,
    ...(measurement !== undefined && { measurements: measurement }),
  };
  return options.preset === undefined ? more : snpPreset(options.preset, more);
}

const PRODUCTS: readonly SnpProduct[] = ['Milan', 'Genoa', 'Turin'];
