import type { JsonObject, JsonValue } from '@sealwright/json';
import type { LayoutKey } from './key.js';
import type { Artifacts, CertConstraint, Layout, Link, Step } from './model.js';
import { encodeRule } from './rule.js';

/**
 * The object that a layout is signed as.
 *
 * @param layout - what to write
 */
export function encodeLayout(layout: Layout): JsonObject {
  return {
    _type: 'layout',
    expires: layout.expires,
    readme: layout.readme,
    keys: keysJson(layout.keys),
    ...(Object.keys(layout.rootCas).length === 0 ? {} : { rootcas: keysJson(layout.rootCas) }),
    ...(Object.keys(layout.intermediateCas).length === 0
      ? {}
      : { intermediatecas: keysJson(layout.intermediateCas) }),
    steps: layout.steps.map((step) => ({
      _type: 'step',
      name: step.name,
      expected_command: [...step.expectedCommand],
      pubkeys: [...step.pubkeys],
      ...(step.certConstraints.length === 0
        ? {}
        : { cert_constraints: step.certConstraints.map(constraintJson) }),
      threshold: step.threshold,
      ...rulesJson(step),
    })),
    inspect: layout.inspections.map((inspection) => ({
      _type: 'inspection',
      name: inspection.name,
      run: [...inspection.run],
      ...rulesJson(inspection),
    })),
  };
}

/**
 * The object that a link is signed as.
 *
 * @param link - what to write
 */
export function encodeLink(link: Link): JsonObject {
  return {
    _type: 'link',
    name: link.name,
    command: [...link.command],
    materials: artifactsJson(link.materials),
    products: artifactsJson(link.products),
    byproducts: { ...link.byproducts },
    environment: { ...link.environment },
  };
}

function artifactsJson(artifacts: Artifacts): JsonObject {
  return Object.fromEntries(Object.entries(artifacts).map(([path, digests]) => [path, { ...digests }]));
}

function keysJson(keys: Readonly<Record<string, LayoutKey>>): JsonObject {
  return Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, keyJson(key)]));
}

function keyJson(key: LayoutKey): JsonObject {
  return {
    keyid: key.keyid,
    ...(key.keyidHashAlgorithms === undefined ? {} : { keyid_hash_algorithms: [...key.keyidHashAlgorithms] }),
    keytype: key.keytype,
    keyval: {
      public: key.public,
      ...(key.certificate === undefined ? {} : { certificate: key.certificate }),
    },
    scheme: key.scheme,
  };
}

function constraintJson(constraint: CertConstraint): JsonValue {
  return {
    common_name: constraint.commonName,
    dns_names: [...constraint.dnsNames],
    emails: [...constraint.emails],
    organizations: [...constraint.organizations],
    roots: [...constraint.roots],
    uris: [...constraint.uris],
  };
}

function rulesJson(item: Pick<Step, 'expectedMaterials' | 'expectedProducts'>): JsonObject {
  return {
    expected_materials: item.expectedMaterials.map(encodeRule),
    expected_products: item.expectedProducts.map(encodeRule),
  };
}
