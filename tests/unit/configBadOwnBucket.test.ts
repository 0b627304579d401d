import { testBad } from "./configBad";
import { loadConfig, type Json } from "./configFixtures";

/** A recorder on EC2 with that storage. */
function recorded(storage: Json): Json {
  const machines = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"] };
  const nodes = { core: {}, videobridges: [{ id: "fra-1" }], recorders: [{ id: "rec-1" }] };
  return {
    ...{ domain: "meet.example.org", contact: "ops@example.org" },
    recording: { storage: { bucket: "meet-recordings", ...storage } },
    regions: [{ name: "eu", machines, ...nodes }],
  };
}

test("keys of a bucket need jitsi:recording, and come in pairs; recorders may be missing", () => {
  const access = "jitsi:recordingAccessKey";
  const given = { recordingAccessKey: "AKEXAMPLE" };
  const { recording, regions, ...others } = recorded({});
  const [region] = regions as Json[];
  const idle = { ...others, regions: [{ ...region, recorders: [] }] };
  const found = (config: Json) =>
    loadConfig(config, [access]).errors?.map(({ key, finding }) => `${key} ${finding}`);
  expect(found({ ...idle, ...given })).toEqual([
    `${access} is set, but jitsi:recording is not (value not shown)`,
  ]);
  expect(found({ ...idle, ...given, recording })).toEqual(["jitsi:recordingSecretKey is missing"]);
  expect(found({ ...idle, recording })).toBeUndefined();
});

const STORAGE = "jitsi:recording.storage";

testBad([
  [
    "bucket to make in no region of AWS",
    recorded({ create: {}, region: "eu-central-9" }),
    `${STORAGE}.region`,
    /"eu-central-9"/,
    /Amazon S3, in one of its regions/,
    /eu-central-1/,
  ],
  [
    "recordings that expire at once",
    recorded({ create: { expireDays: 0 } }),
    `${STORAGE}.create.expireDays`,
    /is 0/,
    /from 1 to/,
    /forever/,
  ],
  [
    "bucket to make with a typo",
    recorded({ create: { retain: true } }),
    `${STORAGE}.create.retain`,
    /no such key/,
    /expireDays, deleteWithStack/,
    /Remove it/,
  ],
]);
