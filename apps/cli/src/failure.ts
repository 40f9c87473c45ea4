/** A command did what it was asked. */
export const EXIT_OK = 0;

/** A command failed, or refused what it was given. */
export const EXIT_FAILURE = 1;

/** The command line makes no sense. */
export const EXIT_USAGE = 2;

/** Why a command ends without having done what it was asked. */
export class CommandError extends Error {
  /** Always `CommandError`. */
  override readonly name = 'CommandError';
  /** What to switch on. */
  readonly code: string;
  /** The exit code. */
  readonly exitCode: number;

  /**
   * Make an error.
   *
   * @param message - what is wrong, and what to do about it
   * @param code - what to switch on
   * @param exitCode - of the program
   */
  constructor(message: string, code = 'ERR_CLI_USAGE', exitCode: number = EXIT_USAGE) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** An error as the program tells it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/**
 * What a person and a script are told about an error. Errors of packages are known by name, so that their code is not read for it.
 *
 * @param error - what a command threw
 */
export async function failureOf(error: unknown): Promise<Failure> {
  if (error instanceof CommandError)
    return { code: error.code, message: error.message, exitCode: error.exitCode };
  if (error instanceof Error && OURS.has(error.name) && 'code' in error) {
    const code = String(error.code);
    if (error.cause instanceof CommandError) return { ...(await failureOf(error.cause)), code };
    const place = 'pointer' in error && typeof error.pointer === 'string' && error.pointer !== '';
    const message = withHint(code, `${error.message}${place ? `, at ${String(error.pointer)}` : ''}`);
    if (error.name !== 'CosignError') return { code, message, exitCode: EXIT_FAILURE };
    const { hint, exitCode } = (await import('./cosign-failure.js')).ofCosign(error, code);
    return { code, message: `${message}${hint}`, exitCode };
  }
  return failureOfPlatform(error);
}

/**
 * The same of an error that is not ours: of files, of the network.
 *
 * @param error - what was thrown
 */
export function failureOfPlatform(error: unknown): Failure {
  if (error instanceof Error && 'code' in error && 'path' in error) {
    const [code, path] = [String(error.code), String(error.path)];
    const hint = code === 'ENOENT' && path.includes('\ufffd') ? NOT_UTF8 : '';
    return { code, message: `${path}: ${FILE_FAULTS.get(code) ?? code}${hint}`, exitCode: EXIT_FAILURE };
  }
  if (error instanceof Error && 'code' in error && FILE_FAULTS.has(String(error.code)))
    return {
      code: String(error.code),
      message: FILE_FAULTS.get(String(error.code)) ?? '',
      exitCode: EXIT_FAILURE,
    };
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return { code: 'ERR_CLI_TIMEOUT', message: 'no answer in time; try again', exitCode: EXIT_FAILURE };
  if (error instanceof TypeError && error.message === 'terminated')
    return { code: 'ERR_CLI_CUT', message: 'the answer was cut short; try again', exitCode: EXIT_FAILURE };
  return {
    code: 'ERR_CLI_INTERNAL',
    message: error instanceof Error ? error.message : 'unknown',
    exitCode: EXIT_FAILURE,
  };
}

/**
 * Let an error say what it is about.
 *
 * @param name - of a file, mostly
 * @param act - what reads it
 * @throws {@link CommandError}
 */
export async function about<T>(name: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { code, message, exitCode } = await failureOf(error);
    throw message.startsWith(`${name}: `) ? error : new CommandError(`${name}: ${message}`, code, exitCode);
  }
}

/**
 * Let an error of a package say which of several images it is about; one that says what to do says so already.
 *
 * @param name - of the image
 * @param act - what may fail
 * @throws {@link CommandError}
 */
export async function aboutImage<T>(name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const isTold =
      error instanceof Error && (error.cause instanceof CommandError || error.message.includes(name));
    if (error instanceof CommandError || isTold) throw error;
    return about(name, () => {
      throw error;
    });
  }
}

function withHint(code: string, message: string): string {
  const hint = HINTS.get(code);
  return hint === undefined ? message : `${message}; ${hint}`;
}

const OURS: ReadonlySet<string> = new Set([
  'BytesError',
  'CosignError',
  'CryptoError',
  'DerError',
  'InTotoError',
  'InitDataError',
  'JsonError',
  'KbsProtocolError',
  'OciError',
  'RegoError',
  'SealedSecretError',
  'SlsaError',
  'SnpReportError',
  'TdxQuoteError',
]);
const NOT_UTF8 = '; its name is not UTF-8: rename it, or pipe it in as -';
const WHOLE = 'is this the right file, and is it whole?';
const HINTS: ReadonlyMap<string, string> = new Map([
  ['ERR_COSIGN_PEM', WHOLE],
  ['ERR_COSIGN_PEM_LABEL', WHOLE],
  ['ERR_COSIGN_KEY_FILE', WHOLE],
  ['ERR_COSIGN_CIPHERTEXT', WHOLE],
  ['ERR_COSIGN_ENVELOPE', WHOLE],
  ['ERR_CRYPTO_KEY', WHOLE],
  ['ERR_OCI_CREDENTIALS', WHOLE],
  ['ERR_JSON_SYNTAX', WHOLE],
  ['ERR_SEALED_FORMAT', WHOLE],
  ['ERR_SEALED_SIGNATURE', 'is --key the key that sealed it?'],
  ['ERR_COSIGN_DECRYPT', 'is COSIGN_PASSWORD the password of this key?'],
  ['ERR_OCI_DENIED', 'log in with docker login, or set DOCKER_CONFIG'],
  ['ERR_KBS_NETWORK', 'is the URL right, and is the key broker running?'],
]);
const FILE_FAULTS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EACCES', 'you have no permission'],
  ['EPERM', 'you have no permission'],
  ['EEXIST', 'it is there already: give --yes to replace it'],
  ['EMFILE', 'too many files are open'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'it is not in a folder'],
  ['ENOSPC', 'the disk is full'],
  ['ERR_FS_FILE_TOO_LARGE', 'over 2 GiB: too large to be read at once'],
  ['EROFS', 'the file system is read-only'],
]);
