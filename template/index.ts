import * as pulumi from "@pulumi/pulumi";
import { AudioMeet } from "audio-meet";

const config = new pulumi.Config();
// What is missing is empty: AudioMeet names all mistakes at once, config.require the first alone.
const asked = (key: string) => config.get(key) ?? "";
// The commands of the checkout (npm run health, drift, doctor) look for the key under this name as well.
const sshPrivateKey = new pulumi.Config("jitsi").getSecret("sshPrivateKey");
const bridge = config.get("bridge");

const meet = new AudioMeet("meet", {
  domain: asked("domain"),
  contact: asked("contact"),
  ...(sshPrivateKey && { sshPrivateKey }),
  // People in the largest room: warnings, limits and the number of open files follow from it.
  audience: { participants: 100 },
  regions: [
    {
      name: "main",
      machines: { provider: "existing", user: asked("user") },
      core: { address: asked("core"), hostKey: asked("coreKey") },
      videobridges: [
        bridge
          ? { id: "bridge-1", address: bridge, hostKey: asked("bridgeKey") }
          : { id: "bridge-1", on: "core" },
      ],
    },
  ],
});

export const { url, dns, endpoints, bridges, capacity, health, ssh, knownHosts, caPem, moderators } = meet;
