import { decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import type { Policy } from '@sealwright/rego';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * The policies of `--policy` that verified statements must satisfy, as cosign has them: Rego of version 0, in which
 * `data.signature.allow` must be `true`, over the JSON of the statement.
 *
 * @param io - the world
 * @param files - names
 * @returns refuses a statement by throwing
 * @throws {@link CommandError}
 */
export async function attestationPolicies(
  io: Io,
  files: readonly string[],
): Promise<(statement: Uint8Array) => void> {
  if (files.length === 0) return () => undefined;
  const { parseJsonText, preparePolicy } = await import('@sealwright/rego');
  const { FUNCTIONS } = await import('@sealwright/rego/functions');
  const prepared: { readonly file: string; readonly policy: Policy }[] = [];
  for (const file of files) {
    if (!file.endsWith('.rego'))
      throw new CommandError(
        `--policy ${file}: policies are Rego, in a file whose name ends in .rego; CUE is not supported`,
      );
    const text = decodeUtf8(await io.readFile(file));
    const options = { version: 'v0', functions: FUNCTIONS } as const;
    prepared.push({ file, policy: await about(file, () => preparePolicy([{ file, text }], options)) });
  }
  return (statement) => {
    const input = parseJsonText(inputText(statement));
    const options = { input, strict: false, now: io.now(), maxSteps: MAX_STEPS };
    for (const { file, policy } of prepared) {
      const solutions = policy.query(QUERY, options);
      const isAllowed = solutions.length === 1 && solutions[0]?.values[0] === true;
      if (!isAllowed)
        throw new CommandError(
          `${file}: ${QUERY} is not true of an attestation`,
          'ERR_CLI_POLICY',
          EXIT_FAILURE,
        );
    }
  };
}

/** The statement; what cosign wrapped as text under `Data` is looked into if it is JSON. */
function inputText(statement: Uint8Array): string {
  const text = decodeUtf8(statement);
  const json = parseJson(text);
  const predicate = isJsonObject(json) ? json['predicate'] : undefined;
  if (!isJsonObject(json) || json['predicateType'] !== CUSTOM || !isJsonObject(predicate)) return text;
  const data = jsonIn(predicate['Data']);
  return data === undefined ? text : JSON.stringify({ ...json, predicate: { ...predicate, Data: data } });
}

function jsonIn(text: JsonValue | undefined): JsonValue | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}

const QUERY = 'data.signature.allow';
const CUSTOM = 'https://cosign.sigstore.dev/attestation/v1';
const MAX_STEPS = 10_000_000;
