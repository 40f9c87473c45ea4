import { type Bytes, encodeBase64 } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import { descriptorContent } from '../descriptor-content.js';
import { type DescriptorOptions, parseResourceDescriptor, type ResourceDescriptor } from '../descriptor.js';
import { InTotoError } from '../errors.js';
import { STATEMENT_LIMITS } from '../statement-json.js';
import { Message, mustBeWithin } from './message.js';
import { StructBudget, structBytes, structOf, textMapOf, writeTextMap } from './struct.js';
import { WireWriter } from './wire.js';

/**
 * Read a `ResourceDescriptor` of `in_toto_attestation.v1`. Unknown fields are skipped; what is left is checked as JSON would be.
 *
 * @param bytes - the message
 * @param options - strictness
 * @throws {@link InTotoError}
 */
export function parseDescriptorProto(bytes: Uint8Array, options: DescriptorOptions = {}): ResourceDescriptor {
  mustBeWithin(bytes, STATEMENT_LIMITS.maxBytes, 'INTOTO');
  const { maxDigests, maxDepth } = STATEMENT_LIMITS;
  const json = descriptorJson(bytes, { maxDigests, budget: new StructBudget(maxDepth) });
  return parseResourceDescriptor(json, options).descriptor;
}

/**
 * Write a `ResourceDescriptor`, fields in order and maps sorted. Members that the schema does not have are left out, and so is
 * empty text, which protobuf does not tell from missing.
 *
 * @param descriptor - what to write
 * @throws {@link InTotoError} `INTOTO_BAD_BASE64` for content that does not decode.
 */
export function encodeDescriptorProto(descriptor: ResourceDescriptor): Bytes {
  const { name, uri, digest = {}, content, downloadLocation, mediaType, annotations } = descriptor;
  const decoded = content === undefined ? new Uint8Array() : descriptorContent(descriptor);
  if (decoded === undefined) throw new InTotoError('INTOTO_BAD_BASE64', 'content is base64');
  const writer = new WireWriter().text(1, name).text(2, uri);
  writeTextMap(writer, 3, digest);
  writer.bytes(4, decoded).text(5, downloadLocation).text(6, mediaType);
  if (annotations !== undefined) writer.bytes(7, structBytes(annotations), { always: true });
  return writer.finish();
}

/** A descriptor as JSON has it, not checked. */
export function descriptorJson(
  bytes: Uint8Array,
  caps: { readonly maxDigests: number; readonly budget: StructBudget },
): JsonObject {
  const message = new Message(bytes, { ...DESCRIPTOR, repeated: { digest: caps.maxDigests } });
  const result: JsonObject = {};
  for (const name of ['name', 'uri', 'downloadLocation', 'mediaType']) {
    const text = message.text(name);
    if (text !== '') result[name] = text;
  }
  const digest = message.all('digest');
  if (digest.length > 0) result['digest'] = textMapOf(digest);
  const content = message.bytes('content');
  if (content !== undefined && content.byteLength > 0) result['content'] = encodeBase64(content);
  const annotations = message.bytes('annotations');
  if (annotations !== undefined) result['annotations'] = structOf(annotations, caps.budget);
  return result;
}

const DESCRIPTOR = {
  names: {
    1: 'name',
    2: 'uri',
    3: 'digest',
    4: 'content',
    5: 'downloadLocation',
    6: 'mediaType',
    7: 'annotations',
  },
  layer: 'INTOTO',
} as const;
