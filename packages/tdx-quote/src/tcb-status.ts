/** How up to date a platform is, in the words of Intel's service. */
export type TcbStatus =
  | 'UpToDate'
  | 'SWHardeningNeeded'
  | 'ConfigurationNeeded'
  | 'ConfigurationAndSWHardeningNeeded'
  | 'OutOfDate'
  | 'OutOfDateConfigurationNeeded'
  | 'TDRelaunchAdvised'
  | 'TDRelaunchAdvisedConfigurationNeeded'
  | 'Revoked';

/** Whether a text is a status that a document may hold: a relaunch is advised by evaluation only. */
export function isPublishedStatus(text: string): text is TcbStatus {
  return PUBLISHED.has(text);
}

/**
 * Merge the status of a platform with that of its TDX module, or of its quoting enclave.
 *
 * @param platform - so far
 * @param part - of the module or the enclave
 */
export function mergeTcbStatus(platform: TcbStatus, part: TcbStatus): TcbStatus {
  if (platform === 'Revoked' || part === 'Revoked') return 'Revoked';
  if (part !== 'OutOfDate') return platform;
  if (platform === 'UpToDate' || platform === 'SWHardeningNeeded') return 'OutOfDate';
  const needed = platform === 'ConfigurationNeeded' || platform === 'ConfigurationAndSWHardeningNeeded';
  return needed ? 'OutOfDateConfigurationNeeded' : platform;
}

/** Whether a status says that something is older than it should be. */
export function isOutOfDate(status: TcbStatus): boolean {
  return status.startsWith('OutOfDate');
}

/** Whether a status says that everything is as new as it should be, whatever else has to be done. */
export function isCurrent(status: TcbStatus): boolean {
  return CURRENT.has(status);
}

/** Whether a status says that the configuration has to change. */
export function needsConfiguration(status: TcbStatus): boolean {
  return status.includes('Configuration');
}

const CURRENT: ReadonlySet<string> = new Set<TcbStatus>([
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
]);
const PUBLISHED: ReadonlySet<string> = new Set<string>([
  ...CURRENT,
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
]);
