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
    /need each other/,
    /regionHeader/,
  ],
  [
    "a header without values",
    { ...good, participants: { regionHeader: "CF-IPCountry" } },
    "jitsi:participants.regionHeader",
    /is given/,
    /need each other/,
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
    /also at .*networks\[0\]/,
    /belongs to one region/,
    /one of the two/,
  ],
  [
    "without the module that tells jicofo",
    { ...near({ networks: ["198.51.100.0/24"] }), features: { jitsiModules: false } },
    NEAR,
    /jitsiModules is false/,
    /needs a bridge in that region/,
    /leave jitsiModules on/,
  ],
]);
