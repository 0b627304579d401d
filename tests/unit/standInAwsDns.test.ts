import { record } from "../../lab/plugins/aws/dns/record";
import { TestAccount } from "./standInAws";

const ZONE = "Z0123456789ABCDEFGHIJ";
const good = { zoneId: ZONE, name: "meet.example.org", type: "A", ttl: 60, records: ["203.0.113.1"] };

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
  const zone = { id: ZONE, region: "eu-central-1", tags: {}, domain: "example.org" };
  account.store.put("hostedZone", zone);
});
afterEach(() => {
  account.close();
});

test.each([
  [{ zoneId: "Z9" }, /NoSuchHostedZone/],
  [{ name: "meet.example.com" }, /not permitted in zone example.org/],
  [{ name: "notexample.org" }, /not permitted in zone example.org/],
  [{ records: [] }, /without a value/],
  [{ records: ["2001:db8::1"] }, /no address of type A/],
  [{ type: "AAAA" }, /no address of type AAAA/],
  [{ type: "MX" }, /type/],
  [{ ttl: -1 }, /out of range/],
])("a record with %j is refused", async (wrong, reason) => {
  await expect(account.create(record, { ...good, ...wrong })).rejects.toThrow(reason);
});

test("a name and a type are there once, until the record goes", async () => {
  const made = await account.create(record, good);
  await expect(account.create(record, good)).rejects.toThrow(/already exists/);
  await account.create(record, { ...good, type: "AAAA", records: ["2001:db8::1"] });
  await account.remove(record, made);
  await account.create(record, good);
});
