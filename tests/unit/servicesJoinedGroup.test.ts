import { file, restart } from "../../services/files";
import { joinedGroup } from "../../services/joinedGroup";
import { groupsOf, verificationOf } from "../../services/onHost";
import { bridge, planWith } from "./servicesFixture";

const ONE = {
  group: "one",
  files: file("/etc/one", "1", { units: restart("a.service") }),
  run: ["a.service"],
};
const OTHER = { group: "other", files: file("/etc/other", "2"), run: ["b.service"], keepReachable: [22] };

test("groups in one have all that they had apart, in their order, and say what they were called", () => {
  expect(joinedGroup("both", [ONE, OTHER])).toEqual({
    group: "both",
    formerGroups: ["one", "other"],
    files: { ...ONE.files, ...OTHER.files },
    run: ["a.service", "b.service"],
    keepReachable: [22],
  });
});

test("a group that others join keeps its name, and takes over theirs alone", () => {
  const joined = joinedGroup("one", [
    ONE,
    OTHER,
    { ...OTHER, group: "third", files: {}, keepReachable: [80] },
  ]);
  expect(joined).toMatchObject({ group: "one", formerGroups: ["other", "third"], keepReachable: [22, 80] });
});

test("a file that two of them bring is a mistake of the program", () => {
  expect(() => joinedGroup("both", [ONE, { ...OTHER, files: ONE.files }])).toThrow("/etc/one is made twice");
});

test("firewall, limits of the kernel and upkeep are one group on every host, and are verified as before", () => {
  const plan = planWith([bridge("fra-1", 3)]);
  for (const { id } of plan.hosts) {
    const [host, ...others] = groupsOf(plan, id);
    expect(host).toMatchObject({ group: "host", formerGroups: ["firewall", "kernel", "upkeep"] });
    expect(Object.keys(host?.files ?? {})).toEqual(
      expect.arrayContaining(["/etc/audio-meet/nftables/host.nft", "/etc/audio-meet/kernel.conf"]),
    );
    expect(host?.run).toEqual(["audio-meet-firewall.service", "audio-meet-kernel.service"]);
    expect(others.map(({ group }) => group)).not.toContain("host");
    const kinds = verificationOf(plan, id).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["firewall", "kernel", "clock"]));
  }
});
