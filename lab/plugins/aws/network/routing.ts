import { awsType, randomId } from "../core/awsType";
import { apiError, type Account } from "../core/account";
import { absent, required, text } from "../../shared/schema";
import { textOf } from "../../shared/values";
import { rangeFailures } from "./vpc";

const ONLY_GATEWAYS = "only routes to an internet gateway are";

/** Associations of elastic addresses with instances of a VPC. */
function publicInstances(account: Account, vpcId: string): { id: string }[] {
  const inside = new Set(account.all("instance").flatMap((one) => (one.vpcId === vpcId ? [one.id] : [])));
  return account.all("elasticAssociation").filter(({ instanceId }) => inside.has(instanceId));
}

/** `aws:ec2/internetGateway:InternetGateway`, attached to its VPC. */
export const internetGateway = awsType({
  kind: "internetGateway",
  newId: () => randomId("igw"),
  inputs: { vpcId: required(text) },
  outputs: ["arn", "ownerId"],
  replaceOn: ["vpcId"],
  create: (inputs, account, id) => {
    const { id: vpcId } = account.find("vpc", inputs["vpcId"]);
    if (account.all("internetGateway").some((one) => one.vpcId === vpcId))
      throw apiError(
        "Resource.AlreadyAssociated",
        `resource ${vpcId} is already attached to an internet gateway`,
      );
    return { values: { vpcId }, outputs: { arn: account.arn(`internet-gateway/${id}`), ownerId: "" } };
  },
  remove: ({ vpcId }, account) => {
    if (publicInstances(account, vpcId).length > 0)
      throw apiError(
        "DependencyViolation",
        `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
  },
});

/** `aws:ec2/routeTable:RouteTable`; its routes are resources of their own. */
export const routeTable = awsType({
  kind: "routeTable",
  newId: () => randomId("rtb"),
  inputs: { vpcId: required(text), routes: absent("use ec2.Route") },
  outputs: ["arn", "ownerId"],
  replaceOn: ["vpcId"],
  create: (inputs, account, id) => {
    const { id: vpcId } = account.find("vpc", inputs["vpcId"]);
    return { values: { vpcId }, outputs: { arn: account.arn(`route-table/${id}`), ownerId: "" } };
  },
  remove: ({ id }, account) => {
    account.refuseIfUsed(
      `The routeTable '${id}'`,
      account.all("routeTableAssociation").filter(({ routeTableId }) => routeTableId === id),
    );
    // Its routes go with it.
    for (const route of account.all("route"))
      if (route.routeTableId === id) account.remove("route", route.id);
  },
});

/** `aws:ec2/route:Route` to an internet gateway. */
export const route = awsType({
  kind: "route",
  newId: () => randomId("r"),
  inputs: {
    routeTableId: required(text),
    destinationCidrBlock: required(text),
    gatewayId: required(text),
    destinationIpv6CidrBlock: absent("guests have no IPv6"),
    natGatewayId: absent(ONLY_GATEWAYS),
    networkInterfaceId: absent(ONLY_GATEWAYS),
  },
  outputs: ["origin", "state"],
  replaceOn: ["routeTableId", "destinationCidrBlock", "gatewayId"],
  hasTags: false,
  check: (inputs) => rangeFailures(inputs, "destinationCidrBlock"),
  create: (inputs, account) => {
    const destination = textOf(inputs, "destinationCidrBlock");
    const table = account.find("routeTable", inputs["routeTableId"]);
    const gateway = account.find("internetGateway", inputs["gatewayId"]);
    if (gateway.vpcId !== table.vpcId)
      throw apiError(
        "InvalidParameterValue",
        `route table ${table.id} and network gateway ${gateway.id} belong to different networks`,
      );
    const known = account.all("route").filter(({ routeTableId }) => routeTableId === table.id);
    if (known.some((one) => one.destination === destination))
      throw apiError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
    const values = { routeTableId: table.id, destination, gatewayId: gateway.id };
    return { values, outputs: { origin: "CreateRoute", state: "active" } };
  },
});

/** `aws:ec2/routeTableAssociation:RouteTableAssociation` of a subnet. */
export const routeTableAssociation = awsType({
  kind: "routeTableAssociation",
  newId: () => randomId("rtbassoc"),
  inputs: {
    routeTableId: required(text),
    subnetId: required(text),
    gatewayId: absent("only subnets are associated"),
  },
  replaceOn: ["subnetId"],
  hasTags: false,
  create: (inputs, account) => associate(account, inputs["routeTableId"], inputs["subnetId"]),
  update: (inputs, account, { subnetId, id }) => associate(account, inputs["routeTableId"], subnetId, id),
});

function associate(account: Account, routeTableId: unknown, subnetId: unknown, own?: string) {
  const [table, subnet] = [account.find("routeTable", routeTableId), account.find("subnet", subnetId)];
  if (table.vpcId !== subnet.vpcId)
    throw apiError("InvalidParameterValue", `${table.id} and ${subnet.id} belong to different networks`);
  const known = account.all("routeTableAssociation").find((one) => one.subnetId === subnet.id);
  if (known !== undefined && known.id !== own)
    throw apiError(
      "Resource.AlreadyAssociated",
      `the specified association for ${subnet.id} exists (${known.id})`,
    );
  return { values: { routeTableId: table.id, subnetId: subnet.id } };
}
