import { certificate } from "./certificate";
import { coturn } from "./coturn";
import { firewall } from "./firewall";
import { recorder } from "./jibri";
import { jicofo } from "./jicofo";
import { kernel } from "./kernel";
import { meet } from "./meet";
import { metrics } from "./metrics";
import { nginx } from "./nginx";
import { owed } from "./owed";
import { prometheus } from "./prometheus";
import { prosody } from "./prosody";
import { prosodyJvb } from "./prosody/jvb";
import { visitorNodes } from "./prosody/visitors";
import { inOneGroup, type Table } from "./service";
import { upkeep } from "./upkeep";
import { videobridge } from "./videobridge";
import { watchdog } from "./watchdog";

/** Everything that runs on hosts, one line each: the firewall before any daemon of ours opens a port. */
export const SERVICES: Table = [
  ...inOneGroup("host", firewall, kernel, upkeep),
  owed,
  metrics,
  prometheus,
  prosody,
  prosodyJvb,
  ...visitorNodes,
  jicofo,
  watchdog,
  nginx,
  coturn,
  certificate,
  meet,
  videobridge,
  recorder,
];
