import type { Check } from "../../../services/manifest";
import { documentOf, filesOf } from "./compare";
import { stepOf, type Deployment } from "./deployment";
import { textOf } from "./registration";

/** By which names a bridge goes: its account's group, its login, in the brewery, between bridges; and whom jicofo has to count. */
export function bridgeNames(run: Deployment, id: string) {
  const secrets = Object.values(filesOf(stepOf(run, `${id}-secrets`))).map(({ content }) => content);
  const config = filesOf(stepOf(run, `${id}-files-videobridge`))["/etc/jitsi/videobridge/jvb.conf"]?.content;
  const checks = documentOf(stepOf(run, "core-verification-run"))["checks"] as Check[];
  const undo = textOf(stepOf(run, `${id}-account`).inputs, "delete");
  return {
    undo: / remove (\S+)$/.exec(undo)?.[1],
    login: /VIDEOBRIDGE_USER="?([^"\n]*)/.exec(secrets.join("\n"))?.[1],
    nickname: /MUC_NICKNAME = "([^"]*)"/.exec(config ?? "")?.[1],
    relay: /relay-id = "([^"]*)"/.exec(config ?? "")?.[1],
    counted: checks.flatMap((check) => (check.kind === "jicofo" ? check.bridges : [])),
  };
}
