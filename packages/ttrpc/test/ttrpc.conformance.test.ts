import { decodeBase64, decodeHex, encodeBase64, encodeHex } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  attestationAgentService,
  createClient,
  createStub,
  type FieldType,
  type Frame,
  FrameDecoder,
  getResourceService,
  imagePullService,
  implement,
  keyProviderService,
  messageCodec,
  type MessageDescriptor,
  sealedSecretService,
  secureMountService,
  serve,
  type ServiceDescriptor,
  STATUS_CODES,
  type StatusName,
  TtrpcError,
} from '../src/index.js';
import { requestFrame, response as responseEnvelope } from './envelopes.js';
import { Peer } from './peer.js';

const area = vectorArea('agent');
const SERVICES: readonly ServiceDescriptor[] = [
  attestationAgentService,
  getResourceService,
  imagePullService,
  keyProviderService,
  sealedSecretService,
  secureMountService,
];

/** The cases of all files whose name begins so; a folder of the same layout may have more of them. */
function casesOf<T>(prefix: string, read: (file: unknown) => readonly T[]): T[] {
  const names = area.list().filter((name) => name.startsWith(prefix) && name.endsWith('.json'));
  return names.flatMap((name) => read(area.json(name)));
}

interface CallCase {
  readonly id: string;
  readonly service: string;
  readonly method: string;
  readonly request: object;
  readonly request_pb_hex: string;
  readonly request_frame_hex: string;
  readonly response: object;
  readonly response_pb_hex: string;
  readonly response_frame_hex: string;
  readonly response_frame_hex_without_status: string;
}

describe.skipIf(!area.present)('ttrpc-calls', () => {
  const cases = area.present ? casesOf<CallCase>('ttrpc-calls', (file) => file as CallCase[]) : [];

  it.each(cases)('messages of $id', (vector) => {
    const method = methodOf(vector);
    for (const [descriptor, json, hex] of [
      [method.request, vector.request, vector.request_pb_hex],
      [method.response, vector.response, vector.response_pb_hex],
    ] as const) {
      const codec = messageCodec<MessageDescriptor>(descriptor);
      expect(encodeHex(codec.encode(fromJson(descriptor, json) as never))).toBe(hex);
      expect(toJson(descriptor, codec.decode(decodeHex(hex)))).toEqual(json);
    }
  });

  it.each(
    cases.flatMap((vector) => [
      { ...vector, answer: vector.response_frame_hex, title: `${vector.id} by our client` },
      {
        ...vector,
        answer: vector.response_frame_hex_without_status,
        title: `${vector.id} by our client, no status`,
      },
    ]),
  )('$title', async ({ answer, ...vector }) => {
    const { request, response } = methodOf(vector);
    const peer = new Peer();
    const client = createClient(peer.duplex);
    const streamId = streamIdOf(vector.request_frame_hex);
    for (let id = 1; id < streamId; id += 2) {
      client.unary({ service: 's', method: 'm' }).catch(() => undefined);
    }
    const stub = createStub<ServiceDescriptor>(client, serviceOf(vector)) as unknown as Stub;
    const result = stub[vector.method]?.(fromJson(request, vector.request));
    await peer.received((streamId + 1) / 2);
    const sent = encodeHex(peer.chunks.at(-1) ?? new Uint8Array());
    expect(sent.endsWith(vector.request_frame_hex)).toBe(true);
    await peer.send(decodeHex(answer));
    expect(toJson(response, (await result) ?? {})).toEqual(vector.response);
    client.close();
  });

  it.each(cases)('$id by our server', async (vector) => {
    const { request, response } = methodOf(vector);
    const peer = new Peer();
    const handlers = {
      [vector.method]: (message: Values) => {
        expect(toJson(request, message)).toEqual(vector.request);
        return fromJson(response, vector.response);
      },
    };
    const server = serve(peer.duplex, [implement<ServiceDescriptor>(serviceOf(vector), handlers as never)]);
    await peer.send(decodeHex(vector.request_frame_hex));
    await peer.received(1);
    expect(encodeHex(peer.chunks[0] ?? new Uint8Array())).toBe(vector.response_frame_hex);
    server.close();
  });
});

interface ServerCase {
  readonly id: string;
  readonly note: string;
  readonly stub: Readonly<Record<string, string>>;
  readonly frames_hex?: string;
  readonly header_hex?: string;
  readonly body_zero_bytes?: number;
  readonly observed_go_1_1_1_answer_hex: string;
}

describe.skipIf(!area.present)('ttrpc-server-input', () => {
  const cases = area.present
    ? casesOf<ServerCase>('ttrpc-server-input', (file) => {
        const { stub, cases } = file as { stub: ServerCase['stub']; cases: readonly ServerCase[] };
        return cases.map((vector) => ({ ...vector, stub }));
      })
    : [];

  it.each(cases)('$id: $note', async (vector) => {
    const expected = framesOf(decodeHex(vector.observed_go_1_1_1_answer_hex));
    const peer = new Peer();
    const server = serve(peer.duplex, stubServices(vector.stub));
    await peer.send(
      decodeHex(vector.frames_hex ?? vector.header_hex ?? ''),
      new Uint8Array(vector.body_zero_bytes ?? 0),
    );
    await peer.received(expected.length);
    // The connection is still good, and nothing else was answered.
    await peer.send(requestFrame(LAST_ID, 'none', 'none'));
    const frames = await peer.received(expected.length + 1);
    expect(frames.map(({ streamId }) => streamId)).toEqual([
      ...expected.map(({ streamId }) => streamId),
      LAST_ID,
    ]);
    for (const [index, frame] of expected.entries()) expectAnswer(frames[index], frame, vector.note);
    server.close();
  });
});

function expectAnswer(answer: Frame | undefined, expected: Frame, note: string): void {
  expect(answer?.type).toBe(expected.type);
  const got = responseEnvelope.decode(answer?.data ?? new Uint8Array());
  const wanted = responseEnvelope.decode(expected.data ?? new Uint8Array());
  const code = wanted.status?.code ?? 0;
  if (code === 0) {
    expect(got.status?.code ?? 0).toBe(0);
    expect(got.payload).toEqual(wanted.payload);
    return;
  }
  const named = (note.match(/[A-Z_]{4,}/g) ?? []).filter((name) => name in STATUS_CODES);
  const codes = named.map((name): number => STATUS_CODES[name as StatusName]);
  if (note.includes('any non-OK code')) expect(got.status?.code ?? 0).not.toBe(0);
  else expect(codes.length === 0 ? [code] : codes).toContain(got.status?.code);
  expect(got.status?.message).not.toBe('');
}

interface ClientCase {
  readonly id: string;
  readonly note: string;
  readonly frame_hex: string;
  readonly expect: {
    readonly ok: boolean;
    readonly payload_hex?: string;
    readonly code?: number;
    readonly message?: string;
    readonly error?: string;
  };
}

describe.skipIf(!area.present)('ttrpc-client-input', () => {
  const cases = area.present ? casesOf<ClientCase>('ttrpc-client-input', (file) => file as ClientCase[]) : [];

  it.each(cases)('$id: $note', async ({ frame_hex, expect: expected }) => {
    const peer = new Peer();
    const client = createClient(peer.duplex);
    const result = client.unary({ service: 's', method: 'm' }).catch((error: unknown) => error);
    await peer.send(decodeHex(frame_hex));
    void peer.end(); // what the frame leaves open fails
    const answer = await result;
    if (expected.ok) {
      expect(answer).toEqual(decodeHex(expected.payload_hex ?? ''));
      return;
    }
    if (!(answer instanceof TtrpcError)) throw new Error('the call did not fail');
    if (expected.code === undefined) {
      expect(answer.code).not.toBe('ERR_TTRPC_STATUS');
    } else {
      expect(answer).toMatchObject({
        code: 'ERR_TTRPC_STATUS',
        status: expected.code,
        message: expected.message,
      });
    }
  });
});

type Values = Readonly<Record<string, unknown>>;
type Stub = Readonly<Record<string, (message: object) => Promise<Values>>>;

function serviceOf({ service }: { readonly service: string }): ServiceDescriptor {
  const found = SERVICES.find(({ name }) => name === service);
  if (found === undefined) throw new Error(`no service ${service}`);
  return found;
}

function methodOf(vector: { readonly service: string; readonly method: string }) {
  const method = serviceOf(vector).methods[vector.method];
  if (method === undefined) throw new Error(`no method ${vector.method}`);
  return method;
}

/** Services that answer as the vectors' stub does: `<service>/<method>[ <text of the request>]`, a response's one field. */
function stubServices(stub: Readonly<Record<string, string>>) {
  return SERVICES.map((service) => {
    const handlers = Object.entries(service.methods).map(([name, { response }]) => {
      const answer = (message: Values): object => {
        const words = Object.values(message).filter((value) => typeof value === 'string' && value !== '');
        const key = [`${service.name}/${name}`, ...words].join(' ');
        const [[field, { type }] = ['', { type: 'string' as FieldType }]] = Object.entries(response);
        return { [field]: fromJsonValue(type, stub[key]) };
      };
      const used = Object.keys(stub).some((key) => key.split(' ')[0] === `${service.name}/${name}`);
      return [name, used ? answer : undefined];
    });
    return implement<ServiceDescriptor>(service, Object.fromEntries(handlers) as never);
  });
}

/** The JSON form of proto3: bytes as base64, 64-bit numbers as text, defaults left out. */
function fromJson(descriptor: MessageDescriptor, json: object): Values {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      const field = descriptor[name];
      if (field === undefined) throw new Error(`no field ${name}`);
      const read = (each: unknown): unknown => fromJsonValue(field.type, each);
      return [name, field.repeated === true ? (value as unknown[]).map(read) : read(value)];
    }),
  );
}

function fromJsonValue(type: FieldType, value: unknown): unknown {
  if (type === 'bytes') return decodeBase64(String(value));
  if (type === 'int64' || type === 'uint64') return BigInt(String(value));
  return value;
}

function toJson(descriptor: MessageDescriptor, message: object): object {
  const values = message as Values;
  const json: Record<string, unknown> = {};
  for (const [name, { type, optional }] of Object.entries(descriptor)) {
    const value = values[name];
    const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    const isDefault =
      value === '' || value === 0n || value === 0 || value === false || value === firstOf(type);
    if (value === undefined || empty || (isDefault && optional !== true)) continue;
    if (value instanceof Uint8Array) json[name] = encodeBase64(value);
    else json[name] = typeof value === 'bigint' ? String(value) : value;
  }
  return json;
}

function firstOf(type: FieldType): unknown {
  return Array.isArray(type) ? (type as readonly string[])[0] : undefined;
}

function framesOf(bytes: Uint8Array): Frame[] {
  const decoder = new FrameDecoder();
  decoder.push(bytes);
  const frames: Frame[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  return frames;
}

function streamIdOf(frameHex: string): number {
  return framesOf(decodeHex(frameHex))[0]?.streamId ?? 1;
}

const LAST_ID = 0x7fff_ffff;
