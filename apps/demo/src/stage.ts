import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { listen, type Listening, startProgram, type StartedProgram } from '@sealwright/service';
import { createRegistry, pushTestImage, type Registry, type TestImage } from '@sealwright/testing';

/** Everything that the story plays with: folders, a registry, and the programs that were started. */
export interface Stage {
  /** A temporary folder. */
  readonly folder: string;
  /** A folder in memory; in `folder` where the system has none. */
  readonly memory: string;
  /** Whether `memory` really is in memory. */
  readonly hasMemory: boolean;
  readonly registry: Registry;
  /** `host:port/repository` of the image. */
  readonly repository: string;
  readonly image: TestImage;
  /** The file of one of our programs. */
  program(name: 'kbs' | 'agent' | 'controller'): string;
  /** Start one of our programs; it ends with the stage. */
  start(name: 'kbs' | 'agent' | 'controller', args: readonly string[]): Promise<StartedProgram>;
  /** End every program, remove every file. */
  clear(): Promise<void>;
}

/** Set the stage: a registry on loopback with one image. */
export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'sealwright-demo-'));
  const hasMemory = existsSync('/dev/shm') && statfsSync('/dev/shm').type === TMPFS;
  const memory = hasMemory ? mkdtempSync('/dev/shm/sealwright-demo-') : join(folder, 'memory');
  for (const name of ['runs', 'manifest', ...(hasMemory ? [] : ['memory'])]) mkdirSync(join(folder, name));
  const registry = createRegistry();
  const server: Listening = await listen((request) => registry.fetch(request), {
    host: '127.0.0.1',
    port: 0,
  });
  const image = pushTestImage(registry, 'shop/checkout');
  const started: StartedProgram[] = [];
  const program = (name: string): string => resolve(import.meta.dirname, `../../${name}/dist/main.js`);
  return {
    folder,
    memory,
    hasMemory,
    registry,
    repository: `${new URL(server.url).host}/${image.repository}`,
    image,
    program,
    start: async (name, args) => {
      const running = await startProgram(program(name), args);
      started.push(running);
      return running;
    },
    clear: async () => {
      await Promise.all(started.map((each) => each.stop()));
      await server.close();
      rmSync(folder, { recursive: true, force: true });
      rmSync(memory, { recursive: true, force: true });
    },
  };
}

const TMPFS = 0x0102_1994;
