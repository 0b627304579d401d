import { basename } from "node:path";
import { certificate } from "../../services/certificate";
import { serviceGroup } from "../../services/onHost";
import { planWith } from "../unit/servicesFixture";
import { unitComplaints as complaints } from "./checkers";
import { content } from "./files";
import { testWith } from "./programs";

const UNITS = [
  "prosody-jvb.service",
  "jicofo.service",
  "audio-meet-firewall.service",
  "audio-meet-kernel.service",
];
const RENEWAL = serviceGroup(certificate, planWith([]), "core");
const DROP_INS = ["prosody.service", "coturn.service", "jitsi-videobridge2.service"];

describe.each(UNITS)("%s", (unit) => {
  const text = content(`/etc/systemd/system/${unit}`);

  testWith(["systemd-analyze"], "systemd reads it without a remark", () => {
    expect(complaints({ [unit]: text }, unit)).toEqual([]);
  });

  testWith(["systemd-analyze"], "a typo in it is noticed by this check", () => {
    expect(
      complaints({ [unit]: text.replace("[Service]", "[Service]\nProtectSytem=strict") }, unit),
    ).not.toEqual([]);
  });
});

test.each(Object.entries(RENEWAL.files).map(([path, { content }]) => [basename(path), content]))(
  "%s: systemd reads it without a remark, and a typo in it is noticed",
  (unit, text) => {
    const service = { "audio-meet-certificate.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n" };
    expect(complaints({ ...service, [unit]: text }, unit)).toEqual([]);
    expect(
      complaints({ ...service, [unit]: text.replace("[Unit]", "[Unit]\nDescripton=x") }, unit),
    ).not.toEqual([]);
  },
);

describe.each(DROP_INS)("the addition to %s", (unit) => {
  const path = `${unit}.d/audio-meet.conf`;
  const base = "[Service]\nType=simple\nExecStart=/bin/true\n";

  testWith(["systemd-analyze"], "systemd reads it without a remark", () => {
    expect(complaints({ [unit]: base, [path]: content(`/etc/systemd/system/${path}`) }, unit)).toEqual([]);
  });

  testWith(["systemd-analyze"], "a typo in it is noticed by this check", () => {
    const text = `${content(`/etc/systemd/system/${path}`)}LimitNOFILES=1\n`;
    expect(complaints({ [unit]: base, [path]: text }, unit)).not.toEqual([]);
  });
});
