import { ProviderUnderTest, secret, type Properties } from "./provider";
import { SshServer, type ServerOptions } from "./sshServer";

export const TYPE = "command:remote:Command";

/** One plugin for the file, one fresh SSH server for each test, and the inputs that reach it. */
export class RemoteBench {
  provider!: ProviderUnderTest;
  server!: SshServer & { hostKey: string };

  /** Registers the hooks of the test file. */
  static install(): RemoteBench {
    const bench = new RemoteBench();
    beforeAll(async () => {
      bench.provider = await ProviderUnderTest.start("command");
    });
    beforeEach(async () => {
      bench.provider.log.lines.length = 0;
      await bench.serve({ acceptEnvironment: ["LANG", "PULUMI_COMMAND_STDOUT"] });
    });
    afterEach(() => SshServer.stopAll());
    afterAll(() => {
      bench.provider.stop();
    });
    return bench;
  }

  /** Puts another server in the place of the one that each test starts with. */
  async serve(options: ServerOptions): Promise<void> {
    await SshServer.stopAll();
    this.server = await SshServer.start(options);
  }

  connection(more: Properties = {}): Properties {
    const { port, hostKey, clientKey } = this.server;
    return { host: "127.0.0.1", user: "root", port, hostKey, privateKey: clientKey.private, ...more };
  }

  args(more: Properties, reach: Properties = this.connection()): Properties {
    return { connection: secret(reach), addPreviousOutputInEnv: false, ...more };
  }
}
