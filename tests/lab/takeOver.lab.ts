import { changes, footprint } from "./support/footprint";
import { inGuest, keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { handbookScript, OLD_PAGE, peopleFind } from "./support/handbook";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { traces } from "./support/traces";

const DOMAIN = "handbook.audio-meet.test";
const AS_BEFORE = `${OLD_PAGE}\nthe club\nanna gets in\n`;
const ASIDE = "/var/backups/jitsi-before-audio-meet";
const ACCOUNT = `/var/lib/prosody/${DOMAIN.replaceAll(".", "%2e").replaceAll("-", "%2d")}/accounts/anna.dat`;
/** What `npm run look` brings. */
const HELPER = /\/usr\/local\/(sbin|lib)\/audio-meet/;
/** Prosody's note of when anna, whom the test logs in, was there last; the list of groups, whose entries are compared one by one. */
const PASSING = /\/account_activity(\/| |$)|^[+-] content \/etc\/g?(group|shadow) /;

const runsAll = process.env["TAKE_OVER"] === "all";
/** `npm run take-over`. In `make test` the helper's own tests take over a server in a folder. */
const row = runsAll ? test : test.skip;
const LEFT_OUT = runsAll ? "" : " (skipped: make test has no time for it; npm run take-over)";

describe("a server on which a Jitsi of the handbook runs", () => {
  const stack = new LabStack("takeover", {});
  let server: Server;
  let before: string[];

  const on = (script: string) => mustInGuest(stack, server.name, script);
  const found = () => on(peopleFind(DOMAIN));

  beforeAll(async () => {
    if (!runsAll) return;
    await stack.open();
    const login = await keyPair(stack, "login");
    server = await makeServer(stack, DOMAIN, "handbook", login.open);
    await on(handbookScript(DOMAIN));
    before = await footprint(stack, server.name);
    const config = labConfig(DOMAIN, {
      "jitsi:access": { kind: "moderated", moderators: ["anna"] },
      "jitsi:regions": [
        {
          name: "here",
          machines: { provider: "existing", user: "root" },
          core: { address: server.address, hostKey: server.hostKey },
          videobridges: [{ id: "main", on: "core" }],
        },
      ],
    });
    stack.config = config;
    stack.config = {
      ...config,
      "jitsi:sshPrivateKey": await stack.encrypted("jitsi:sshPrivateKey", login.secret),
    };
  });

  afterAll(async () => {
    if (!runsAll) return;
    await stack.close();
    expect(await traces(stack.folder)).toEqual([]);
  });

  row(`a look names the Jitsi and the way to put it aside; nobody notices${LEFT_OUT}`, async () => {
    const looked = await stack.ask("look");
    expect(looked.code).not.toBe(0);
    expect(looked.output).toMatch(/package jicofo: 1.0-1 is already installed.*audio-meet take-over now/);
    const shown = await on("audio-meet take-over show");
    expect(shown).toContain("account, to be named in jitsi:access: anna\n");
    expect(await found()).toBe(AS_BEFORE);
    const after = await footprint(stack, server.name);
    expect(changes(before, after).filter((line) => !HELPER.test(line) && !PASSING.test(line))).toEqual([]);
  });

  row(`from one command on it is out of the way, and an up makes the deployment${LEFT_OUT}`, async () => {
    const account = await on(`sha256sum <${ACCOUNT}`);
    const began = Date.now();
    await on("audio-meet take-over now");
    const silent = Date.now();
    expect(
      (await inGuest(stack, server.name, "systemctl is-active prosody jicofo jitsi-videobridge2")).code,
    ).not.toBe(0);
    expect(await on("curl -s --resolve club.example:80:127.0.0.1 http://club.example/")).toBe("the club\n");
    await stack.mustUp();
    console.info(`put aside in ${silent - began} ms, in service again after ${Date.now() - began} ms`);
    expect((await stack.tool("health")).stdout).toMatch(/healthy: true/);
    expect(await on(`sha256sum <${ASIDE}/files${ACCOUNT}`)).toBe(account);
    // Her name is a moderator's here; the password is another one.
    expect(await on(`sha256sum <${ACCOUNT}`)).not.toBe(account);
    expect(await found()).not.toContain(OLD_PAGE);
  });

  row(`the way back waits for destroy; then everything is as it was${LEFT_OUT}`, async () => {
    const early = await inGuest(stack, server.name, "audio-meet give-back");
    expect(early.output).toContain("run pulumi destroy first");
    const destroyed = await stack.destroy();
    expect({ code: destroyed.code, end: destroyed.output.slice(-2500) }).toMatchObject({ code: 0 });
    const began = Date.now();
    await on("audio-meet give-back");
    console.info(`given back in ${Date.now() - began} ms`);
    expect(await found()).toBe(AS_BEFORE);
    const after = await footprint(stack, server.name);
    expect(changes(before, after).filter((line) => !PASSING.test(line))).toEqual([]);
  });
});
