import { serve } from "../shared/server";
import { localCommand } from "./localCommand";
import { remoteCommand } from "./remoteCommand";

serve({
  name: "command",
  version: "1.2.1",
  types: { "command:local:Command": localCommand, "command:remote:Command": remoteCommand },
});
