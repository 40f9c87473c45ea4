import { decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import type { Policy } from '@sealwright/rego';
import type { CuePolicy } from './cue/cue-module.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * The policies of `--policy` that verified statements must satisfy, as cosign has them, over the JSON of the statement: in CUE, which it
 * must unify with, or in Rego of version 0, in which `data.signature.allow` must be `true`.
 *
 * @param io - the world
 * @param files - names
 * @returns refuses a statement by throwing
 * @throws {@link CommandError}
 */
export async function attestationPolicies(
  io: Io,
  files: readonly string[],
): Promise<(statement: Uint8Array) => Promise<void>> {
  const other = files.find((file) => !file.endsWith('.cue') && !file.endsWith('.rego'));
  if (other !== undefined)
    throw new CommandError(`--policy ${other}: expected a file whose name ends in .cue or .rego`);
  const inCue = await cuePolicies(
    io,
    files.filter((file) => file.endsWith('.cue')),
  );
  const inRego = await regoPolicies(
    io,
    files.filter((file) => file.endsWith('.rego')),
  );
  return async (statement) => {
    const text = inputText(statement);
    await inCue(text);
    inRego(text);
  };
}

async function cuePolicies(io: Io, files: readonly string[]): Promise<(input: string) => Promise<void>> {
  if (files.length === 0) return async () => undefined;
  const { cueJudge } = await import('./cue/cue-judge.js');
  const policies: CuePolicy[] = [];
  for (const file of files) policies.push({ file, text: decodeUtf8(await io.readFile(file)) });
  const judge = await cueJudge(io);
  return async (input) => {
    const { unifies, reason } = await judge(policies, input);
    if (!unifies) throw refuse(`${files.join(', ')}: an attestation does not unify with it: ${reason}`);
  };
}

async function regoPolicies(io: Io, files: readonly string[]): Promise<(input: string) => void> {
  if (files.length === 0) return () => undefined;
  const { parseJsonText, preparePolicy } = await import('@sealwright/rego');
  const { FUNCTIONS } = await import('@sealwright/rego/functions');
  const prepared: { readonly file: string; readonly policy: Policy }[] = [];
  for (const file of files) {
    const text = decodeUtf8(await io.readFile(file));
    const options = { version: 'v0', functions: FUNCTIONS } as const;
    prepared.push({ file, policy: await about(file, () => preparePolicy([{ file, text }], options)) });
  }
  return (text) => {
    const options = { input: parseJsonText(text), strict: false, now: io.now(), maxSteps: MAX_STEPS };
    for (const { file, policy } of prepared) {
      const solutions = policy.query(QUERY, options);
      const isAllowed = solutions.length === 1 && solutions[0]?.values[0] === true;
      if (!isAllowed) throw refuse(`${file}: ${QUERY} is not true of an attestation`);
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

function refuse(message: string): CommandError {
  return new CommandError(message, 'ERR_CLI_POLICY', EXIT_FAILURE);
}

const QUERY = 'data.signature.allow';
const CUSTOM = 'https://cosign.sigstore.dev/attestation/v1';
const MAX_STEPS = 10_000_000;
