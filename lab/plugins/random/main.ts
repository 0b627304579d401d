import { serve } from "../shared/server";
import { randomBytes, randomId } from "./bytes";
import { randomPassword, randomString } from "./characters";

serve({
  name: "random",
  version: "4.21.1",
  types: {
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomBytes:RandomBytes": randomBytes,
  },
});
