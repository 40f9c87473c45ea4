import { watch } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '@sealwright/json';
import type { Log } from '@sealwright/service';
import { parseRun, SlsaError } from '@sealwright/slsa/tekton';
import { parseDocument, YAMLError } from 'yaml';
import { checkAnnotationNames, type RunSource, type StoredRun } from './run-source.js';

/** A run in a file of a folder. */
interface FiledRun extends StoredRun {
  readonly file: string;
}

/**
 * Runs in the files of a folder, one in each: `*.json`, `*.yaml` and `*.yml`. Annotations are written into the file, which is
 * replaced whole; comments and the order of members stay.
 *
 * @param folder - the folder; folders in it are not looked at
 * @param log - told of files that hold no run
 */
export function directorySource(folder: string, log: Log): RunSource {
  const known = new Map<string, { readonly stamp: string; readonly run: FiledRun | undefined }>();
  const read = async (name: string): Promise<FiledRun | undefined> => {
    const file = join(folder, name);
    const status = await stat(file);
    const stamp = `${status.mtimeMs} ${status.size} ${status.ino}`;
    const before = known.get(name);
    if (before?.stamp === stamp) return before.run;
    const run =
      status.size > MAX_BYTES
        ? refuse(log, name, 'larger than 16 MiB')
        : fromText(name, await readFile(file, 'utf8'), log);
    known.set(name, { stamp, run });
    return run;
  };
  return {
    list: async () => {
      const names = (await readdir(folder))
        .filter((name) => EXTENSION.test(name) && !name.startsWith('.'))
        .sort();
      const runs = await Promise.all(
        names.map(async (name) => read(name).catch((error: unknown) => gone(error))),
      );
      return runs.filter((run) => run !== undefined);
    },
    annotate: async (run, added) => {
      checkAnnotationNames(added);
      const name = fileOf(run);
      const text = await readFile(join(folder, name), 'utf8');
      const current = fromText(name, text, log);
      if (current?.run.uid !== run.run.uid)
        throw new Error(`${name} no longer holds the run ${run.run.name}`);
      await replace(
        folder,
        name,
        EXTENSION_JSON.test(name) ? annotatedJson(current.run.json, added) : annotatedYaml(text, added),
      );
      known.delete(name);
    },
    watch: (changed) => {
      const watcher = watch(folder, () => changed());
      watcher.on('error', (error) => log.error({ reason: error.message }, 'watch failed'));
      return () => watcher.close();
    },
  };
}

function fileOf(run: StoredRun): string {
  if (!('file' in run) || typeof run.file !== 'string')
    throw new TypeError('this run is from another source');
  return run.file;
}

function fromText(file: string, text: string, log: Log): FiledRun | undefined {
  try {
    const run = parseRun(EXTENSION_JSON.test(file) ? text : jsonOf(text));
    const metadata = isJsonObject(run.json['metadata']) ? run.json['metadata'] : {};
    const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {};
    const texts = Object.entries(annotations).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    const namespace = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '';
    if (run.name === '' || run.uid === '')
      return refuse(log, file, 'a run has metadata.name and metadata.uid');
    return { file, run, namespace, annotations: Object.fromEntries(texts) };
  } catch (error) {
    if (error instanceof SlsaError || error instanceof YAMLError)
      return refuse(log, file, firstLine(error.message));
    throw error;
  }
}

/** YAML becomes JSON text, so that the same limits and rules hold for both. */
function jsonOf(text: string): string {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  try {
    return JSON.stringify(document.toJS({ maxAliasCount: 0 })) ?? 'null';
  } catch (cause) {
    throw new SlsaError('ERR_SLSA_RUN', 'aliases are not followed', { cause });
  }
}

function annotatedJson(run: JsonObject, added: Readonly<Record<string, string>>): string {
  const metadata = isJsonObject(run['metadata']) ? run['metadata'] : {};
  const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {};
  return `${JSON.stringify({ ...run, metadata: { ...metadata, annotations: { ...annotations, ...added } } }, null, 2)}\n`;
}

function annotatedYaml(text: string, added: Readonly<Record<string, string>>): string {
  const document = parseDocument(text);
  for (const [name, value] of Object.entries(added)) document.setIn(['metadata', 'annotations', name], value);
  return document.toString({ lineWidth: 0 });
}

/** The old file stays whole until the new one is. */
async function replace(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `.${name}.${process.pid}.tmp`);
  try {
    const handle = await open(temporary, 'w', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A file may go between listing and reading. */
function gone(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

function refuse(log: Log, file: string, reason: string): undefined {
  log.warn({ file, reason }, 'no run');
  return undefined;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

const MAX_BYTES = 16 << 20;
const EXTENSION = /\.(?:json|ya?ml)$/;
const EXTENSION_JSON = /\.json$/;
