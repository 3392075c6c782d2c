import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const built = join(__dirname, '..', 'build', 'tests');
export const frames = join(built, 'frames');

/** Bundles the page, and asks the backend for what it draws. */
export default function setup() {
  rmSync(built, { recursive: true, force: true });
  mkdirSync(frames, { recursive: true });
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: join(__dirname, '..'), stdio: ['ignore', 'ignore', 'inherit'] });
  run(process.execPath, join('tests', 'page', 'bundle.mjs'), built);
  run('go', 'test', '-count=1', './pkg/plugin', '-run', '^TestFramesForTheBrowser$', `-frames=${frames}`);
}
