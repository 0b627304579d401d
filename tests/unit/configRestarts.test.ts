import { planDeployment } from "../../plan/deployment";
import { type BadCase, good, set, testBad } from "./configBad";
import { loadConfig, settingsOf } from "./configFixtures";

const window = (text: unknown) => set(["restarts"], { window: text });
const KEY = "jitsi:restarts.window";

testBad([
  [
    "another word",
    set(["restarts"], "later"),
    "jitsi:restarts",
    /is "later"/,
    /now, whenEmpty, or a window/,
    /now/,
  ],
  [
    "another case",
    set(["restarts"], "WhenEmpty"),
    "jitsi:restarts",
    /WhenEmpty|text of/,
    /whenEmpty/,
    /whenEmpty/,
  ],
  ["a number", set(["restarts"], 3), "jitsi:restarts", /is 3/, /window/, /Sun 03:00/],
  ["no window", set(["restarts"], {}), KEY, /^is missing$/, /days, a time, and a zone/, /Europe\/Berlin/],
  [
    "a typo in it",
    set(["restarts"], { windows: "Sun 03:00-05:00 UTC", window: "Sun 03:00-05:00 UTC" }),
    "jitsi:restarts.windows",
    /no such key/,
    /./,
    /window/,
  ],
  ...[
    ["no zone", "Sun 03:00-05:00", /every week/, /Europe\/Berlin/],
    ["no day", "03:00-05:00 Europe/Berlin", /every week/, /Sun 03:00/],
    ["a day in another language", "So 03:00-05:00 Europe/Berlin", /every week/, /Mon, Tue/],
    ["a day twice", "Sun,Sun 03:00-05:00 Europe/Berlin", /every week/, /once/],
    ["an hour that no clock has", "Sun 24:00-25:00 Europe/Berlin", /23:59/, /00:00 for midnight/],
    ["a minute that no clock has", "Sun 03:60-05:00 Europe/Berlin", /23:59/, /midnight/],
    ["one that never occurs", "Sun 03:00-03:00 Europe/Berlin", /never occurs/, /another end/],
    ["a zone that is none", "Sun 03:00-05:00 Europe/Atlantis", /time zone database/, /timedatectl/],
    ["an offset in place of a zone", "Sun 03:00-05:00 +01:00", /summer time/, /timedatectl/],
  ].map(([name, text, rule, fix]): BadCase => [
    `a window with ${name as string}`,
    window(text),
    KEY,
    /is ("|text of)/,
    rule as RegExp,
    fix as RegExp,
  ]),
]);

test.each([
  ["Sun 03:00-05:00 Europe/Berlin", { days: ["Sun"], begins: "03:00", ends: "05:00", zone: "Europe/Berlin" }],
  ["Sat,Sun 23:00-01:00 UTC", { days: ["Sat", "Sun"], begins: "23:00", ends: "01:00", zone: "UTC" }],
  [
    "daily 04:00-04:30 America/New_York",
    { begins: "04:00", days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] },
  ],
])("%s is a window", (text, parts) => {
  expect(planDeployment(settingsOf(window(text))).restarts).toMatchObject({ text, ...parts });
});

test("nothing waits where nothing is said, and the words mean what they say", () => {
  expect(planDeployment(settingsOf(good)).restarts).toBe("now");
  for (const word of ["now", "whenEmpty"])
    expect(planDeployment(settingsOf(set(["restarts"], word))).restarts).toBe(word);
});

test("a window is reported together with everything else that is wrong", () => {
  const { errors = [] } = loadConfig({ ...window("Sun 03:00"), contact: "nobody" });
  expect(errors.map(({ key }) => key).sort()).toEqual(["jitsi:contact", KEY]);
});
