/**
 * Messages to bytes and back, after the protobuf encoding of proto3.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import type { MessageDescriptor, MessageInit, MessageOf } from './descriptor.js';
import { readMessage } from './message-decoder.js';
import { writeMessage } from './message-encoder.js';
import { planMessage } from './plan.js';
import { WireWriter } from './wire-writer.js';

/** Encodes and decodes one kind of message. */
export interface MessageCodec<D extends MessageDescriptor> {
  /**
   * Encode a message: fields in the order of their numbers, defaults left out, lists of numbers packed.
   *
   * @param message - values of the fields; members that the descriptor lacks are ignored
   * @throws {@link TtrpcError} `ERR_TTRPC_MESSAGE` for text with half of a surrogate pair.
   * @throws TypeError for a value of another type than the field, or out of its range.
   */
  encode(message: MessageInit<D>): Bytes;
  /**
   * Decode a message. Unknown fields are stepped over, a field that comes twice has its last value, lists may be packed.
   *
   * @param bytes - the encoded message; the result shares no memory with it
   * @throws {@link TtrpcError} `ERR_TTRPC_MESSAGE` for bytes that are no message, `ERR_TTRPC_LIMIT` for more than
   * 65536 list entries, map entries and nested messages, or messages nested deeper than 64.
   */
  decode(bytes: Uint8Array): MessageOf<D>;
}

/**
 * Prepare a kind of message, once, for all messages of it.
 *
 * @param descriptor - the fields; it may hold itself
 * @throws TypeError for a descriptor that makes no message: a number out of range or used twice, a repeated map.
 *
 * @example
 * ```ts
 * const codec = messageCodec({ name: { no: 1, type: 'string' }, sizes: { no: 2, type: 'uint32', repeated: true } });
 * const bytes = codec.encode({ name: 'a', sizes: [1, 300] }); // 0a 01 61 12 03 01 ac 02
 * console.log(codec.decode(bytes).sizes); // 1,300
 * ```
 */
export function messageCodec<const D extends MessageDescriptor>(descriptor: D): MessageCodec<D> {
  const plan = planMessage(descriptor);
  return {
    encode(message) {
      const writer = new WireWriter();
      writeMessage(writer, plan, message);
      return writer.finish();
    },
    decode: (bytes) => readMessage(plan, bytes) as MessageOf<D>,
  };
}
