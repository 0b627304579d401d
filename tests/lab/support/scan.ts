import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inGuest, mustInGuest } from "./guests";
import type { LabStack } from "./labStack";

const SCANNER = readFileSync(join(__dirname, "scan.py"), "utf8");

/** Notes every UDP port of new packets that the filter let through: it looks right behind our chain (priority 0). */
const WATCH = `
nft -f - <<'NFT'
table inet scan_watch
delete table inet scan_watch
table inet scan_watch {
	set seen { type inet_service; size 65536; flags dynamic; }
	chain input {
		type filter hook input priority 10; policy accept;
		iifname != "lo" ct state new add @seen { udp dport }
	}
}
NFT`;

const SEEN = `python3 -c 'import json, subprocess
listed = json.loads(subprocess.check_output(["nft", "-j", "list", "set", "inet", "scan_watch", "seen"]))
print(json.dumps(sorted(next(i["set"].get("elem", []) for i in listed["nftables"] if "set" in i))))'
nft delete table inet scan_watch`;

/** Ports of a host that get through from a guest: for TCP what answers, for UDP what its firewall let pass. */
export interface Reached {
  tcp: number[];
  udp: number[];
}

/** A full scan of one host from one guest; both are guests of the stack. */
export async function scan(
  stack: LabStack,
  from: string,
  to: { guest: string; address: string },
): Promise<Reached> {
  await mustInGuest(stack, to.guest, WATCH);
  const printed = await mustInGuest(stack, from, `python3 - ${to.address} <<'SCAN'\n${SCANNER}\nSCAN\n`);
  const seen = await inGuest(stack, to.guest, SEEN);
  const { tcp } = JSON.parse(printed) as { tcp: number[] };
  return { tcp, udp: JSON.parse(seen.stdout) as number[] };
}
