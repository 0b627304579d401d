import bcrypt from "bcryptjs";
import { isSecret, ProviderUnderTest } from "./support/provider";

const PASSWORD = "random:index/randomPassword:RandomPassword";
const STRING = "random:index/randomString:RandomString";
const ID = "random:index/randomId:RandomId";
const BYTES = "random:index/randomBytes:RandomBytes";

let provider: ProviderUnderTest;
beforeAll(async () => {
  provider = await ProviderUnderTest.start("random");
});
afterAll(() => {
  provider.stop();
});

test("a password has its length, is secret with its hash, and the hash fits", async () => {
  const { state, outputs } = await provider.create(PASSWORD, { length: 32 });
  expect(outputs["result"]).toHaveLength(32);
  expect([isSecret(state["result"]), isSecret(state["bcryptHash"])]).toEqual([true, true]);
  expect(await bcrypt.compare(String(outputs["result"]), String(outputs["bcryptHash"]))).toBe(true);
});

test("two passwords differ", async () => {
  const [one, two] = [
    await provider.create(PASSWORD, { length: 32 }),
    await provider.create(PASSWORD, { length: 32 }),
  ];
  expect(one.outputs["result"]).not.toBe(two.outputs["result"]);
});

test("classes that are switched off do not occur", async () => {
  const inputs = { length: 400, special: false, upper: false, numeric: false };
  expect((await provider.create(STRING, inputs)).outputs["result"]).toMatch(/^[a-z]{400}$/);
});

test("every allowed character occurs about as often as any other", async () => {
  const { outputs } = await provider.create(STRING, {
    length: 20_000,
    special: false,
    lower: false,
    upper: false,
  });
  const counts = Array.from("0123456789").map((digit) => String(outputs["result"]).split(digit).length - 1);
  // 2000 each expected, standard deviation 42: six of them either way.
  expect(counts.every((count) => count > 1746 && count < 2254)).toBe(true);
});

test("minimums are kept and own special characters are used", async () => {
  const inputs = { length: 10, minUpper: 2, minLower: 2, minNumeric: 2, minSpecial: 4, overrideSpecial: "_" };
  const text = String((await provider.create(STRING, inputs)).outputs["result"]);
  expect(text.replace(/[^A-Z]/g, "")).toHaveLength(2);
  expect(text.replace(/[^_]/g, "")).toHaveLength(4);
});

test("an id shows the same bytes in four notations behind the prefix", async () => {
  const { outputs } = await provider.create(ID, { byteLength: 8, prefix: "p-" });
  const hex = String(outputs["hex"]).slice(2);
  expect(hex).toHaveLength(16);
  expect(outputs).toMatchObject({
    dec: `p-${BigInt(`0x${hex}`)}`,
    b64Std: `p-${Buffer.from(hex, "hex").toString("base64")}`,
    b64Url: `p-${Buffer.from(hex, "hex").toString("base64url")}`,
  });
});

test("bytes are secret and agree in both notations", async () => {
  const { state, outputs } = await provider.create(BYTES, { length: 16 });
  expect(isSecret(state["hex"]) && isSecret(state["base64"])).toBe(true);
  expect(Buffer.from(String(outputs["base64"]), "base64").toString("hex")).toBe(outputs["hex"]);
});

test.each([
  [PASSWORD, { length: 8 }, { length: 9 }],
  [PASSWORD, { length: 8, keepers: { a: "1" } }, { length: 8, keepers: { a: "2" } }],
  [STRING, { length: 8 }, { length: 8, special: false }],
  [ID, { byteLength: 4 }, { byteLength: 5 }],
  [BYTES, { length: 4, keepers: { a: "1" } }, { length: 4, keepers: { a: "2" } }],
])("%s: a changed input replaces, the same one does not", async (type, before, after) => {
  const old = await provider.create(type, before);
  expect(await provider.diff(type, old, before)).toMatchObject({ changes: false });
  expect((await provider.diff(type, old, after)).replaces).not.toEqual([]);
});
