import { keyPair, makeServer, mustInGuest, type Server } from "./guests";
import { labConfig } from "./labConfig";
import type { LabStack, StackConfig } from "./labStack";

/** Port of the bridge's SSH. */
const SSH_PORT = 2222;
const KEY = "jitsi:sshPrivateKey";

/** Servers as they are handed over: root at the core, a user with sudo behind a jump host at the bridge. */
export interface Servers {
  core: Server;
  bridge: Server;
  jump: Server;
  /** The private key that opens them. */
  login: string;
}

/** Where Debian's jicofo keeps its configuration: its purge clears the folder as a whole. */
export const OWN_FILES = {
  "/etc/jitsi/trust/ca.pem": "hand-made",
  "/etc/jitsi/jicofo/jicofo.conf": "of a jicofo that went long ago",
};

/** Files of the operator's own, one of them where the deployment puts its authority, a web site, a firewall, containers. */
const PAST = `
  set -e
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install --yes --no-install-recommends nginx nftables libfaketime >/dev/null
  rm /etc/nginx/sites-enabled/default
  mkdir -p /srv/club
  echo 'the club' >/srv/club/index.html
  printf 'server { listen 80; listen [::]:80; server_name club.example; root /srv/club; }\\n' \\
    >/etc/nginx/sites-available/club
  ln -s ../sites-available/club /etc/nginx/sites-enabled/club
  systemctl reload-or-restart nginx
  cat >/etc/own.nft <<'END'
table inet own {
  chain input { type filter hook input priority 0; policy accept; tcp dport 25 drop; }
}
table ip containers {
  chain ports { type nat hook prerouting priority dstnat; tcp dport 8080 dnat to 172.17.0.2:80; }
}
END
  nft -f /etc/own.nft
  printf '[Service]\\nType=oneshot\\nExecStart=/usr/sbin/nft -f /etc/own.nft\\n[Install]\\nWantedBy=multi-user.target\\n' \\
    >/etc/systemd/system/own.service
  systemctl -q enable own.service
${Object.entries(OWN_FILES)
  .map(
    ([path, text]) =>
      `  install -d "$(dirname ${path})"; echo '${text}' >${path}; chmod 600 ${path}; chown 0:games ${path}`,
  )
  .join("\n")}
`;

/** Entries of a service of the operator's own in the journal, sixty days old, and upgrades that an operator makes by hand. */
export const LEDGER_ENTRIES = 50;
const HABITS = `
  echo 'APT::Periodic::Unattended-Upgrade "0";' >/etc/apt/apt.conf.d/20auto-upgrades
  mkdir -p /etc/systemd/journald.conf.d; printf '[Journal]\\nStorage=persistent\\n' >/etc/systemd/journald.conf.d/zz-own.conf
  folder=/var/log/journal/$(cat /etc/machine-id); mkdir -p "$folder"
  systemctl restart systemd-journald; journalctl --flush
  for i in $(seq ${LEDGER_ENTRIES}); do logger -t ledger "entry $i"; done
  sleep 1; journalctl --rotate; sleep 1
  file=$(ls "$folder"/system@*.journal | head -n 1)
  old="\${file%-*}-$(printf '%016x' $((($(date +%s) - 60 * 86400) * 1000000))).journal"
  mv "$file" "$old"; touch -d '60 days ago' "$old"
  systemctl restart systemd-journald
`;

/** Boots the three servers and gives the core its past. */
export async function makeServers(stack: LabStack, domain: string): Promise<Servers> {
  const login = await keyPair(stack, "login");
  const [core, bridge, jump] = await Promise.all([
    makeServer(stack, domain, "own-core", login.open),
    makeServer(stack, domain, "own-bridge", login.open),
    makeServer(stack, domain, "own-jump", login.open),
  ]);
  const ops = `
    set -e
    useradd --create-home --shell /bin/bash ops
    install -d -m 700 -o ops -g ops ~ops/.ssh
    install -m 600 -o ops -g ops /root/.ssh/authorized_keys ~ops/.ssh/authorized_keys`;
  await Promise.all([mustInGuest(stack, jump.name, ops), mustInGuest(stack, core.name, PAST + HABITS)]);
  // Only the jump host gets in, on another port, and root not at all.
  await mustInGuest(
    stack,
    bridge.name,
    `${ops}
     printf 'Port ${SSH_PORT}\\nAllowUsers ops@${jump.address}\\n' >/etc/ssh/sshd_config.d/10-ops.conf
     systemctl restart ssh`,
  );
  return { core, bridge, jump, login: login.secret };
}

/** The deployment on those servers, with the key to them encrypted as an operator would; `regions` come in addition. */
export async function onServers(
  stack: LabStack,
  domain: string,
  { core, bridge, jump, login }: Servers,
  regions: object[] = [],
): Promise<StackConfig> {
  const jumpHost = { address: jump.address, hostKey: jump.hostKey };
  const config = labConfig(domain, {
    "jitsi:regions": [
      {
        name: "here",
        machines: { provider: "existing", user: "root" },
        core: { address: core.address, hostKey: core.hostKey },
      },
      {
        name: "there",
        machines: { provider: "existing", user: "ops", port: SSH_PORT, jumpHost },
        videobridges: [{ id: "fra-1", address: bridge.address, hostKey: bridge.hostKey }],
      },
      ...regions,
    ],
  });
  const encrypted = await stack.encrypted(KEY, login);
  expect(encrypted).toEqual({ secure: expect.any(String) as unknown });
  return { ...config, [KEY]: encrypted };
}
