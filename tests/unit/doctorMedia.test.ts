import { lookAtMedia, waysOf } from "../../tools/doctor/media";
import type { TimeLeft } from "../../tools/doctor/time";

const BRIDGES = {
  "fra-1": { publicAddress: "198.51.100.1" },
  "fra-2": { publicAddress: "198.51.100.2" },
  main: { publicAddress: "198.51.100.9" },
};
const opening = (id: string) => [id, { fragment: `f-${id}`, password: "p" }] as const;
const addresses = (way: object | undefined) =>
  Object.fromEntries(
    Object.entries((way ?? {}) as Record<string, { address: string }[]>).map(([link, checks]) => [
      link,
      checks.map(({ address }) => address),
    ]),
  );

test("this machine and the core ask every bridge, and each bridge every other one", () => {
  const ways = waysOf(BRIDGES, ["core", "fra-1", "fra-2"], Object.keys(BRIDGES).map(opening));
  const media = {
    "media fra-1": ["198.51.100.1"],
    "media fra-2": ["198.51.100.2"],
    "media main": ["198.51.100.9"],
  };
  expect(addresses(ways["here"])).toEqual(media);
  expect(addresses(ways["fra-1"])).toEqual({ "relay fra-1": ["198.51.100.2", "198.51.100.9"] });
  // A bridge on the core has no login of its own.
  expect(addresses(ways["core"])).toEqual({ ...media, "relay main": ["198.51.100.1", "198.51.100.2"] });
});

test("a bridge that gives no opening is asked by nobody, and asks the others itself", () => {
  const ways = waysOf(BRIDGES, ["core", "fra-1", "fra-2"], [opening("fra-2")]);
  expect(addresses(ways["here"])).toEqual({ "media fra-2": ["198.51.100.2"] });
  expect(addresses(ways["fra-1"])).toEqual({ "relay fra-1": ["198.51.100.2"] });
  expect(ways["fra-2"]).toBeUndefined();
  expect(waysOf(BRIDGES, ["core"], [])).toEqual({});
});

test("a bridge that gives no opening in time is said to be looked at by nobody, and one that refuses is left to its own link", async () => {
  const bridges = { late: { publicAddress: "198.51.100.1" }, down: { publicAddress: "198.51.100.2" } };
  const time = { openingMilliseconds: 300, mediaMilliseconds: 1000, mediaSeconds: 1 };
  const ssh = { late: "sleep 5 #", down: "false #" };
  const found = await lookAtMedia({ bridges, ssh }, time as TimeLeft);
  expect(found).toEqual([["media late", { notKnown: "no opening within 0.3 s" }]]);
});
