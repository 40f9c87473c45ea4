import { decodeUtf8 } from '@sealwright/bytes';
import { imagesOf } from '@sealwright/cosign-sig/policy';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { readObjects } from './policy-files.js';

/**
 * The images that Kubernetes manifests run, each once.
 *
 * @param io - the world
 * @param file - YAML or JSON
 * @throws {@link CommandError} also where there is none
 */
export async function manifestImages(io: Io, file: string): Promise<readonly string[]> {
  const objects = await readObjects(io, file);
  const images = await about(file, () =>
    objects
      .filter((object) => object !== null)
      .flatMap((object) => imagesOf(object).map(({ image }) => image)),
  );
  return some(file, images);
}

/**
 * The images that a Dockerfile takes something from, each once: those that stages begin with, and those that files are copied from.
 * Arguments before the first stage have their defaults, or what the environment says; stages and `scratch` are no images.
 *
 * @param io - the world
 * @param file - the Dockerfile
 * @param onlyBase - whether only the image counts that the last stage begins with
 * @throws {@link CommandError} also where there is none
 */
export async function dockerfileImages(io: Io, file: string, onlyBase: boolean): Promise<readonly string[]> {
  const text = await io.readFile(file);
  const lines = await about(file, () => linesOf(decodeUtf8(text)));
  const values = new Map<string, string>();
  const stages = new Map<string, string>();
  const found: string[] = [];
  let base = '';
  let count = 0;
  const resolve = (name: string): string => {
    const image = expanded(name, (variable) => io.env[variable] ?? values.get(variable));
    if (image === undefined)
      throw new CommandError(
        `${file}: ${name} has an argument without a value: set it in the environment`,
        'ERR_CLI_DOCKERFILE',
        EXIT_FAILURE,
      );
    return stages.get(image.toLowerCase()) ?? image;
  };
  for (const line of lines) {
    const [instruction = '', ...words] = line.split(/\s+/);
    switch (instruction.toUpperCase()) {
      case 'ARG': {
        const [name, value] = splitOnce(words[0] ?? '');
        if (count === 0 && value !== undefined) values.set(name, unquoted(value));
        break;
      }
      case 'FROM': {
        const [name = '', as, alias] = words.filter((word) => !word.startsWith('--'));
        if (name === '')
          throw new CommandError(`${file}: FROM says nothing`, 'ERR_CLI_DOCKERFILE', EXIT_FAILURE);
        base = resolve(name);
        found.push(base);
        stages.set(String(count), base);
        if (as?.toUpperCase() === 'AS' && alias !== undefined) stages.set(alias.toLowerCase(), base);
        count += 1;
        break;
      }
      case 'COPY':
      case 'RUN': {
        for (const word of words) {
          const from = fromOf(word);
          if (from !== undefined) found.push(resolve(from));
        }
      }
    }
  }
  return some(
    file,
    (onlyBase ? [base] : found).filter((image) => image !== 'scratch' && image !== ''),
  );
}

/** Lines without comments, those that go on joined. */
function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  let pending = '';
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('#') || trimmed === '') continue;
    if (trimmed.endsWith('\\')) pending += `${trimmed.slice(0, -1)} `;
    else {
      lines.push((pending + trimmed).trim());
      pending = '';
    }
  }
  return pending === '' ? lines : [...lines, pending.trim()];
}

/** What `COPY --from=` and `RUN --mount=…,from=` name. */
function fromOf(word: string): string | undefined {
  if (word.startsWith('--from=')) return word.slice('--from='.length);
  if (!word.startsWith('--mount=')) return undefined;
  const part = word
    .slice('--mount='.length)
    .split(',')
    .find((each) => each.startsWith('from='));
  return part?.slice('from='.length);
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`; `undefined` where one has no value. */
function expanded(text: string, valueOf: (name: string) => string | undefined): string | undefined {
  let isMissing = false;
  const result = text.replaceAll(
    /\$(?:\{([A-Za-z_]\w{0,127})(?::-([^}]{0,256}))?\}|([A-Za-z_]\w{0,127}))/g,
    (_all, braced: string | undefined, fallback: string | undefined, bare: string | undefined) => {
      const value = valueOf(braced ?? bare ?? '');
      const chosen = value === undefined || value === '' ? fallback : value;
      if (chosen === undefined) isMissing = true;
      return chosen ?? '';
    },
  );
  return isMissing ? undefined : result;
}

function splitOnce(text: string): readonly [string, string?] {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function unquoted(text: string): string {
  return /^"[^"]*"$|^'[^']*'$/.test(text) ? text.slice(1, -1) : text;
}

function some(file: string, images: readonly string[]): readonly string[] {
  if (images.length > 0) return [...new Set(images)];
  throw new CommandError(`${file}: there is no image in it`, 'ERR_CLI_NO_IMAGE', EXIT_FAILURE);
}
