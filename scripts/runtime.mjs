// Plain JavaScript without dependencies: runs on any Node from 20 on, before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** The Node that the lock file pins, whatever Node runs this script. */
const projectNode = join(root, 'node_modules', '.bin', 'node');

/** True when node_modules holds exactly what package-lock.json asks for; optional packages may be left out. */
export function packagesInstalled(folder = root) {
  const hidden = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden) || !existsSync(join(folder, 'node_modules', '.bin', 'node')))
    return false;
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.includes('node_modules/') ||
      entry.link === true ||
      (path in installed
        ? installed[path].version === entry.version
        : entry.optional === true || entry.devOptional === true || entry.peer === true),
  );
}

/** Runs `npm ci` when needed. Resolves with false when it failed or was interrupted. */
export async function ensurePackages() {
  if (packagesInstalled()) return true;
  console.log('Installing packages (npm ci) …');
  const npm = process.env.npm_execpath;
  const [command, ...prefix] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const code = await run(command, [...prefix, 'ci', '--no-audit', '--no-fund']);
  if (code !== 0) {
    console.error('The packages could not be installed: see the messages of npm above.');
    return false;
  }
  if (!existsSync(projectNode)) {
    console.error(
      'npm did not run the install script of the package "node", which brings Node 24. ' +
        'Allow it (npm config get ignore-scripts must say false) and try again.',
    );
    return false;
  }
  return true;
}

/** Runs one of our TypeScript programs on the project's own Node; resolves with its exit code. */
export function runOnProjectNode(args) {
  // The channel tells the program when this process has died without a word.
  return run(projectNode, args, ['inherit', 'inherit', 'inherit', 'ipc']);
}

/**
 * The child has a process group of its own, so that Ctrl-C reaches it once, from here, and not also from
 * the terminal; 128 + the number of the signal is the exit code of an interrupted program.
 */
function run(command, args, stdio = 'inherit') {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio, detached: true });
    const forward = (signal) => {
      try {
        process.kill(stdio === 'inherit' ? -child.pid : child.pid, signal);
      } catch {
        // It has ended in the meantime.
      }
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
    for (const signal of signals) process.on(signal, forward);
    const settle = (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      settle(127);
    });
    child.once('exit', (code, signal) => settle(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
