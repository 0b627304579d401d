import { redactor, reportOf } from "../../tools/doctor/report";

const NAMES = ["meet.example.org"];
const redacted = (text: string) => redactor(NAMES)(text);
/** What must not come out, each within words as they are said by a daemon or a tool. */
const HIDDEN: [string, string][] = [
  ["198.51.100.7", "connects 198.51.100.7:443: no answer within 5 s"],
  ["2001:db8::7", "resolves to 2001:db8::7, expected another"],
  ["10.20.0.3", "media udp 10.20.0.3:10000: no answer"],
  ["meet.example.org", "https meet.example.org/config.js: answers 404"],
  ["auth.meet.example.org", "xmppTls auth.meet.example.org at 127.0.0.1:5222"],
  ["focus@auth", "not logged in: focus@auth.meet.example.org"],
  ["anna@", "refused: anna@mail.example.net has left"],
  ["Anna", "room of Anna@conference.meet.example.org"],
  ["hunter2", "password=hunter2"],
  ["hunter3", 'the setting "secret": "hunter3" is wrong'],
  ["s3cr3t", "http://user:s3cr3t@proxy.example.net:3128 does not answer"],
  ["MIIEvQIBADANBg", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----"],
  ["eyJhbGciOiJIUzI1NiJ9", "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln is refused"],
  ["dGhpcyBpcyBhIHZlcnkgc2VjcmV0", "uses dGhpcyBpcyBhIHZlcnkgc2VjcmV0 as its key"],
];

test.each(HIDDEN)("%s does not come out", (hidden, text) => {
  expect(text).toContain(hidden);
  expect(redacted(text)).not.toContain(hidden);
});

test("what a reader needs stays: the check, the cause, and which address is which", () => {
  expect(redacted("unit jitsi-videobridge2.service: inactive, dead")).toBe(
    "unit jitsi-videobridge2.service: inactive, dead",
  );
  expect(redacted("198.51.100.7 is not 198.51.100.8, but 198.51.100.7; 127.0.0.1:5222")).toBe(
    "<address 1> is not <address 2>, but <address 1>; 127.0.0.1:5222",
  );
});

test("the whole report is redacted, keys and nested values as well", () => {
  const walk = { links: HIDDEN.map(([, text]) => ({ findings: [{ detail: text }], [text]: true })) };
  const report = reportOf(
    { versions: { node: "v20.1.0" }, release: { jicofo: "1.0-1196-1" }, certificate: {}, hosts: {}, walk },
    NAMES,
  );
  for (const [hidden] of HIDDEN) expect(report).not.toContain(hidden);
  expect(report).toContain("1.0-1196-1");
  expect(JSON.parse(report)).toMatchObject({ versions: { node: "v20.1.0" } });
});
