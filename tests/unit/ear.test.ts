import { createHmac } from "node:crypto";
import { listeningTo } from "../../plan/ear";
import { planDeployment } from "../../plan/deployment";
import { secretsFor } from "../../tools/rehearse/admission";
import { isComplete, type Path, remedyOf, roomName, rounds, verdictOf } from "../../tools/rehearse/paths";
import { goodConfig, settingsOf, type Json } from "./configFixtures";

const earOf = (more: Json, secrets: Json = {}) =>
  planDeployment(settingsOf({ ...goodConfig(), ...more, ...secrets })).ear;
const TOKEN = { kind: "token", appId: "hall" };
const tokenSecret = "a secret of the tokens, long enough";
const bridge = (region: string, publicAddress: string) => ({ region, publicAddress });
const BRIDGES = { "fra-1": bridge("eu", "192.0.2.1"), "fra-2": bridge("eu", "192.0.2.2") };
const heard = (id: string, more: Partial<Path> = {}): Path => ({
  ...{ way: "UDP", bridges: [id, id], wrong: [] },
  ...more,
});

describe("which paths `up` proves by ear", () => {
  test("are all, over UDP and TURN, where nothing is said", () => {
    expect(earOf({})).toBe("all");
    expect(earOf({ access: { kind: "moderated", moderators: ["anna"] } })).toBe("all");
    expect(earOf({ access: TOKEN }, { tokenSecret })).toBe("all");
    expect(earOf({ verification: { ear: "relayed" } })).toBe("relayed");
  });

  test("are none where nobody of ours gets in, or nobody trusts the page", () => {
    expect(earOf({ access: { ...TOKEN, keyServer: "https://keys.example.org/jwt" } })).toBe("none");
    expect(earOf({ certificate: { issuer: "letsencrypt", staging: true } })).toBe("none");
  });

  test("of a deployment that proves none there is nothing to listen to", () => {
    const plan = planDeployment(settingsOf({ ...goodConfig(), verification: { ear: "none" } }));
    expect(listeningTo(plan)).toBeUndefined();
  });
});

describe("who gets in", () => {
  test("brings a token for one room, signed with the secret and good for minutes", () => {
    const token = { secret: tokenSecret, issuer: "hall", audience: "all", subject: "meet.example.org" };
    const { REHEARSE_TOKEN = "" } = secretsFor({ token }, "paths-1");
    const [head = "", body = "", signature] = REHEARSE_TOKEN.split(".");
    const { exp, ...claims } = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<
      string,
      unknown
    >;
    expect(claims).toEqual({ iss: "hall", aud: "all", sub: "meet.example.org", room: "paths-1" });
    expect(Number(exp) - Date.now() / 1000).toBeLessThan(600);
    expect(signature).toBe(createHmac("sha256", tokenSecret).update(`${head}.${body}`).digest("base64url"));
  });

  test("opens the room as a moderator, with a password that is no argument", () => {
    const opener = { domain: "d", user: "anna", password: "word" };
    expect(secretsFor({ opener }, "r")).toEqual({ REHEARSE_USER: "anna", REHEARSE_PASSWORD: "word" });
  });

  test("finds nobody in the room: its name cannot be guessed", () => {
    expect(roomName()).toMatch(/^paths-[0-9a-f]{16}$/);
    expect(roomName()).not.toBe(roomName());
  });
});

describe("two bridges of one region", () => {
  const [round = []] = rounds(BRIDGES, ["UDP"]);

  test("are tried again until jicofo has given both, or one of them is silent", () => {
    expect(isComplete(round, [heard("fra-1")], BRIDGES)).toBe(false);
    expect(isComplete(round, [heard("fra-1"), heard("fra-2")], BRIDGES)).toBe(true);
    expect(isComplete(round, [heard("fra-1", { wrong: ["no"] })], BRIDGES)).toBe(true);
    expect(isComplete(round, [heard("fra-2", { way: "TURN over TLS" }), heard("fra-1")], BRIDGES)).toBe(
      false,
    );
  });

  test("make `up` no red one where jicofo prefers the other, which carries fewer people", () => {
    const options = { ways: ["UDP" as const], unmet: "note" as const };
    const { silent, notes } = verdictOf([heard("fra-1")], BRIDGES, options);
    expect(silent).toEqual([]);
    expect(notes[0]).toBe("fra-2 over UDP was not tried: jicofo gave it to nobody");
  });
});

test.each([
  [
    "UDP",
    "the participant on fra-1: ICE: the bridge at 192.0.2.1 is not reached: x",
    /UDP 10000 .*ear: relayed/,
  ],
  ["TURN over TLS", "a participant: ICE: no address of its own to send from; a relay", /coturn .*TCP 5349/],
  ["TURN over TLS", "the participant on fra-1: ICE: the bridge at 192.0.2.1 is not", /coturn .*UDP 10000/],
  ["UDP", "jicofo sends no invitation to a bridge within 20s", /jicofo\.log/],
  ["UDP", "the participant on fra-1 hears nothing of the one on iad-1", /between two bridges UDP 10000/],
  ["UDP", "something else", /npm run doctor/],
] as const)("a silence over %s has a remedy: %s", (way, why, remedy) => {
  expect(remedyOf(way, why)).toMatch(remedy);
});
