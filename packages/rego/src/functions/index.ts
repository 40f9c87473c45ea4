/**
 * The built-in functions of Open Policy Agent that agents and key brokers do not have: networks as numbers, graphs, globs, URLs, YAML,
 * patches, templates, annotations, cryptography, tokens. Give them to `preparePolicy`, all or some.
 *
 * @packageDocumentation
 */
import type { HostFunction } from '../builtins/builtin.js';
import { AWS } from './aws.js';
import { DIGESTS } from './digests.js';
import { GLOB } from './glob.js';
import { GRAPH } from './graph.js';
import { GRAPHQL } from './graphql/index.js';
import { JSON_PATCH } from './json-patch.js';
import { JSON_SCHEMA } from './json-schema.js';
import { METADATA } from './metadata.js';
import { NET } from './net.js';
import { NETWORK } from './network.js';
import { TEMPLATES } from './template.js';
import { TOKENS } from './tokens.js';
import { URLS } from './urls.js';
import { X509 } from './x509.js';
import { YAML } from './yaml.js';

/** By name. `http.send` and `net.lookup_ip_addr` are there, and fail: a policy has no network. */
export const FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  ...AWS,
  ...DIGESTS,
  ...GLOB,
  ...GRAPH,
  ...GRAPHQL,
  ...JSON_PATCH,
  ...JSON_SCHEMA,
  ...METADATA,
  ...NET,
  ...NETWORK,
  ...TEMPLATES,
  ...TOKENS,
  ...URLS,
  ...X509,
  ...YAML,
};

export type { CallContext, CallSite, HostFunction } from '../builtins/builtin.js';
export { RegoError, type Place, type RegoErrorCode } from '../errors.js';
export { parseYamlText } from './yaml.js';
export { RegoDecimal } from '../decimal.js';
export type { Regex, RegexMatch } from '../regex.js';
export { RegoObject, RegoSet, type Value } from '../values.js';
