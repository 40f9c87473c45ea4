import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { type DsseEnvelope, INTOTO_PAYLOAD_TYPE, InTotoError, parseEnvelope } from '@sealwright/in-toto';
import { isJsonObject, type JsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import { CommandError, EXIT_FAILURE } from './failure.js';

/** A statement as a file holds it: bare, in an envelope, or in the envelope of a Sigstore bundle. Nothing is verified. */
export interface FoundStatement {
  /** What it stands in. */
  readonly form: 'statement' | 'envelope' | 'bundle';
  /** Line in the file, from 1, where the file has one document a line. */
  readonly line?: number;
  /** The bytes of the statement. */
  readonly bytes: Uint8Array;
  /** The envelope around it. */
  readonly envelope?: DsseEnvelope;
  /** The JSON document that it was found in. */
  readonly source: string;
}

/**
 * The statements of a file: one JSON document, or one a line.
 *
 * @param bytes - of the file
 * @throws {@link CommandError} with `ERR_CLI_NO_STATEMENT`; {@link @sealwright/in-toto#InTotoError}; {@link @sealwright/json#JsonError}
 */
export function statementsIn(bytes: Uint8Array): readonly FoundStatement[] {
  const whole = decodeUtf8(bytes);
  let document: JsonValue;
  try {
    document = parseJson(whole);
  } catch (error) {
    const lines = whole.split('\n').map((text, index) => ({ text, line: index + 1 }));
    const said = lines.filter(({ text }) => text.trim() !== '');
    if (!(error instanceof JsonError) || said.length < 2) throw error;
    return said.map(({ text, line }) => ({ ...atLine(line, () => found(parseJson(text), text)), line }));
  }
  return [found(document, whole)];
}

function found(document: JsonValue, text: string): FoundStatement {
  if (!isJsonObject(document)) throw notOne();
  const envelope = envelopeIn(document, text);
  if (envelope === undefined) return { form: 'statement', bytes: encodeUtf8(text), source: text };
  if (envelope.payloadType !== INTOTO_PAYLOAD_TYPE)
    throw new CommandError(
      `the payload type of a statement is ${INTOTO_PAYLOAD_TYPE}, not ${JSON.stringify(envelope.payloadType)}`,
      'ERR_CLI_NO_STATEMENT',
      EXIT_FAILURE,
    );
  return {
    form: 'payload' in document ? 'envelope' : 'bundle',
    bytes: envelope.payload,
    envelope,
    source: text,
  };
}

function envelopeIn(document: JsonObject, text: string): DsseEnvelope | undefined {
  if ('payload' in document) return parseEnvelope(text, { mode: 'tolerant' });
  const inner = document['dsseEnvelope'];
  if (inner !== undefined) return parseEnvelope(JSON.stringify(inner), { mode: 'tolerant' });
  if ('_type' in document || 'predicateType' in document) return undefined;
  throw notOne();
}

function notOne(): CommandError {
  return new CommandError(
    'neither a statement, nor a DSSE envelope, nor a bundle with one',
    'ERR_CLI_NO_STATEMENT',
    EXIT_FAILURE,
  );
}

function atLine<T>(line: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof CommandError)
      throw new CommandError(`line ${line}: ${error.message}`, error.code, error.exitCode);
    if (error instanceof InTotoError || error instanceof JsonError)
      throw new CommandError(`line ${line}: ${error.message}`, error.code, EXIT_FAILURE);
    throw error;
  }
}
