/** The names of hashes by number (`HashAlgorithm` of sigstore/protobuf-specs). */
export const HASH_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'SHA2_256'],
  [2, 'SHA2_384'],
  [3, 'SHA2_512'],
  [4, 'SHA3_256'],
  [5, 'SHA3_384'],
]);
