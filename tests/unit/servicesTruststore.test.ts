import { X509Certificate } from "node:crypto";
import { javaTruststore } from "../../services/truststore";
import { AUTHORITY_PEM } from "./servicesFixture";

test("the same authority gives the same bytes", () => {
  expect(javaTruststore(AUTHORITY_PEM).equals(javaTruststore(AUTHORITY_PEM))).toBe(true);
});

test("the store holds the certificate, dated at its own start", () => {
  const store = javaTruststore(AUTHORITY_PEM);
  expect(store.subarray(0, 12).toString("hex")).toBe("feedfeed0000000200000001");
  expect(store.includes(new X509Certificate(AUTHORITY_PEM).raw)).toBe(true);
  const date = store.readBigInt64BE(12 + 4 + 2 + "audio-meet-1".length);
  expect(new Date(Number(date)).toISOString()).toBe("2026-01-02T03:04:05.000Z");
});

test("every certificate of a bundle is in the store", () => {
  expect(javaTruststore(AUTHORITY_PEM + AUTHORITY_PEM).readUInt32BE(8)).toBe(2);
});

test("a text without a certificate is an error, and so is a broken one", () => {
  expect(() => javaTruststore("")).toThrow("holds none");
  expect(() => javaTruststore(AUTHORITY_PEM.replace("MII", "AAA"))).toThrow();
});
