import { createPrivateKey } from "node:crypto";
import { connect } from "node:net";
import { utils, type AnyAuthMethod, type ConnectConfig } from "ssh2";
import { openSshPrivateKey } from "../shared/openssh";
import { number, required, text, type Schema } from "../shared/schema";

/** How to reach one host. Source of names and defaults: @pulumi/command types/input.d.ts. */
export interface Endpoint {
  host: string;
  user?: string;
  port?: number;
  privateKey?: string;
  privateKeyPassword?: string;
  password?: string;
  agentSocketPath?: string;
  hostKey?: string;
  /** Failed dials that are forgiven; -1 is without end. */
  dialErrorLimit?: number;
  /** Seconds for one dial; 0 is without end. */
  perDialTimeout?: number;
}

/** A host, and the one that it is reached through. */
export interface Connection extends Endpoint {
  proxy?: Endpoint;
}

const ENDPOINT: Schema = {
  host: required(text),
  user: text,
  port: number,
  privateKey: text,
  privateKeyPassword: text,
  password: text,
  agentSocketPath: text,
  hostKey: text,
  dialErrorLimit: number,
  perDialTimeout: number,
};

export const CONNECTION: Schema = { ...ENDPOINT, proxy: { kind: ENDPOINT } };

/** Source: @pulumi/command types/input.d.ts. */
export const DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeoutSeconds: 15 } as const;

/** A mistake in the connection itself: dialling again cannot help. */
export class ConnectionError extends Error {}

/** The key in a form that ssh2 reads; it knows no PKCS#8. Throws ConnectionError, without the key's text. */
function readableKey(key: string, passphrase: string | undefined): string {
  const parsed = utils.parseKey(key, passphrase);
  if (!(parsed instanceof Error)) return key;
  try {
    return openSshPrivateKey(createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) }));
  } catch {
    throw new ConnectionError(`privateKey: cannot be read (${parsed.message})`);
  }
}

/** Type and blob of an authorized_keys style line. */
function parseHostKey(line: string): { type: string; blob: Buffer } {
  const [type, blob] = line.trim().split(/\s+/);
  const bytes = Buffer.from(blob ?? "", "base64");
  const named = bytes.subarray(4, 4 + (bytes.length > 4 ? bytes.readUInt32BE(0) : 0)).toString("latin1");
  if (type === undefined || type === "" || named !== type)
    throw new ConnectionError("hostKey: not an authorized_keys style line; give `<type> <base64>`");
  return { type, blob: bytes };
}

/** Fails at once when nobody listens on the agent's socket, as upstream does. */
function probeAgent(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", (error) => {
      reject(new ConnectionError(`SSH agent at ${path}: ${error.message}`));
    });
  });
}

function authenticationMethods(endpoint: Endpoint, username: string, agent: string): AnyAuthMethod[] {
  const methods: AnyAuthMethod[] = [];
  if (endpoint.privateKey !== undefined) {
    const key = readableKey(endpoint.privateKey, endpoint.privateKeyPassword);
    const passphrase = endpoint.privateKeyPassword;
    methods.push({ type: "publickey", username, key, ...(passphrase === undefined ? {} : { passphrase }) });
  }
  const { password } = endpoint;
  if (password !== undefined) {
    methods.push({ type: "password", username, password });
    methods.push({
      type: "keyboard-interactive",
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        finish(prompts.map(() => password));
      },
    });
  }
  if (agent !== "") methods.push({ type: "agent", username, agent });
  return methods.length > 0 ? methods : [{ type: "none", username }];
}

/**
 * What ssh2 needs to reach an endpoint. A host key pins the algorithm as well; without one any key is accepted, as
 * upstream does. Throws ConnectionError for unreadable keys and a dead agent.
 */
export async function connectConfig(endpoint: Endpoint): Promise<ConnectConfig> {
  const agent = endpoint.agentSocketPath ?? process.env["SSH_AUTH_SOCK"] ?? "";
  if (agent !== "") await probeAgent(agent);
  const username = endpoint.user ?? DEFAULTS.user;
  const config: ConnectConfig = {
    host: endpoint.host,
    port: endpoint.port ?? DEFAULTS.port,
    username,
    readyTimeout: (endpoint.perDialTimeout ?? DEFAULTS.perDialTimeoutSeconds) * 1000,
    authHandler: authenticationMethods(endpoint, username, agent),
  };
  if (endpoint.hostKey === undefined) return config;
  const { type, blob } = parseHostKey(endpoint.hostKey);
  config.hostVerifier = (key: Buffer) => key.equals(blob);
  config.algorithms = { serverHostKey: [type] as never };
  return config;
}
