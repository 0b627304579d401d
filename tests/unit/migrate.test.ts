import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as YAML from "yaml";
import { check } from "../../tools/check";
import { migrate } from "../../tools/migrate";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKIpsFfOIrmIRbAa9ivK+tSKltr62f35mY5L3z/KMB2R";
const OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILhIvMYoqCE51Vc2gdEJPoe6oG6Xoy7uiLkzsV0bL3jA";

const INVENTORY = `
all:
  vars:
    jitsi_domain: jitsi.example.org
    admin_email: admin@example.org
    jvb_secret: hush-1
    jvb_password: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      31323334
    jicofo_password: hush-2
    turn_secret: hush-3
    max_bridge_participants: 180
    default_language: de
  children:
    jitsi_servers:
      hosts:
        jitsi_main: { ansible_host: 203.0.113.10, ansible_user: root }
    videobridge_servers:
      vars: { jvb_region: eu }
      hosts:
        jvb-a: { ansible_host: 203.0.113.11, ansible_user: root, jvb_relay_id: fra-1, jitsi_server_ip: 203.0.113.10 }
        jvb-b: { ansible_host: 203.0.113.12, ansible_user: ubuntu, ansible_port: 2200 }
`;

const RECORDERS = `
    jibri_servers:
      hosts:
        jibri-1: { ansible_host: 203.0.113.13, ansible_user: root, jibri_password: "{{ jvb_secret }}" }
`;

describe("an older deployment", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migrate-"));
    write("known_hosts", "");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(name: string, text: string): string {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** What a run says, its exit code, and the stack file that it wrote. */
  function migrated(source: string): {
    code: number;
    said: string;
    out: string;
    text: string;
    config: Record<string, unknown>;
  } {
    const out = join(folder, "Pulumi.prod.yaml");
    const { code, stdout, stderr } = migrate([
      source,
      "--out",
      out,
      "--known-hosts",
      join(folder, "known_hosts"),
    ]);
    const said = [...stdout, ...stderr].join("\n");
    if (code !== 0) return { code, said, out, text: "", config: {} };
    const text = readFileSync(out, "utf8");
    return {
      code,
      said,
      out,
      text,
      config: (YAML.parse(text) as { config: Record<string, unknown> }).config,
    };
  }

  describe("of the Ansible playbooks", () => {
    test("becomes a stack file that check accepts, with the host keys that this machine trusts", () => {
      write(
        "known_hosts",
        `203.0.113.10 ${KEY}\n203.0.113.11 ${OTHER_KEY}\n[203.0.113.12]:2200 ${OTHER_KEY.replace("lhIvM", "lhIvN")}\n`,
      );
      // As most distributions keep it: the names are hashed.
      execFileSync("ssh-keygen", ["-q", "-H", "-f", join(folder, "known_hosts")], { stdio: "ignore" });
      const { code, said, out, config } = migrated(write("inventory.yml", INVENTORY));
      expect(code).toBe(0);
      expect(config).toEqual({
        "jitsi:domain": "jitsi.example.org",
        "jitsi:contact": "admin@example.org",
        "jitsi:maxBridgeParticipants": 180,
        "jitsi:web": { language: "de" },
        "jitsi:regions": [
          {
            name: "default",
            machines: { provider: "existing", user: "root" },
            core: { address: "203.0.113.10", hostKey: KEY },
            videobridges: [{ id: "jitsi-main", on: "core" }],
          },
          {
            name: "eu",
            machines: { provider: "existing", user: "root" },
            videobridges: [
              { id: "fra-1", address: "203.0.113.11", hostKey: OTHER_KEY },
              {
                id: "jvb-b",
                address: "203.0.113.12",
                hostKey: OTHER_KEY.replace("lhIvM", "lhIvN"),
                user: "ubuntu",
                port: 2200,
              },
            ],
          },
        ],
      });
      expect(said).toContain(`Next: npm run --silent check -- --stack-file ${out}`);
      expect(check(["--stack-file", out]).code).toBe(0);
    });

    test("hands on no secret, and says which are generated and which are to be set", () => {
      const storage = INVENTORY.replace(
        "  children:",
        "    storage_bucket: talks\n    storage_endpoint: s3.example.com\n    storage_access_key: hush-4\n    storage_secret_key: hush-5\n  children:",
      );
      const { said, text, config } = migrated(write("inventory.yml", storage + RECORDERS));
      expect(said + text).not.toMatch(/hush|ANSIBLE_VAULT|31323334/);
      expect(said).toMatch(/jvb_secret, jvb_password, jicofo_password, turn_secret.*generated anew/);
      expect(said).toContain("pulumi config set --secret jitsi:recordingAccessKey --stack prod");
      expect(said).toContain("pulumi config set --secret jitsi:recordingSecretKey --stack prod");
      expect(config["jitsi:recording"]).toEqual({
        storage: { bucket: "talks", endpoint: "https://s3.example.com" },
      });
    });

    test("names host keys that nobody has accepted yet as missing, one for each server", () => {
      const { code, said } = migrated(write("inventory.yml", INVENTORY));
      expect(code).toBe(0);
      expect(said.match(/hostKey is missing/g)).toHaveLength(3);
      expect(said).toContain("jitsi:regions[1].videobridges[1].hostKey is missing");
    });

    test.each([
      ["ansible_ssh_common_args: -o StrictHostKeyChecking=no", /jitsi_main: host keys were not checked/],
      ["ansible_host_key_checking: false", /jitsi_main: host keys were not checked/],
      ["ansible_ssh_extra_args: -o UserKnownHostsFile=/dev/null", /jitsi_main: host keys were not checked/],
      [
        "ansible_become_password: hush-6",
        /jitsi_main: ansible_become_password is not read; log in with a key/,
      ],
      [
        "ansible_ssh_common_args: -o ProxyCommand='ssh -W %h:%p gate'",
        /jitsi_main: a ProxyCommand is not read/,
      ],
      ["sip_gateway: hush-7", /sip_gateway: no key of this program has its meaning/],
    ])("refuses %s", (line, words) => {
      const inventory = INVENTORY.replace("  children:", `    ${line}\n  children:`);
      const { said, text } = migrated(write("inventory.yml", inventory));
      expect(said).toMatch(words);
      expect(said + text).not.toContain("hush");
    });

    test("keeps a jump host", () => {
      const args = "    ansible_ssh_common_args: -o ProxyJump=gate@203.0.113.9:2222\n  children:";
      write("known_hosts", `[203.0.113.9]:2222 ${KEY}\n`);
      const { config } = migrated(write("inventory.yml", INVENTORY.replace("  children:", args)));
      expect((config["jitsi:regions"] as { machines: unknown }[])[0]?.machines).toEqual({
        provider: "existing",
        user: "root",
        jumpHost: { address: "203.0.113.9", user: "gate", port: 2222, hostKey: KEY },
      });
    });

    test.each([
      ["a list\n", "- one\n", "is no inventory"],
      ["no main server", "all: { hosts: { one: {} } }\n", "no host in the group jitsi_servers"],
      ["broken YAML", "all:\n  vars: { jvb_secret: hush-8\n", "is not valid YAML: line"],
    ])("that is %s is refused without its text, and nothing is written", (_, text, words) => {
      const { code, said } = migrated(write("inventory.yml", text));
      expect(code).toBe(1);
      expect(said).toContain(words);
      expect(said).not.toContain("hush");
      expect(() => readFileSync(join(folder, "Pulumi.prod.yaml"))).toThrow("ENOENT");
    });

    test("never overwrites a file", () => {
      write("Pulumi.prod.yaml", "config: {}\n");
      const { code, said } = migrated(write("inventory.yml", INVENTORY));
      expect(code).toBe(1);
      expect(said).toContain("exists, and stays as it is");
      expect(readFileSync(join(folder, "Pulumi.prod.yaml"), "utf8")).toBe("config: {}\n");
    });
  });

  describe("of docker-jitsi-meet", () => {
    const ENV = [
      "PUBLIC_URL=https://meet.example.org:443",
      "LETSENCRYPT_EMAIL=ops@example.org",
      "ENABLE_LETSENCRYPT=1",
      "JVB_ADVERTISE_IPS=203.0.113.10",
      "ENABLE_LOBBY=0",
      "DISABLE_REACTIONS=false",
      "JICOFO_AUTH_PASSWORD=hush-1",
      "JVB_AUTH_PASSWORD='hush-2'",
      "MAX_PARTICIPANTS=300",
    ].join("\n");

    test("keeps domain, address and switches, and no password", () => {
      const { said, text, config } = migrated(write(".env", ENV));
      expect(config).toEqual({
        "jitsi:domain": "meet.example.org",
        "jitsi:contact": "ops@example.org",
        "jitsi:features": { lobby: false, reactions: true, maxRoomParticipants: 300 },
        "jitsi:regions": [
          {
            name: "default",
            machines: { provider: "existing", user: "root" },
            core: { address: "203.0.113.10" },
            videobridges: [{ id: "main", on: "core" }],
          },
        ],
      });
      expect(said).toContain("JICOFO_AUTH_PASSWORD, JVB_AUTH_PASSWORD: not read");
      expect(said).toMatch(/Still to do \(1 point\):\s+jitsi:regions\[0\]\.core\.hostKey is missing/);
      expect(said + text).not.toContain("hush");
    });

    test("does not speak of video that was off: it is off here", () => {
      const off = "\nSTART_AUDIO_ONLY=1\nSTART_WITH_VIDEO_MUTED=true\nSTART_VIDEO_MUTED=1\n";
      expect(migrated(write(".env", ENV + off)).said).not.toMatch(/START_/);
    });

    test("keeps who issues tokens, and asks for their secret", () => {
      const jwt =
        "\nENABLE_AUTH=1\nAUTH_TYPE=jwt\nJWT_APP_ID=hall\nJWT_APP_SECRET=hush-3\nJWT_ACCEPTED_ISSUERS=hall,desk\n";
      const { said, text, config } = migrated(write("prod.env", ENV + jwt));
      expect(config["jitsi:access"]).toEqual({ kind: "token", appId: "hall", issuers: ["hall", "desk"] });
      expect(said).toContain("pulumi config set --secret jitsi:tokenSecret --stack prod");
      expect(said + text).not.toContain("hush");
    });

    test.each([
      ["ENABLE_AUTH=1\nAUTH_TYPE=ldap", "AUTH_TYPE=ldap: logins are open, moderated or token here"],
      ["ENABLE_RECORDING=1", "ENABLE_RECORDING: a recorder needs a machine and a bucket of its own"],
      ["JIGASI_SIP_URI=sip:x@example.org", "JIGASI_SIP_URI: telephones (Jigasi) are not part"],
      ["GC_GEN_MIN_TH=20", "GC_GEN_MIN_TH: no key of this program has its meaning"],
    ])("says what becomes of %j", (lines, words) => {
      expect(migrated(write(".env", `${ENV}\n${lines}\n`)).said).toContain(words);
    });
  });

  describe("of the handbook", () => {
    function etc(authentication: string): string {
      write("etc/jitsi/meet/meet.example.org-config.js", "var config = {\n  defaultLanguage: 'fr',\n};\n");
      write(
        "etc/jitsi/videobridge/sip-communicator.properties",
        "org.ice4j.ice.harvest.NAT_HARVESTER_LOCAL_ADDRESS=10.0.0.5\norg.ice4j.ice.harvest.NAT_HARVESTER_PUBLIC_ADDRESS=203.0.113.10\n",
      );
      write("etc/jitsi/jigasi/config", "hush-4\n");
      write(
        "etc/prosody/conf.avail/meet.example.org.cfg.lua",
        `VirtualHost "meet.example.org"\n    -- authentication = "ldap"\n    authentication = "${authentication}"\n    app_id = "hall"\n    app_secret = "hush-5"\nComponent "lobby.meet.example.org" "muc"\n-- Component "polls.meet.example.org"\n`,
      );
      return join(folder, "etc");
    }

    test("keeps domain, addresses, language and the features that Prosody has", () => {
      const { said, text, config } = migrated(etc("jitsi-anonymous"));
      expect(config["jitsi:domain"]).toBe("meet.example.org");
      expect(config["jitsi:access"]).toBeUndefined();
      expect(config["jitsi:web"]).toEqual({ language: "fr" });
      expect(config["jitsi:features"]).toMatchObject({ lobby: true, polls: false });
      expect(config["jitsi:regions"]).toMatchObject([
        { core: { address: "203.0.113.10", privateAddress: "10.0.0.5" } },
      ]);
      expect(said).toContain("jigasi: not part of this program");
      expect(said).toContain("jitsi:contact is missing");
      expect(said + text).not.toContain("hush");
    });

    test("keeps tokens without their secret", () => {
      const { said, text, config } = migrated(etc("token"));
      expect(config["jitsi:access"]).toEqual({ kind: "token", appId: "hall" });
      expect(said).toContain("pulumi config set --secret jitsi:tokenSecret --stack prod");
      expect(said + text).not.toContain("hush");
    });

    test("that is some other folder is refused", () => {
      const { code, said } = migrated(folder);
      expect(code).toBe(1);
      expect(said).toContain("has no jitsi/meet/DOMAIN-config.js");
    });
  });
});
