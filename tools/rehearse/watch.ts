import { HostLooks } from "../hostLooks";
import type { Look } from "./measured";

const PERIOD_SECONDS = 2;

/** Looks at every host by its login while a rehearsal lasts, until `end`. */
export class Watch {
  private readonly hosts: [string, HostLooks][];

  constructor(logins: Record<string, string>) {
    this.hosts = Object.entries(logins).map(([id, login]) => [id, new HostLooks(login, PERIOD_SECONDS)]);
  }

  /** Looks no more; what was seen, by host. */
  end(): Record<string, Look[]> {
    for (const [, looks] of this.hosts) looks.end();
    return Object.fromEntries(this.hosts.map(([id, looks]) => [id, looks.seen]));
  }
}
