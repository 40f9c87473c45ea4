import { spawn } from 'node:child_process';

/** Show a page with the program of the platform for that; whether it did not fail at once. */
export async function openBrowser(url: string): Promise<boolean> {
  const [program, ...args] = PROGRAMS[process.platform] ?? ['xdg-open'];
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore', windowsHide: true });
    const running = setTimeout(() => resolve(true), STARTED_MILLISECONDS);
    const end = (opened: boolean): void => {
      clearTimeout(running);
      resolve(opened);
    };
    child.once('error', () => end(false));
    child.once('exit', (status) => end(status === 0));
    child.unref();
  });
}

const PROGRAMS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
const STARTED_MILLISECONDS = 3000;
