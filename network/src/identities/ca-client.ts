import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { authorityName, type Authority } from './ca-config.ts';
import { runCommand } from '../processes/run-command.ts';
import type { Organisation } from '../topology/topology.ts';

export interface IssueRequest {
  readonly name: string;
  /** Fabric's node type: it becomes the organisational unit that NodeOUs classify by. */
  readonly type: string;
  /** Written into the certificate, where chaincode reads them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Subject alternative names; without any, the client would write this machine's name into them. */
  readonly hosts: readonly string[];
  /** Signing profile of the authority; its default when not given. */
  readonly profile?: string;
}

interface CaClientOptions {
  readonly bin: string;
  readonly url: string;
  readonly organisation: Organisation;
  readonly authority: Authority;
  readonly caHome: string;
  readonly timeout: number;
}

/** fabric-ca-client against one authority of a running Fabric CA. */
export class CaClient {
  readonly #options: CaClientOptions;
  readonly #home: string;

  constructor(options: CaClientOptions) {
    this.#options = options;
    this.#home = join(options.caHome, `registrar-${options.authority}`);
  }

  async enrolRegistrar(password: string): Promise<void> {
    await this.#enrol('registrar', password, join(this.#home, 'msp'), {
      hosts: ['registrar'],
    });
  }

  /** Registers an identity and enrols its certificate into `folder`. */
  async issue(request: IssueRequest, folder: string): Promise<void> {
    const secret = randomBytes(24).toString('base64url');
    const name = `${request.name}.${this.#options.organisation.name}`;
    const attributes = Object.entries(request.attributes).map(([k, v]) => `${k}=${v}:ecert`);
    await this.#run(
      [
        'register',
        ...['--id.name', name, '--id.type', request.type],
        ...(attributes.length > 0 ? ['--id.attrs', attributes.join(',')] : []),
      ],
      { FABRIC_CA_CLIENT_ID_SECRET: secret, FABRIC_CA_CLIENT_URL: this.#options.url },
    );
    await this.#enrol(name, secret, folder, request);
  }

  /**
   * Has the certificate in `folder`, an MSP folder with its key, issued anew for the same key. An identity asks for
   * its own with that key: no secret and no registrar are needed.
   */
  async renew(request: Pick<IssueRequest, 'name' | 'hosts' | 'profile'>, folder: string) {
    const args = ['reenroll', '-M', folder, '--csr.keyrequest.reusekey'];
    const name = `${request.name}.${this.#options.organisation.name}`;
    await this.#run([...args, ...this.#request(name, request)], {
      FABRIC_CA_CLIENT_URL: this.#options.url,
    });
  }

  /** The secret travels in the environment: arguments are readable by every user of the machine. */
  async #enrol(
    name: string,
    secret: string,
    folder: string,
    request: Pick<IssueRequest, 'hosts' | 'profile'>,
  ): Promise<void> {
    const url = this.#options.url.replace('://', `://${name}:${secret}@`);
    await this.#run(['enroll', '-M', folder, ...this.#request(name, request)], {
      FABRIC_CA_CLIENT_URL: url,
    });
  }

  #request(name: string, { hosts, profile }: Pick<IssueRequest, 'hosts' | 'profile'>): string[] {
    return [
      ...['--csr.cn', name, '--csr.names', `O=${this.#options.organisation.name}`],
      ...['--csr.hosts', hosts.join(',')],
      ...(profile === undefined ? [] : ['--enrollment.profile', profile]),
    ];
  }

  async #run(args: readonly string[], env: Record<string, string>): Promise<void> {
    const { bin, organisation, authority, caHome, timeout } = this.#options;
    const common = ['--caname', authorityName(organisation, authority)];
    const tls = ['--tls.certfiles', join(caHome, 'ca-cert.pem')];
    await runCommand(join(bin, 'fabric-ca-client'), [...args, ...common, ...tls], {
      env: { ...env, FABRIC_CA_CLIENT_HOME: this.#home, FABRIC_CA_CLIENT_LOGLEVEL: 'warning' },
      timeout,
    });
  }
}
