import { isIPv4, isIPv6 } from "node:net";
import { awsType } from "../core/awsType";
import { apiError } from "../core/account";
import { number, required, text, texts, type Failure } from "../../shared/schema";
import { textOf, UNKNOWN, type Properties } from "../../shared/values";

/** Source: Route 53 API, ResourceRecordSet.TTL. */
const LONGEST_TTL_SECONDS = 2_147_483_647;

const FITS = { A: isIPv4, AAAA: isIPv6 };

/** What the provider or Route 53 refuses whatever the zone holds. */
function recordFailures(inputs: Properties): Failure[] {
  const [ttl, type] = [inputs["ttl"], textOf(inputs, "type")];
  const records = (inputs["records"] ?? []) as string[];
  const fits = type === "A" || type === "AAAA" ? FITS[type] : undefined;
  const wrong = records.filter((record) => record !== UNKNOWN && fits?.(record) === false);
  const failures: (Failure | false)[] = [
    records.length === 0 && { property: "records", reason: "records: a record without a value" },
    wrong.length > 0 && { property: "records", reason: `records: no address of type ${type}` },
    typeof ttl === "number" &&
      (ttl < 0 || ttl > LONGEST_TTL_SECONDS) && { property: "ttl", reason: "ttl: out of range" },
  ];
  return failures.filter((failure) => failure !== false);
}

/** `aws:route53/record:Record` with an address. The zone is none of the program's: a test puts it into the account. */
export const record = awsType({
  kind: "dnsRecord",
  newId: (inputs) => ["zoneId", "name", "type"].map((key) => textOf(inputs, key)).join("_"),
  inputs: {
    zoneId: required(text),
    name: required(text),
    type: { kind: "string", required: true, oneOf: ["A", "AAAA"] },
    ttl: required(number),
    records: required(texts),
  },
  outputs: ["fqdn"],
  replaceOn: ["zoneId", "name", "type"],
  hasTags: false,
  isGlobal: true,
  check: recordFailures,
  create: (inputs, account, id) => {
    const [zoneId, name] = [textOf(inputs, "zoneId"), textOf(inputs, "name")];
    const { domain } = account.find("hostedZone", zoneId);
    if (name !== domain && !name.endsWith(`.${domain}`))
      throw apiError(
        "InvalidChangeBatch",
        `RRSet with DNS name ${name}. is not permitted in zone ${domain}.`,
      );
    if (account.get("dnsRecord", id) !== undefined)
      throw apiError(
        "InvalidChangeBatch",
        `Tried to create resource record set [name='${name}.', type='${textOf(inputs, "type")}'] but it already exists`,
      );
    return valuesOf(inputs);
  },
  update: (inputs) => valuesOf(inputs),
});

function valuesOf(inputs: Properties) {
  const [zoneId, name, type] = ["zoneId", "name", "type"].map((key) => textOf(inputs, key)) as [
    string,
    string,
    string,
  ];
  const records = (inputs["records"] ?? []) as string[];
  return { values: { zoneId, name, type, records }, outputs: { fqdn: name } };
}
