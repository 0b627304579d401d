import type { HeapSpec } from "./manifest";
import { restart } from "./files";
import { TRUSTSTORE_PASSWORD } from "./truststore";

/** What the two Java daemons have in common. */
export interface JavaDaemon {
  /** Folder of the daemon in /etc/jitsi. */
  folder: string;
  /** Absolute path of its HOCON file. */
  config: string;
}

/**
 * JAVA_SYS_PROPS of a daemon: where it finds its configuration, and whom it trusts. The start scripts of both put
 * these after their own options, so the folder of heap dumps here wins over their world-readable one.
 */
export function javaProperties({ folder, config }: JavaDaemon): string {
  return [
    `-Dconfig.file=${config}`,
    "-Dnet.java.sip.communicator.SC_HOME_DIR_LOCATION=/etc/jitsi",
    `-Dnet.java.sip.communicator.SC_HOME_DIR_NAME=${folder}`,
    "-Dnet.java.sip.communicator.SC_LOG_DIR_LOCATION=/var/log/jitsi",
    `-Djava.util.logging.config.file=/etc/jitsi/${folder}/logging.properties`,
    ...trustProperties(),
    "-XX:HeapDumpPath=/var/log/jitsi",
  ].join(" ");
}

/** Our authority in the form that Java reads; only the daemons of Java have it. */
export const TRUSTSTORE = "/etc/jitsi/trust/truststore.jks";

/** Whom a Java daemon believes: our own authority and nobody else. */
export function trustProperties(): string[] {
  return [
    `-Djavax.net.ssl.trustStore=${TRUSTSTORE}`,
    `-Djavax.net.ssl.trustStorePassword=${TRUSTSTORE_PASSWORD}`,
  ];
}

/** The heap line of a daemon, a part of the host's memory within bounds in megabytes. */
export function heap(
  variable: string,
  unit: string,
  share: number,
  bounds: { minimum: number; maximum: number },
): HeapSpec {
  return {
    variable,
    share,
    minimumMegabytes: bounds.minimum,
    maximumMegabytes: bounds.maximum,
    units: restart(unit),
  };
}
