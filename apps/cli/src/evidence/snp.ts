import { encodeHex, equalBytes } from '@sealwright/bytes';
import {
  appraiseSnpReport,
  decodeSnpGuestPolicy,
  decodeSnpPlatformInfo,
  decodeSnpTcb,
  parseSnpReport,
  prepareSnpChain,
  SNP_REPORT_BYTES,
  type SnpPreparedChain,
  type SnpProduct,
  type SnpReport,
  SnpReportError,
  snpTableCertificates,
  type SnpTableEntry,
  type VerifiedSnpReport,
  verifySnpReport,
} from '@sealwright/snp-report';
import {
  type AzureEvidence,
  parseAzureEvidence,
  parseHclReport,
  parseHclVariableData,
  parseTpmQuote,
  verifyAzureSnpEvidence,
} from '@sealwright/snp-report/azure';
import { parseSnpEvidence } from '@sealwright/snp-report/evidence';
import { snpVcekName, snpVcekUrl } from '@sealwright/snp-report/kds';
import { amdIssuers } from './amd-certificates.js';
import type { Circumstances, Finding, Link, Picture, Recogniser } from './picture.js';

/** The report alone, or as the driver of a guest answers: with a header of 32 bytes. */
export const snpReport: Recogniser = {
  name: 'report of AMD SEV-SNP',
  matches: (bytes) => reportIn(bytes) !== undefined,
  picture: async (bytes, circumstances) => await reportPicture(reportIn(bytes) ?? bytes, [], circumstances),
};

/** The JSON of Confidential Containers. */
export const snpEvidence: Recogniser = {
  name: 'SEV-SNP evidence of Confidential Containers',
  matches: (_, document) => document?.['attestation_report'] !== undefined,
  picture: async (bytes, circumstances) => {
    const { report, certificates = [] } = parseSnpEvidence(bytes);
    return await reportPicture(report, certificates, circumstances);
  },
};

/** The JSON of Azure's virtual machines on SEV-SNP. */
export const azureSnpEvidence: Recogniser = {
  name: 'SEV-SNP evidence of an Azure virtual machine',
  matches: (_, document) => document?.['vcek'] !== undefined,
  picture: async (bytes, circumstances) => await azurePicture(parseAzureEvidence(bytes), circumstances),
};

/** What the paravisor of an Azure virtual machine keeps in the TPM. */
export const hclReport: Recogniser = {
  name: 'paravisor report of an Azure virtual machine',
  matches: (bytes) => bytes.byteLength >= 4 && String.fromCharCode(...bytes.subarray(0, 4)) === 'HCLA',
  picture: async (bytes, circumstances) => {
    const hcl = parseHclReport(bytes);
    const { keys, vmConfiguration, userData } = parseHclVariableData(hcl.variableData);
    const fields: [string, string][] = [
      ['keys', keys.map(({ kid }) => String(kid)).join(', ')],
      ...Object.entries(vmConfiguration).map(([name, value]): [string, string] => [name, String(value)]),
      ['user data', userData === undefined ? 'none' : encodeHex(userData)],
    ];
    if (hcl.reportType !== 2)
      return {
        title: 'paravisor report of an Azure virtual machine, not on SEV-SNP',
        fields,
        chain: [],
        bindings: [['variable data', 'is hashed into the report data of the TD quote, which is not here']],
        findings: [
          { ok: undefined, name: 'authentic', text: 'the quote of the TEE and of the TPM say that' },
        ],
      };
    const picture = await reportPicture(hcl.hardwareReport, [], circumstances);
    return {
      ...picture,
      title: `paravisor report of an Azure virtual machine: ${picture.title}`,
      fields: [...picture.fields, ...fields],
    };
  },
};

async function reportPicture(
  bytes: Uint8Array,
  certificates: readonly SnpTableEntry[],
  { at, leaf: given }: Circumstances,
): Promise<Picture> {
  const report = parseSnpReport(bytes);
  const signer = report.signingKey === 'VLEK' ? 'VLEK' : 'VCEK';
  const leaf = given ?? snpTableCertificates(certificates, signer).leaf;
  const outcome = await outcomeOf(report, leaf, at);
  const product = outcome.chain?.vek.product ?? report.cpuidProduct;
  return {
    title: `report of AMD SEV-SNP, version ${report.version}, ${product ?? 'product unknown'}, signed by a ${report.signingKey}`,
    fields: fieldsOf(report, product),
    chain: chainOf(report, outcome),
    bindings: bindingsOf(report, outcome.chain),
    findings: findingsOf(outcome),
  };
}

async function azurePicture(evidence: AzureEvidence, circumstances: Circumstances): Promise<Picture> {
  const hcl = parseHclReport(evidence.hclReport);
  const quote = parseTpmQuote(evidence.message);
  const { vcek: leaf = new Uint8Array(0) } = evidence;
  const report = parseSnpReport(hcl.hardwareReport);
  const picture = await reportPicture(hcl.hardwareReport, [], { ...circumstances, leaf });
  const { product = report.cpuidProduct ?? 'Milan' } =
    (await outcomeOf(report, leaf, circumstances.at)).chain?.vek ?? {};
  const whole = await verifyAzureSnpEvidence(evidence, {
    ...amdIssuers(product, 'VCEK'),
    at: circumstances.at,
    reportData: quote.extraData,
  }).then(
    (): Finding => ({ ok: true, name: 'paravisor and vTPM', text: 'bound to the report, and to each other' }),
    (error: unknown): Finding => ({ ok: false, name: 'paravisor and vTPM', text: messageOf(error) }),
  );
  return {
    ...picture,
    title: `evidence of an Azure virtual machine, version ${evidence.version}: ${picture.title}`,
    fields: [
      ...picture.fields,
      ['quoted nonce', encodeHex(quote.extraData)],
      ...evidence.pcrs.map((value, index): [string, string] => [`PCR ${index}`, encodeHex(value)]),
    ],
    chain: [
      ...picture.chain,
      { name: 'paravisor', note: 'its data is hashed into the report data' },
      { name: 'vTPM key', note: 'HCLAkPub, in the data of the paravisor' },
      { name: 'quote', note: `over nonce ${short(quote.extraData)} and 24 PCRs` },
    ],
    bindings: [
      ['nonce', 'is in the quote of the vTPM: compare it with yours'],
      ['PCR 8', 'is extended with the digest of the init-data'],
      ...picture.bindings.filter(([name]) => name !== 'report data'),
      ['report data', 'is the hash of the data of the paravisor, which holds the key of the vTPM'],
    ],
    findings: [...picture.findings, whole],
  };
}

/** What came of following a report to its root. */
interface Outcome {
  readonly chain?: SnpPreparedChain;
  readonly verified?: VerifiedSnpReport;
  /** Why it did not come to a verified report. */
  readonly failure?: string;
}

async function outcomeOf(report: SnpReport, leaf: Uint8Array | undefined, at: Date): Promise<Outcome> {
  if (leaf === undefined) return { failure: `no leaf certificate came with it${whereToGet(report)}` };
  const signer = report.signingKey === 'VLEK' ? 'VLEK' : 'VCEK';
  let chain: SnpPreparedChain | undefined;
  let failure: string | undefined;
  // A version 2 report does not say of which product it is; the leaf fits the intermediate of one, whose complaint counts.
  for (const product of report.cpuidProduct === undefined ? PRODUCTS : [report.cpuidProduct]) {
    try {
      chain = await prepareSnpChain({ leaf, ...amdIssuers(product, signer) });
      break;
    } catch (error) {
      const isOther = error instanceof SnpReportError && error.code === 'ERR_SNP_CHAIN_NAME_MISMATCH';
      if (failure === undefined || !isOther) failure = messageOf(error);
    }
  }
  if (chain === undefined) return { failure: failure ?? 'the leaf is of no product that is known' };
  try {
    return { chain, verified: await verifySnpReport(report, { chain, at }) };
  } catch (error) {
    return { chain, failure: messageOf(error) };
  }
}

function whereToGet(report: SnpReport): string {
  try {
    return `: get it from ${snpVcekUrl(snpVcekName(report))} and give it with --leaf`;
  } catch {
    return ': give it with --leaf';
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof SnpReportError)) throw error;
  return `${error.message} (${error.code})`;
}

function fieldsOf(report: SnpReport, product: SnpProduct | undefined): [string, string][] {
  const policy = decodeSnpGuestPolicy(report.policy);
  const tcb = (raw: bigint): string => {
    const parts = Object.entries(decodeSnpTcb(raw, product ?? 'Milan'));
    return parts
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  };
  const version = ({ major, minor, build }: SnpReport['current']): string =>
    `${major}.${minor} build ${build}`;
  return [
    ['measurement', encodeHex(report.measurement)],
    ['report data', encodeHex(report.reportData)],
    ['host data', orNone(report.hostData)],
    [
      'guest policy',
      `0x${report.policy.toString(16)}: ABI ${policy.abiMajor}.${policy.abiMinor}, ${flagsOf(policy)}`,
    ],
    [
      'platform',
      `0x${report.platformInfo.toString(16)}: ${flagsOf(decodeSnpPlatformInfo(report.platformInfo))}`,
    ],
    ['VMPL', report.vmpl === 0xffff_ffff ? 'none: the host asked' : String(report.vmpl)],
    ['guest SVN', String(report.guestSvn)],
    ['family id', encodeHex(report.familyId)],
    ['image id', encodeHex(report.imageId)],
    ['ID key', orNone(report.idKeyDigest)],
    ['author key', report.authorKeyEnabled ? encodeHex(report.authorKeyDigest) : 'none'],
    ['report id', encodeHex(report.reportId)],
    ['chip id', orNone(report.chipId, 'masked')],
    ['TCB current', tcb(report.currentTcb)],
    ['TCB reported', tcb(report.reportedTcb)],
    ['TCB committed', tcb(report.committedTcb)],
    ['TCB at launch', tcb(report.launchTcb)],
    ['firmware', `${version(report.current)}, committed ${version(report.committed)}`],
    ...(report.currentMitVector === undefined
      ? []
      : [
          [
            'mitigations',
            `0x${report.currentMitVector.toString(16)}, at launch 0x${(report.launchMitVector ?? 0n).toString(16)}`,
          ] as [string, string],
        ]),
  ];
}

function flagsOf(flags: object): string {
  const set = Object.entries(flags).flatMap(([name, value]) => (value === true ? [name] : []));
  return set.length === 0 ? 'no flags' : set.join(', ');
}

function orNone(bytes: Uint8Array, none = 'none'): string {
  return bytes.every((byte) => byte === 0) ? none : encodeHex(bytes);
}

function chainOf(report: SnpReport, { chain, verified }: Outcome): Link[] {
  if (chain === undefined) return [];
  const { vek } = chain;
  const who = vek.cspId ?? `chip ${short(vek.hardwareId ?? new Uint8Array(0))}`;
  const until = new Date(chain.notAfter).toISOString().slice(0, 10);
  return [
    { name: `ARK-${vek.product}`, note: 'root of AMD: its name and key are pinned' },
    { name: `SEV${vek.kind === 'VLEK' ? '-VLEK' : ''}-${vek.product}`, note: 'signed by the root' },
    { name: `SEV-${vek.kind}`, note: `${vek.product}, ${who}; the chain is valid until ${until}` },
    {
      name: 'report',
      note: verified === undefined ? 'NOT vouched for, see below' : `guest ${short(report.measurement)}`,
    },
  ];
}

function bindingsOf(report: SnpReport, chain: SnpPreparedChain | undefined): [string, string][] {
  const { hardwareId } = chain?.vek ?? {};
  const sameChip =
    hardwareId !== undefined && equalBytes(report.chipId.subarray(0, hardwareId.byteLength), hardwareId);
  return [
    ['measurement', 'is what the guest was launched from: compare it with sealwright snp measure'],
    ['report data', 'is what the guest asked for: a nonce, or the hash of a key'],
    ['host data', 'is what the host set at launch: with Confidential Containers the digest of the init-data'],
    ...(chain === undefined
      ? []
      : [
          ['chip id', sameChip ? 'is the hardware id of the leaf' : 'is not compared with the leaf'] as [
            string,
            string,
          ],
        ]),
  ];
}

function findingsOf({ verified, failure }: Outcome): Finding[] {
  if (verified === undefined) return [{ ok: false, name: 'authentic', text: failure ?? 'unknown' }];
  const { checks } = appraiseSnpReport(verified, {});
  return [
    { ok: true, name: 'authentic', text: `AMD vouches for it; revocation was not looked at` },
    ...(verified.chipIdMasked
      ? [{ ok: undefined, name: 'chip', text: 'the host masks which chip it is' }]
      : []),
    ...checks.map(({ name, ok, expected, actual }) => ({
      ok,
      name,
      text: ok ? actual : `expected ${expected}, found ${actual}`,
    })),
    {
      ok: undefined,
      name: 'guest',
      text: 'is it yours? sealwright snp verify --measurement --report-data says',
    },
  ];
}

function reportIn(bytes: Uint8Array): Uint8Array | undefined {
  const header = bytes.byteLength >= 0x20 + SNP_REPORT_BYTES ? 0x20 : 0;
  const report = bytes.subarray(header, header + SNP_REPORT_BYTES);
  if (report.byteLength !== SNP_REPORT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasHeader =
    header > 0 && view.getUint32(0, true) === 0 && view.getUint32(4, true) === SNP_REPORT_BYTES;
  const version = new DataView(report.buffer, report.byteOffset, report.byteLength).getUint32(0, true);
  const isReport = bytes.byteLength === SNP_REPORT_BYTES || hasHeader;
  return isReport && version >= 1 && version <= 0xff ? report : undefined;
}

function short(bytes: Uint8Array): string {
  return `${encodeHex(bytes.subarray(0, 8))}${bytes.byteLength > 8 ? '…' : ''}`;
}

const PRODUCTS: readonly SnpProduct[] = ['Milan', 'Genoa', 'Turin'];
