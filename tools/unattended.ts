/** Nobody is there to type a password, and a machine that is off is given up soon. */
const SSH_OPTIONS = "-o BatchMode=yes -o ConnectTimeout=10";

/** A login of the stack output `ssh` as a command line that asks nobody anything and waits ten seconds for a connection. */
export function unattended(login: string): string {
  return login.replace(/^ssh /, `ssh ${SSH_OPTIONS} `);
}
