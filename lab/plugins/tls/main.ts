import "reflect-metadata";
import { serve } from "../shared/server";
import { certRequest } from "./certRequest";
import { locallySignedCert, selfSignedCert } from "./certificates";
import { privateKey } from "./privateKey";

serve({
  name: "tls",
  version: "5.5.1",
  types: {
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
  },
});
