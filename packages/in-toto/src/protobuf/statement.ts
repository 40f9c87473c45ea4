import { type Bytes, copyBytes } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import {
  encodeStatement,
  parseStatement,
  STATEMENT_V01,
  STATEMENT_V1,
  type Statement,
  type StatementInput,
  type StatementOptions,
} from '../statement.js';
import { STATEMENT_LIMITS } from '../statement-json.js';
import { descriptorJson, encodeDescriptorProto } from './descriptor.js';
import { Message, mustBeWithin } from './message.js';
import { StructBudget, structBytes, structOf } from './struct.js';
import { WireWriter } from './wire.js';

/**
 * Read a `Statement` of `in_toto_attestation.v1`. Unknown fields are skipped; what is left is checked as JSON would be. Numbers of
 * the predicate are doubles.
 *
 * @param bytes - the message; also the `bytes` of the result
 * @param options - strictness and caps
 * @throws {@link InTotoError}
 */
export function parseStatementProto(bytes: Uint8Array, options: StatementOptions = {}): Statement {
  const { maxBytes, maxDepth, maxSubjects, maxDigests } = { ...STATEMENT_LIMITS, ...options.limits };
  mustBeWithin(bytes, maxBytes, 'INTOTO');
  const message = new Message(bytes, { ...STATEMENT, repeated: { subject: maxSubjects } });
  const budget = new StructBudget(maxDepth);
  const predicate = message.bytes('predicate');
  const json: JsonObject = {
    _type: message.text('type'),
    subject: message.all('subject').map((subject) => descriptorJson(subject, { maxDigests, budget })),
    predicateType: message.text('predicateType'),
    ...(predicate === undefined ? {} : { predicate: structOf(predicate, budget) }),
  };
  // JSON can take up to six times the room of UTF-8
  const limits = { ...options.limits, maxBytes: maxBytes * 6 + 1024, maxDepth: maxDepth + 4 };
  const statement = parseStatement(JSON.stringify(json), { ...options, limits });
  return { ...statement, bytes: copyBytes(bytes) };
}

/**
 * Write a `Statement`, fields in order and maps sorted. This is for storage: what is signed is JSON. Members that the schema does
 * not have are left out.
 *
 * @param statement - what to write
 * @throws {@link InTotoError} for a statement that no reader would take.
 */
export function encodeStatementProto(statement: StatementInput): Bytes {
  const { version, subject, predicateType, predicate } = parseStatement(encodeStatement(statement), {
    mode: 'tolerant',
  });
  const writer = new WireWriter().text(1, version === 'v1' ? STATEMENT_V1 : STATEMENT_V01);
  for (const one of subject) writer.bytes(2, encodeDescriptorProto(one), { always: true });
  return writer.text(3, predicateType).bytes(4, structBytes(predicate), { always: true }).finish();
}

const STATEMENT = {
  names: { 1: 'type', 2: 'subject', 3: 'predicateType', 4: 'predicate' },
  layer: 'INTOTO',
} as const;
