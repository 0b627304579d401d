import type { LabStack } from "./labStack";

/** A port beside the media's, so that the bridge lives on. */
const ECHO_PORT = 10_001;

/** What comes to the port goes back. */
const ECHO = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", ${ECHO_PORT}))
while True:
    data, sender = s.recvfrom(65535)
    s.sendto(data, sender)
`;

/**
 * One allocation at coturn that lives for as long as the script: twice a second a packet to one peer and back, and the question
 * for the permission to reach another. A line for each: "echo" or "lost", and the error, 0 for yes. Send and Data indications
 * and their DATA attribute: RFC 8656, sections 17 and 18.
 */
const CALL = `
import os, socket, sys, time
sys.path.insert(0, "/usr/local/lib/audio-meet")
from audio_meet.network import stun
SEND, DATA = 0x0016, 0x0013
core, peer, other = sys.argv[1:]
connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
connection.connect((core, 3478))
connection.settimeout(2)
session = stun.Session(connection, stun.time_limited(open("/etc/audio-meet/secrets/turn").read(), 3600))
wanted = (stun.REQUESTED_ADDRESS_FAMILY, stun.family_of(core) + bytes(3))
session.ask(stun.ALLOCATE, (stun.REQUESTED_TRANSPORT, stun.UDP), wanted)
def permission(ip):
    return session.ask(stun.CREATE_PERMISSION, (stun.XOR_PEER_ADDRESS, stun.Address(ip, 0))).error()
def echo(number):
    transaction, text = os.urandom(12), b"packet %07d" % number
    body = stun.attribute(stun.XOR_PEER_ADDRESS, stun.xor_address(stun.Address(peer, ${ECHO_PORT}), transaction))
    body += stun.attribute(DATA, text)
    connection.send(stun.header(SEND, len(body), transaction) + body)
    try:
        while text not in connection.recv(65535): pass
        return "echo"
    except TimeoutError:
        return "lost"
permission(peer)
number = 0
while True:
    number += 1
    print(echo(number), permission(other), permission(peer), flush=True)
    time.sleep(0.5)
`;

/** A participant behind TURN, on the core itself, who talks to one bridge and would like to reach another address. */
export class RelayedCall {
  private constructor(private readonly stack: LabStack) {}

  /** @throws Error when nothing comes back in the beginning */
  static async start(
    stack: LabStack,
    call: { core: string; bridge: string; peer: string; other: string },
  ): Promise<RelayedCall> {
    await stack.on(
      call.bridge,
      `cat >/run/echo.py <<'END'\n${ECHO}\nEND
       nft insert rule inet audio_meet input udp dport ${ECHO_PORT} accept
       systemd-run --quiet --unit=echo python3 /run/echo.py`,
    );
    await stack.on(
      "core",
      `cat >/run/call.py <<'END'\n${CALL}\nEND
       systemd-run --quiet --unit=call -p StandardOutput=file:/run/call.log \\
         python3 -B /run/call.py ${call.core} ${call.peer} ${call.other}
       for try in $(seq 50); do grep -q echo /run/call.log && exit; sleep 0.1; done; cat /run/call.log >&2; exit 1`,
    );
    return new RelayedCall(stack);
  }

  /** The same once the other has been answered so many ways; at the latest after twice the time in which coturn takes a change up. */
  async after(answers: number): Promise<Awaited<ReturnType<RelayedCall["sofar"]>>> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = await this.sofar();
      if (found.other.length >= answers || Date.now() > deadline) return found;
    }
  }

  /** So far: packets that did not come back, errors for the peer of the call, and the answers for the other without repeats. */
  async sofar(): Promise<{ lost: number; refused: number; other: string[] }> {
    const log = await this.stack.on("core", "systemctl is-active --quiet call && cat /run/call.log");
    const lines = log
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    const answers = lines.map(([, other]) => other ?? "");
    return {
      lost: lines.filter(([echo]) => echo !== "echo").length,
      refused: lines.filter(([, , peer]) => peer !== "0").length,
      other: answers.filter((answer, index) => answer !== answers[index - 1]),
    };
  }
}
