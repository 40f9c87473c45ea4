/**
 * The configuration file of key providers, which `OCICRYPT_KEYPROVIDER_CONFIG` names.
 *
 * @module
 */
import { isJsonObject, jsonPointer, type JsonObject } from '@sealwright/json';
import { OciError } from '../errors.js';
import { object } from './options.js';

/** How a key provider is reached. */
export type KeyProviderAddress =
  | {
      /** A program that reads a request on standard input and answers on standard output. */
      readonly kind: 'cmd';
      /** The program: a path, or a name to look for where programs are. */
      readonly path: string;
      /** Its arguments. */
      readonly args: readonly string[];
    }
  | {
      /** A service: by gRPC, by ttRPC, or within the library that reads the file. */
      readonly kind: 'grpc' | 'ttrpc' | 'native';
      /** Where: host and port, a socket, a name. */
      readonly address: string;
    };

/**
 * Read the configuration of key providers. Where an entry names several ways, the first of `cmd`, `grpc`, `ttrpc` and `native` counts.
 *
 * @param bytes - JSON, at most 64 KiB
 * @returns by the name of the provider
 * @throws {@link OciError} `ERR_OCI_KEY_PROVIDER`.
 */
export function parseKeyProviderConfig(bytes: Uint8Array): ReadonlyMap<string, KeyProviderAddress> {
  const providers = object(bytes, 'ERR_OCI_KEY_PROVIDER')['key-providers'] ?? {};
  if (!isJsonObject(providers)) throw fault('expected an object', 'key-providers');
  return new Map(
    Object.entries(providers).map(([name, entry]) => {
      if (!isJsonObject(entry)) throw fault('expected an object', 'key-providers', name);
      return [name, addressOf(entry, name)];
    }),
  );
}

function addressOf(entry: JsonObject, name: string): KeyProviderAddress {
  const cmd = entry['cmd'] ?? undefined;
  if (cmd !== undefined) {
    const { path, args } = isJsonObject(cmd) ? cmd : {};
    const list = args ?? [];
    if (typeof path !== 'string' || path === '') throw fault('expected a path', 'key-providers', name, 'cmd');
    if (!Array.isArray(list) || !list.every((each) => typeof each === 'string'))
      throw fault('expected arguments', 'key-providers', name, 'cmd', 'args');
    return { kind: 'cmd', path, args: list };
  }
  for (const kind of ['grpc', 'ttrpc', 'native'] as const) {
    const address = entry[kind] ?? '';
    if (typeof address !== 'string') throw fault('expected a string', 'key-providers', name, kind);
    if (address !== '') return { kind, address };
  }
  throw fault('expected cmd or grpc', 'key-providers', name);
}

function fault(message: string, ...path: readonly string[]): OciError {
  return new OciError('ERR_OCI_KEY_PROVIDER', message, { pointer: jsonPointer(...path) });
}
