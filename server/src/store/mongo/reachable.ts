import {
  MongoClient,
  MongoServerError,
  MongoServerSelectionError,
  type ServerDescription,
  type TopologyDescription,
} from 'mongodb';
import { StoreUnavailable } from '../errors.ts';
import { APP_NAME } from './abandoned.ts';
import { withoutCredentials } from './address.ts';

/** A server that starts says within 3 s that it cannot; later, an election may take longer than that. */
const SELECTION_MS = 1_800;
const PATIENCE_MS = 2_500;
const REFUSED_LOGIN = 18;

/** @throws StoreUnavailable that names the address and what is wrong with it, unless a replica set or cluster answers there */
export async function assertReachable(url: string): Promise<void> {
  const fault = await faultOf(url);
  if (fault === undefined) return;
  throw new StoreUnavailable(`MongoDB at ${withoutCredentials(url)} cannot be used: ${fault}`);
}

async function faultOf(url: string): Promise<string | undefined> {
  let client: MongoClient;
  try {
    client = new MongoClient(url, {
      appName: APP_NAME,
      serverSelectionTimeoutMS: SELECTION_MS,
      connectTimeoutMS: SELECTION_MS,
      socketTimeoutMS: SELECTION_MS,
    });
  } catch {
    // The driver may quote the password in what it says of an address.
    return 'this is no address that can be read. Special characters in a name or password are written as %XX';
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, 'it does not answer');
  });
  try {
    return await Promise.race([greet(client), late]);
  } finally {
    clearTimeout(timer);
    void client.close().catch(() => undefined);
  }
}

async function greet(client: MongoClient): Promise<string | undefined> {
  try {
    await client.connect();
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello.setName !== undefined || hello.msg === 'isdbgrid') return undefined;
    return 'it is a standalone server, and a replica set is required, because versions are written in transactions: start mongod with --replSet and call rs.initiate() once';
  } catch (error) {
    if (error instanceof MongoServerSelectionError && error.reason) return unselected(error.reason);
    if (error instanceof MongoServerError && error.code === REFUSED_LOGIN)
      return 'it refuses this name or password';
    return (error as Error).message;
  }
}

/** Says why no server could be chosen, in terms of the ones that were tried. */
function unselected({ type, servers }: TopologyDescription): string {
  const tried = [...servers.values()];
  if (tried.some((server) => server.type === 'RSGhost')) {
    return 'its replica set is not initiated: call rs.initiate() once';
  }
  if (tried.length > 0 && tried.every(isSilent)) return 'it does not answer';
  const errors = tried.flatMap(errorOf);
  if (errors.length > 0) return `${errors.join('; ')}. Start it, or correct the address`;
  if (type === 'ReplicaSetNoPrimary' && tried.length > 0) return 'it has no primary now';
  return 'it is not the replica set that the address names, or does not answer';
}

/** True of one that took the connection, or swallowed it, and said nothing until time was over. */
function isSilent({ type, error }: ServerDescription): boolean {
  if (error === null) return type === 'Unknown';
  return /timed out|ETIMEDOUT/.test(`${error.message} ${String(error.cause)}`);
}

function errorOf(server: ServerDescription): string[] {
  const { address, error } = server;
  if (isSilent(server)) return [`${address}: it does not answer`];
  if (error === null) return [];
  const { message } = error.cause instanceof Error ? error.cause : error;
  return [message.includes(address) ? message : `${address}: ${message}`];
}
