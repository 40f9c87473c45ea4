import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProgramRun, ProgramOutcome } from './io.js';

/** Run a program of the PATH in a temporary folder that nobody else may read, and remove the folder. */
export async function runProgram(run: ProgramRun): Promise<ProgramOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'sealwright-run-'));
  try {
    for (const [path, text] of Object.entries(run.files)) {
      const place = join(folder, path);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, text, { mode: 0o600 });
    }
    return await ended(run, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ended(
  { program, args, env, input, milliseconds, maxBytes }: ProgramRun,
  folder: string,
): Promise<ProgramOutcome> {
  const options = {
    ...(env === 'inherited' ? {} : { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env } }),
    timeout: milliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: maxBytes,
    windowsHide: true,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ ended: 'itself', status: 0, stdout, stderr });
      else if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ ended: 'missing' });
      else if (typeof error.code === 'number')
        resolve({ ended: 'itself', status: error.code, stdout, stderr });
      else if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve({ ended: 'output' });
      else if (error.killed === true) resolve({ ended: 'time' });
      else reject(error);
    });
    child.stdin?.on('error', () => undefined); // it need not read all of it
    child.stdin?.end(input);
  });
}
