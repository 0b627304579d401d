import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { generateKeyPairSync } from "node:crypto";
import { openSshPrivateKey, openSshPublicKey } from "../../../lab/plugins/shared/openssh";
import { Server, utils, type Connection, type Session } from "ssh2";

export interface ServerOptions {
  hostKeys?: string[];
  /** Environment names that are accepted, as sshd's AcceptEnv. */
  acceptEnvironment?: string[];
  /** Logins that are refused before one is let through. */
  refuseLogins?: number;
}

/** A real SSH server on a free port of this machine that runs commands with /bin/sh and remembers what was asked. */
export class SshServer {
  readonly commands: string[] = [];
  readonly environments: Record<string, string>[] = [];
  readonly terminals: unknown[] = [];
  connections = 0;
  logins = 0;
  port = 0;
  private static readonly running = new Set<SshServer>();
  private readonly server: Server;
  private readonly open = new Set<Connection>();

  private constructor(
    readonly clientKey: { private: string; public: string },
    private readonly options: ServerOptions,
    hostKeys: string[],
  ) {
    this.server = new Server({ hostKeys }, (connection) => {
      this.accept(connection);
    });
  }

  static async start(options: ServerOptions = {}): Promise<SshServer & { hostKey: string }> {
    const host = keyPair();
    const server = new SshServer(keyPair(), options, options.hostKeys ?? [host.private]);
    await new Promise<void>((resolve) => server.server.listen(0, "127.0.0.1", resolve));
    SshServer.running.add(server);
    server.port = (server.server.address() as AddressInfo).port;
    return Object.assign(server, { hostKey: host.public });
  }

  /** Ends every server that is still running, with all its connections. */
  static async stopAll(): Promise<void> {
    await Promise.all([...SshServer.running].map((server) => server.stop()));
  }

  async stop(): Promise<void> {
    SshServer.running.delete(this);
    for (const connection of this.open) connection.end();
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private accept(connection: Connection): void {
    this.connections++;
    this.open.add(connection);
    connection.on("close", () => this.open.delete(connection));
    const wanted = utils.parseKey(this.clientKey.public);
    connection.on("authentication", (attempt) => {
      if (attempt.method === "password" && attempt.password === "let me in") {
        attempt.accept();
        return;
      }
      const known =
        attempt.method === "publickey" &&
        !(wanted instanceof Error) &&
        attempt.key.data.equals(wanted.getPublicSSH());
      if (!known) {
        attempt.reject(["publickey", "password"]);
        return;
      }
      if (attempt.signature !== undefined && ++this.logins <= (this.options.refuseLogins ?? 0))
        attempt.reject();
      else attempt.accept();
    });
    connection.on("session", (accept) => {
      this.session(accept());
    });
    connection.on("tcpip", (accept, reject, info) => {
      const target = connect(info.destPort, info.destIP, () => {
        const channel = accept();
        channel.pipe(target).pipe(channel);
        channel.on("error", () => undefined);
      });
      target.on("error", () => {
        reject();
      });
    });
    connection.on("error", () => undefined);
  }

  private session(session: Session): void {
    const environment: Record<string, string> = {};
    session.on("env", (accept: (() => void) | undefined, reject: (() => void) | undefined, info: unknown) => {
      const { key, val } = info as { key: string; val: string };
      if (this.options.acceptEnvironment?.includes(key) !== true) {
        reject?.();
        return;
      }
      environment[key] = val;
      accept?.();
    });
    session.on("pty", (accept, _reject, info) => {
      this.terminals.push(info);
      accept();
    });
    session.on("exec", (accept, _reject, { command }) => {
      this.commands.push(command);
      this.environments.push(environment);
      const channel = accept();
      const child = spawn("/bin/sh", ["-c", command], { env: { PATH: process.env["PATH"], ...environment } });
      channel.on("error", () => undefined);
      child.stdin.on("error", () => undefined);
      channel.pipe(child.stdin);
      child.stdout.on("data", (data: Buffer) => {
        channel.write(data);
      });
      child.stderr.on("data", (data: Buffer) => {
        channel.stderr.write(data);
      });
      child.on("close", (code, signal) => {
        if (signal === null) channel.exit(code ?? 0);
        else channel.exit(signal);
        channel.end();
      });
    });
  }
}

/** Not by ssh2's own generator: about one in 400 of its keys cannot be read back. */
function keyPair(): { private: string; public: string } {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { private: openSshPrivateKey(privateKey), public: openSshPublicKey(privateKey).line };
}
