import { readFileSync } from 'node:fs';
import {
  createLog,
  listen,
  parseAddress,
  parseFlags,
  run,
  UsageError,
  type Listening,
} from '@sealwright/service';
import { buildKbs, MAX_HEADER_BYTES } from './build.js';
import { parseConfig } from './config/parse.js';
import { mustBeSound, mustBeSupported, type SupportedConfig } from './config/supported.js';

await run('sealwright-kbs', async (args) => {
  const flags = parseFlags(
    args,
    {
      'config-file': {
        type: 'string',
        short: 'c',
        value: 'FILE',
        help: 'kbs-config.toml; else $KBS_CONFIG_FILE',
      },
      listen: {
        type: 'string',
        multiple: true,
        value: 'ADDRESS',
        help: 'listen here instead of http_server.sockets; may be repeated',
      },
    },
    {
      usage: 'sealwright-kbs --config-file FILE [--listen ADDRESS]',
      summary: 'A key broker: hands secrets to guests that attest themselves, if its policy allows.',
      examples: [
        'sealwright-kbs -c kbs-config.toml',
        'sealwright-kbs -c kbs-config.toml --listen 127.0.0.1:0',
      ],
    },
  );
  if (typeof flags === 'string') return flags;
  const file = flags['config-file'] ?? process.env['KBS_CONFIG_FILE'];
  if (file === undefined) throw new UsageError('--config-file is required');
  const config = readConfig(file);
  const addresses = (flags.listen ?? config.http_server.sockets).map(parseAddress);
  const kbs = await buildKbs(config, { log: createLog('kbs') });
  const servers: Listening[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
    kbs.close();
  };
  try {
    for (const address of addresses)
      servers.push(await listen(kbs.handler, address, { maxHeaderBytes: MAX_HEADER_BYTES }));
  } catch (cause) {
    await stop();
    throw cause;
  }
  const urls = servers.map(({ url }) => url);
  return { ready: { url: urls[0], ...(urls.length > 1 ? { urls } : {}) }, stop };
});

function readConfig(file: string): SupportedConfig {
  let toml: string;
  try {
    toml = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file}: ${cause instanceof Error ? cause.message : 'cannot be read'}`, { cause });
  }
  const parsed = parseConfig(toml, file);
  mustBeSound(parsed);
  return mustBeSupported(parsed);
}
