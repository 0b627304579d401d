import { good, set, testBad } from "./configBad";

const near = (participants: object) => set(["regions", 0, "participants"], participants);
const NEAR = "jitsi:regions[0].participants";

testBad([
  ["no network", near({ networks: ["eu"] }), `${NEAR}.networks[0]`, /"eu"/, /CIDR/, /198\.51/],
  [
    "a value that no header has",
    { ...near({ headerValues: ["D E"] }), participants: { regionHeader: "CF-IPCountry" } },
    `${NEAR}.headerValues[0]`,
    /"D E"/,
    /64 letters/,
    /proxy writes it/,
  ],
  [
    "values without a header",
    near({ headerValues: ["DE"] }),
    `${NEAR}.headerValues[0]`,
    /"DE"/,
    /by values that regions name/,
    /regionHeader/,
  ],
  [
    "a header without values",
    { ...good, participants: { regionHeader: "CF-IPCountry" } },
    "jitsi:participants.regionHeader",
    /is given/,
    /by values/,
    /headerValues/,
  ],
  [
    "a header that is none",
    { ...near({ headerValues: ["DE"] }), participants: { regionHeader: "CF IPCountry" } },
    "jitsi:participants.regionHeader",
    /12 characters/,
    /letters, digits and hyphens/,
    /CF-IPCountry/,
  ],
  [
    "a network twice",
    near({ networks: ["198.51.100.0/24", "198.51.100.0/24"] }),
    `${NEAR}.networks[1]`,
    /networks\[0\] as well/,
    /leads to one region/,
    /one of the two/,
  ],
  [
    "without the module that tells jicofo",
    { ...near({ networks: ["198.51.100.0/24"] }), features: { jitsiModules: false } },
    NEAR,
    /jitsiModules is false/,
    /tells jicofo/,
    /leave jitsiModules on/,
  ],
]);
