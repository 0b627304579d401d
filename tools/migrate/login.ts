import { type InventoryHost, textOf } from "./inventory";

/** How Ansible logs in to a host, and what of it is not taken over. */
export interface Login {
  address: string;
  user: string;
  port: number;
  jumpHost?: { address: string; user?: string; port?: number };
  refusals: string[];
}

/** What an inventory may say that would let somebody else answer in place of a host. */
const UNVERIFIED = /StrictHostKeyChecking[= ]"?(no|off|accept-new)|UserKnownHostsFile[= ]"?\/dev\/null/i;

const JUMP = /(?:ProxyJump[= ]"?|-J ?)(?:([\w.+-]+)@)?([\w.-]+|\[[\da-f:]+\])(?::(\d+))?/i;

/** Variables of Ansible that hold the password of a login. */
const PASSWORDS = ["ansible_password", "ansible_ssh_pass", "ansible_become_password", "ansible_become_pass"];

export function loginOf(host: InventoryHost): Login {
  const { name, variables } = host;
  const text = (key: string) => textOf(host, key);
  const options = ["ansible_ssh_common_args", "ansible_ssh_extra_args"].map(text).join(" ");
  const jump = JUMP.exec(options);
  return {
    address: text("ansible_host") ?? name,
    user: text("ansible_user") ?? text("ansible_ssh_user") ?? "root",
    port: Number(text("ansible_port") ?? text("ansible_ssh_port") ?? 22),
    ...(jump && {
      jumpHost: {
        address: (jump[2] ?? "").replace(/^\[|\]$/g, ""),
        ...(jump[1] !== undefined && { user: jump[1] }),
        ...(jump[3] !== undefined && { port: Number(jump[3]) }),
      },
    }),
    refusals: refusalsOf(name, variables, options),
  };
}

function refusalsOf(name: string, variables: InventoryHost["variables"], options: string): string[] {
  const isOff = ["false", "no"].includes(
    textOf({ variables }, "ansible_host_key_checking")?.toLowerCase() ?? "",
  );
  const password = PASSWORDS.find((key) => variables[key] !== undefined);
  return [
    ...(UNVERIFIED.test(options) || isOff
      ? [`${name}: host keys were not checked; every server needs its hostKey here`]
      : []),
    ...(/ProxyCommand/i.test(options)
      ? [`${name}: a ProxyCommand is not read; write the jump host as machines.jumpHost`]
      : []),
    ...(password === undefined
      ? []
      : [`${name}: ${password} is not read; log in with a key, and allow sudo without a password`]),
  ];
}
