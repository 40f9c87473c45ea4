/** What the digests of one algorithm look like. */
interface DigestRule {
  /** For messages. */
  readonly says: string;
  /** Whether a value is one, written as it should be. */
  isPlain(value: string): boolean;
  /** Why a value cannot be one; `undefined` when it can. */
  refuse(value: string): 'INTOTO_BAD_DIGEST_ENCODING' | 'INTOTO_BAD_DIGEST_LENGTH' | undefined;
}

/** The rule of a known algorithm; names are case sensitive. */
export function digestRule(algorithm: string): DigestRule | undefined {
  return RULES.get(algorithm);
}

/** The known algorithm that a name looks like, but for case, `-`, `_` and `/`. */
export function looksLike(name: string): string | undefined {
  const known = name.length > 32 ? undefined : FOLDED.get(fold(name));
  return known === name ? undefined : known;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_/]/g, '');
}

function bytes(least: number, most: number = least): DigestRule {
  return {
    says: `${least === most ? least * 2 : `${least * 2} to ${most * 2}`} hexadecimal digits`,
    isPlain: (value) =>
      value.length >= least * 2 &&
      value.length <= most * 2 &&
      value.length % 2 === 0 &&
      LOWER_HEX.test(value),
    refuse: (value) => {
      if (value.length % 2 !== 0 || !HEX.test(value)) return 'INTOTO_BAD_DIGEST_ENCODING';
      return value.length < least * 2 || value.length > most * 2 ? 'INTOTO_BAD_DIGEST_LENGTH' : undefined;
    },
  };
}

const LOWER_HEX = /^[0-9a-f]*$/;
const HEX = /^[0-9a-fA-F]*$/;
const GIT: DigestRule = {
  says: '40 or 64 hexadecimal digits',
  isPlain: (value) => (value.length === 40 || value.length === 64) && LOWER_HEX.test(value),
  refuse: (value) =>
    (value.length === 40 || value.length === 64) && HEX.test(value)
      ? undefined
      : 'INTOTO_BAD_DIGEST_ENCODING',
};
const RULES: ReadonlyMap<string, DigestRule> = new Map([
  ...['sha256', 'sha512_256', 'sha3_256', 'blake2s', 'sm3', 'gost', 'dirHash', 'dirHash1'].map(
    (name) => [name, bytes(32)] as const,
  ),
  ...['sha224', 'sha512_224', 'sha3_224'].map((name) => [name, bytes(28)] as const),
  ...['sha384', 'sha3_384'].map((name) => [name, bytes(48)] as const),
  ...['sha512', 'sha3_512', 'blake2b'].map((name) => [name, bytes(64)] as const),
  ...['sha1', 'ripemd160'].map((name) => [name, bytes(20)] as const),
  ['md5', bytes(16)],
  ...['shake128', 'shake256'].map((name) => [name, bytes(16, 64)] as const),
  ...['gitCommit', 'gitTree', 'gitBlob', 'gitTag'].map((name) => [name, GIT] as const),
]);
/** `goModuleH1`, the name of `dirHash1` in version 0.1, has no rule: its values are as written. */
const FOLDED: ReadonlyMap<string, string> = new Map(
  [...RULES.keys(), 'goModuleH1'].map((name) => [fold(name), name]),
);
