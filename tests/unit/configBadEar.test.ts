import { set, testBad, type BadCase } from "./configBad";
import { loadConfig } from "./configFixtures";

const ear = (word: unknown, more: object) => ({ ...set(["verification"], { ear: word }), ...more });
const KEY = "jitsi:verification.ear";
const RULE = /participants of the program's own/;
const SERVER = { kind: "token", appId: "hall", keyServer: "https://keys.example.org/jwt" };

const CASES: BadCase[] = [
  ["an ear of another kind", ear("some", {}), KEY, /some/, /all, relayed or none/, /relayed/],
  [
    ...(["an ear that nobody lets in", ear("all", { access: SERVER }), KEY] as const),
    ...([/jitsi:access\.keyServer verifies tokens, which others make/, RULE, /none/] as const),
  ],
  [
    ...(["an ear at a page that nobody trusts"] as const),
    ear("all", { certificate: { issuer: "letsencrypt", staging: true } }),
    ...([KEY, /nobody trusts a test certificate/, RULE, /none/] as const),
  ],
  [
    ...(["an ear that hears by TURN alone, which is off"] as const),
    ear("relayed", { turn: { enabled: false } }),
    ...([KEY, /jitsi:turn\.enabled is false/, RULE, /enable TURN/] as const),
  ],
];

testBad(CASES);

test("an ear that is switched off needs nothing", () => {
  for (const more of [{ access: SERVER }, { turn: { enabled: false } }])
    expect(loadConfig(ear("none", more)).errors ?? []).toEqual([]);
});
