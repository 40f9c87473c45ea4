import { endpointPattern } from '../admin/endpoint-pattern.js';
import type { Section } from './section.js';
import type { AdminConfig, EndpointRule, IdentityProvider } from './types.js';

/**
 * Read `[admin]`. Only the members of the chosen mode may be there.
 *
 * @param section - the table
 */
export function parseAdmin(section: Section): AdminConfig {
  const authorizationMode = section.word('authorization_mode', MODES);
  if (authorizationMode === undefined) {
    section.done(OLD_NAMES);
    return section.fail('authorization_mode', 'is required');
  }
  const config =
    authorizationMode === 'AuthenticatedAuthorization'
      ? { authorization_mode: authorizationMode, ...parseAuthenticated(section) }
      : { authorization_mode: authorizationMode };
  section.done(OLD_NAMES);
  return config;
}

function parseAuthenticated(
  section: Section,
): Omit<Extract<AdminConfig, { authorization_mode: 'AuthenticatedAuthorization' }>, 'authorization_mode'> {
  const authentication = section.needSection('authentication');
  const bearer = authentication.needSection('bearer_jwt');
  const providers = bearer.sections('identity_providers')?.map(parseProvider) ?? [];
  if (providers.length === 0) bearer.fail('identity_providers', 'expected at least one');
  const authorization = section.needSection('authorization');
  const acl = authorization.needSection('regex_acl');
  const acls = acl.sections('acls')?.map(parseRule) ?? acl.fail('acls', 'is required');
  for (const table of [bearer, authentication, acl, authorization]) table.done();
  return {
    authentication: { bearer_jwt: { identity_providers: providers } },
    authorization: { regex_acl: { acls } },
  };
}

function parseProvider(section: Section): IdentityProvider {
  const provider = {
    issuer: section.text('issuer') ?? null,
    audience: section.text('audience') ?? null,
    public_key_uri: uriOf(section, 'public_key_uri'),
    jwk_set_uri: uriOf(section, 'jwk_set_uri'),
  };
  if (provider.public_key_uri === null && provider.jwk_set_uri === null) {
    section.fail('public_key_uri', 'this or jwk_set_uri is required');
  }
  section.done();
  return provider;
}

function uriOf(section: Section, name: string): string | null {
  const uri = section.text(name);
  if (uri === undefined) return null;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(uri)?.[1];
  if (scheme === undefined || scheme === 'https' || scheme === 'file') return uri;
  return section.fail(name, 'expected https://, file:// or a path');
}

function parseRule(section: Section): EndpointRule {
  const rule = { role: section.needText('role'), allowed_endpoints: section.needText('allowed_endpoints') };
  const pattern = endpointPattern(rule.allowed_endpoints);
  if (typeof pattern === 'string') section.fail('allowed_endpoints', pattern);
  section.done();
  return rule;
}

const MODES: ReadonlyMap<string, AdminConfig['authorization_mode']> = new Map([
  ['InsecureAllowAll', 'InsecureAllowAll'],
  ['DenyAll', 'DenyAll'],
  ['AuthenticatedAuthorization', 'AuthenticatedAuthorization'],
]);

const OLD_NAMES: Readonly<Record<string, string>> = {
  type: 'is of v0.16 to v0.20; it is called authorization_mode since v0.21, with other members',
  personas: 'is of v0.16 to v0.20; see authentication.bearer_jwt.identity_providers',
  roles: 'is of v0.18 to v0.20; see authorization.regex_acl.acls',
  auth_public_key: 'is of v0.11 to v0.15; see authentication.bearer_jwt.identity_providers',
  insecure_api: 'is of v0.11 to v0.15; it is authorization_mode = "InsecureAllowAll" now',
};
