import { UsageError } from '@sealwright/service';
import { TEKTON_DEFECTS, type TektonDefect, type TektonFormat } from '@sealwright/slsa/tekton';

/** What to do with one kind of artifact. */
export interface ArtifactConfig {
  /** Back ends, in the order in which they are visited. Empty when the artifact is switched off. */
  readonly storage: readonly string[];
  /** Which signer; `none` switches the artifact off. */
  readonly signer: string;
  /** Whether the artifact is signed at all. */
  readonly enabled: boolean;
}

/** The configuration of Chains: keys and defaults of its `chains-config`. */
export interface ChainsConfig {
  readonly taskRun: ArtifactConfig & { readonly format: TektonFormat };
  readonly pipelineRun: ArtifactConfig & { readonly format: TektonFormat; readonly deepInspection: boolean };
  readonly oci: ArtifactConfig;
  readonly builderId: string;
  readonly buildType: string;
  /** Where signatures of images go instead of the image's own repository. */
  readonly ociRepository: string;
  /** Whether registries may be spoken to in plain HTTP. */
  readonly ociInsecure: boolean;
  readonly ociEncoding: string;
  readonly transparency: { readonly enabled: boolean; readonly manual: boolean; readonly url: string };
  readonly fulcio: boolean;
  /** Further `spec.managedBy` values whose runs are signed. */
  readonly managedBy: readonly string[];
  /** Our own key `sealwright.compat`: defects of Chains to reproduce in what is signed. */
  readonly compat: readonly TektonDefect[];
  /** What was read but means nothing, for the log. */
  readonly warnings: readonly string[];
}

/**
 * Read the data of a `chains-config`. Unknown keys are ignored, as Chains does.
 *
 * @param data - keys and values
 * @throws {@link UsageError} with the text of Chains when a value is none of those allowed.
 */
export function parseChainsConfig(data: Readonly<Record<string, string>>): ChainsConfig {
  const warnings: string[] = [];
  const text = (key: string, fallback: string): string => data[key] ?? fallback;
  const one = <T extends string>(key: string, allowed: readonly T[], fallback: T): T => {
    const value = text(key, fallback);
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw invalid(value, allowed);
    return found;
  };
  const flag = (key: string): boolean => {
    const value = data[key];
    if (value === undefined || FALSE.has(value)) return false;
    if (!TRUE.has(value)) warnings.push(`${key} is neither true nor false, and is taken as false`);
    return TRUE.has(value);
  };
  const artifact = (name: string, storages: readonly string[], storage: string): ArtifactConfig => {
    const signer = one(`artifacts.${name}.signer`, SIGNERS, 'x509');
    const chosen = storageSet(text(`artifacts.${name}.storage`, storage), storages);
    return { signer, storage: chosen, enabled: signer !== 'none' && chosen.length > 0 };
  };
  const transparency = data['transparency.enabled'];
  one('artifacts.oci.format', ['simplesigning'], 'simplesigning');
  one('storage.pubsub.provider', ['', 'inmemory', 'kafka'], '');
  return {
    taskRun: {
      ...artifact('taskrun', STORAGES, 'tekton'),
      format: one('artifacts.taskrun.format', FORMATS, 'in-toto'),
    },
    pipelineRun: {
      ...artifact(
        'pipelinerun',
        STORAGES.filter((name) => name !== 'kafka'),
        'tekton',
      ),
      format: one('artifacts.pipelinerun.format', FORMATS, 'in-toto'),
      deepInspection: flag('artifacts.pipelinerun.enable-deep-inspection'),
    },
    oci: artifact('oci', STORAGES, 'oci'),
    builderId: text('builder.id', 'https://tekton.dev/chains/v2'),
    buildType: one('builddefinition.buildtype', BUILD_TYPES, 'https://tekton.dev/chains/v2/slsa'),
    ociRepository: text('storage.oci.repository', ''),
    ociInsecure: flag('storage.oci.repository.insecure'),
    ociEncoding: one('storage.oci.encoding-format', ['dsse', 'sigstore-bundle'], 'dsse'),
    transparency: {
      enabled: transparency === 'true' || transparency === 'manual',
      manual: transparency === 'manual',
      url: text('transparency.url', 'https://rekor.sigstore.dev'),
    },
    fulcio: flag('signers.x509.fulcio.enabled'),
    managedBy: (data['filter.managed-by'] ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
    compat: compatOf(data['sealwright.compat'] ?? ''),
    warnings,
  };
}

/**
 * Refuse what this program cannot do yet, before anything is signed.
 *
 * @param config - what was asked for
 * @throws {@link UsageError} naming the key.
 */
export function refuseUnsupported(config: ChainsConfig): void {
  const artifacts = { taskrun: config.taskRun, pipelinerun: config.pipelineRun, oci: config.oci };
  for (const [name, artifact] of Object.entries(artifacts)) {
    const storage = artifact.storage.find((each) => each !== 'tekton' && each !== 'oci');
    if (storage !== undefined) throw notYet(`artifacts.${name}.storage`, storage, 'tekton, oci');
    if (artifact.signer === 'kms') throw notYet(`artifacts.${name}.signer`, 'kms', 'x509, none');
  }
  if (config.ociEncoding !== 'dsse') throw notYet('storage.oci.encoding-format', config.ociEncoding, 'dsse');
  if (config.transparency.enabled)
    throw notYet('transparency.enabled', config.transparency.manual ? 'manual' : 'true', 'false');
  if (config.fulcio) throw notYet('signers.x509.fulcio.enabled', 'true', 'false');
}

function storageSet(value: string, allowed: readonly string[]): readonly string[] {
  if (value === '') return [];
  const items = value.split(',').map((item) => item.trim());
  const wrong = items.find((item) => !allowed.includes(item));
  if (wrong !== undefined) throw invalid(wrong, allowed);
  return [...new Set(items)].sort();
}

/** `all`, or some of their names. */
function compatOf(value: string): readonly TektonDefect[] {
  if (value === 'all') return TEKTON_DEFECTS;
  return value === '' ? [] : value.split(',').map((item) => defectOf(item.trim()));
}

function defectOf(name: string): TektonDefect {
  const found = TEKTON_DEFECTS.find((each) => each === name);
  if (found === undefined) throw invalid(name, ['all', ...TEKTON_DEFECTS]);
  return found;
}

function invalid(value: string, allowed: readonly string[]): UsageError {
  return new UsageError(
    `failed to parse data: invalid value "${value}" wanted one of [${[...allowed].sort().join(' ')}]`,
  );
}

function notYet(key: string, value: string, possible: string): UsageError {
  return new UsageError(`${key}: "${value}" is not supported yet; use ${possible}`);
}

const FORMATS: readonly TektonFormat[] = ['in-toto', 'slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4'];
const STORAGES: readonly string[] = ['archivista', 'docdb', 'gcs', 'grafeas', 'kafka', 'oci', 'tekton'];
const SIGNERS = ['kms', 'none', 'x509'] as const;
const BUILD_TYPES = [
  'https://tekton.dev/chains/v2/slsa',
  'https://tekton.dev/chains/v2/slsa-tekton',
] as const;
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
