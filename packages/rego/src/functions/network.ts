import { canonicalAddress } from './net.js';
import { literalText, type RegoObject, RegoSet } from '../values.js';
import { type Builtins, BuiltinFault, object, of, text } from '../builtins/builtin.js';

/** Functions that ask a network. There is none: they see to their arguments, and fail. */
export const NETWORK: Builtins = {
  'http.send': of(1, (args) => {
    requestNames(object(args, 0));
    throw new BuiltinFault('a policy has no network here');
  }),
  'net.lookup_ip_addr': of(1, (args) => {
    const name = text(args, 0);
    if (name === 'localhost') return new RegoSet(['127.0.0.1', '::1']); // by RFC 6761, without asking anyone
    const address = canonicalAddress(name);
    if (address !== undefined) return new RegoSet([address]);
    throw new BuiltinFault(`a policy has no network here to look up ${name}`);
  }),
};

/** See that a request has the parameters that it needs, and no others. */
export function requestNames(request: RegoObject): void {
  const names = request.entries().map(([name]) => literalText(name));
  const unknown = names.filter((name) => !HTTP_NAMES.has(name));
  if (unknown.length > 0)
    throw new BuiltinFault(`operand 1 invalid request parameters(s): {${unknown.join(', ')}}`, true);
  const missing = ['"method"', '"url"'].filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new BuiltinFault(`operand 1 missing required request parameters(s): {${missing.join(', ')}}`, true);
}

const HTTP_NAMES: ReadonlySet<string> = new Set(
  (
    'method url body enable_redirect force_json_decode force_yaml_decode headers raw_body tls_use_system_certs tls_ca_cert ' +
    'tls_ca_cert_file tls_ca_cert_env_variable tls_client_cert tls_client_cert_file tls_client_cert_env_variable ' +
    'tls_client_key tls_client_key_file tls_client_key_env_variable tls_insecure_skip_verify tls_server_name timeout cache ' +
    'force_cache force_cache_duration_seconds raise_error caching_mode max_retry_attempts cache_ignored_headers'
  )
    .split(' ')
    .map((name) => JSON.stringify(name)),
);
