/**
 * Names of trusted execution environments as the protocol writes them.
 *
 * @module
 */
import { KbsProtocolError } from './errors.js';

/** A kind of trusted execution environment, or of a device in one, in the spelling of protocol 0.4.0. */
export type TeeName =
  | 'az-snp-vtpm'
  | 'az-tdx-vtpm'
  | 'nvidia'
  | 'sgx'
  | 'snp'
  | 'tdx'
  | 'cca'
  | 'csv'
  | 'se'
  | 'hygondcu'
  | 'nvidia-dpu'
  | 'tpm'
  | 'sample'
  | 'sampledevice';

/** Every {@link TeeName}. */
export const TEE_NAMES: readonly TeeName[] = [
  'az-snp-vtpm',
  'az-tdx-vtpm',
  'nvidia',
  'sgx',
  'snp',
  'tdx',
  'cca',
  'csv',
  'se',
  'hygondcu',
  'nvidia-dpu',
  'tpm',
  'sample',
  'sampledevice',
];

/** Spellings of older clients, and what they are called now. */
const OLD_NAMES: ReadonlyMap<string, TeeName> = new Map([
  ['azsnpvtpm', 'az-snp-vtpm'],
  ['aztdxvtpm', 'az-tdx-vtpm'],
  ['dpu', 'nvidia-dpu'],
]);

/**
 * Read the name of a TEE; spellings of older clients give today's.
 *
 * @param text - the name, exactly as sent
 * @param pointer - JSON pointer of the name, for the error
 * @throws {@link KbsProtocolError} `ERR_KBS_TEE`
 */
export function parseTeeName(text: string, pointer?: string): TeeName {
  const name = TEE_NAMES.find((known) => known === text) ?? OLD_NAMES.get(text);
  if (name !== undefined) return name;
  const place = pointer === undefined ? {} : { pointer };
  throw new KbsProtocolError('ERR_KBS_TEE', `unknown TEE; known are ${TEE_NAMES.join(', ')}`, place);
}
