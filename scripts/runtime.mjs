// Plain JavaScript without dependencies: runs on any Node from 20.12 on, before anything is installed.
import '../evidence/bin/needed-node.cjs';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

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
      (entry.link === true && existsSync(join(folder, path))) ||
      (path in installed
        ? installed[path].version === entry.version
        : entry.optional === true || entry.devOptional === true || entry.peer === true),
  );
}

/**
 * The data folder that `--data` names, absolute.
 * @throws Error when it names none: an empty name would be this folder itself
 */
export function dataFolder(name) {
  if (name.trim() === '') throw new Error('--data needs the name of a folder');
  return resolve(root, name);
}

/** Runs `npm ci` when needed. Resolves with false when it failed or was interrupted. */
export async function ensurePackages() {
  if (packagesInstalled()) return true;
  console.log('Installing packages (npm ci) …');
  // npm replaces node_modules, so it must not itself run on the Node in there.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(root));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env });
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

/** The same of one that needs the packages installed, and with `build` everything built; says so when they are not. */
export async function runInstalled(program, args, { build = false } = {}) {
  if (!packagesInstalled()) {
    console.error(
      'The packages are not installed: run "npm ci" first, or npm start, which installs them.',
    );
    return 1;
  }
  if (build) {
    const code = await run('npm', ['run', '--silent', 'build'], {});
    if (code !== 0) return code;
  }
  return runOnProjectNode([join(root, program), ...args]);
}

/** Runs one of our TypeScript programs on the project's own Node; resolves with its exit code. */
export function runOnProjectNode(args) {
  // The channel tells the program when this process has died without a word.
  return run(projectNode, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
}

/**
 * Resolves with the exit code: 128 and the number of the signal for a program that was interrupted. The program
 * leads a process group of its own: a signal reaches it once, from here, and what it leaves behind ends with it.
 */
function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', detached: true, ...options });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    // npm ends at a SIGTERM without handing it on: then its end is the signal.
    const parent = process.ppid;
    const watch =
      process.env.npm_lifecycle_event === undefined
        ? undefined
        : setInterval(() => process.ppid === parent || forward('SIGTERM'), 500);
    const settle = (code) => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      settle(127);
    });
    child.once('exit', (code, signal) => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing is left of its group.
      }
      settle(code ?? 128 + constants.signals[signal]);
    });
  });
}
