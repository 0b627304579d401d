import { awsType } from "../core/awsType";
import { ACCOUNT, apiError, type Account } from "../core/account";
import { required, text } from "../../shared/schema";
import { textOf } from "../../shared/values";
import { policyFailures } from "./policies";

/** IAM belongs to no region: an id that exists in one exists in all, and this is where it lies. */
function everywhere(account: Account, kind: "role" | "instanceProfile", id: string) {
  return account.store.everywhere(kind).find((one) => one.id === id);
}

/** Source: IAM quotas, names of roles and profiles. */
const NAME = /^[\w+=,.@-]{1,64}$/;

function nameOf(given: string, fallback: string): string {
  return given === "" ? `${fallback}-${Math.random().toString(16).slice(2, 9)}` : given;
}

/** `aws:iam/role:Role`. */
export const role = awsType({
  kind: "role",
  isGlobal: true,
  newId: (inputs, name) => nameOf(textOf(inputs, "name"), name),
  inputs: { name: text, description: text, assumeRolePolicy: required(text) },
  outputs: ["arn", "name", "uniqueId"],
  replaceOn: ["name"],
  check: (inputs) => policyFailures(inputs, "assumeRolePolicy", ["Principal"]),
  create: (_inputs, account, id) => {
    if (!NAME.test(id)) throw apiError("ValidationError", `the name ${id} has characters that IAM refuses`);
    if (everywhere(account, "role", id) !== undefined)
      throw apiError("EntityAlreadyExists", `Role with name ${id} already exists.`);
    return {
      values: {},
      outputs: { arn: `arn:aws:iam::${ACCOUNT}:role/${id}`, name: id, uniqueId: `AROA${id}` },
    };
  },
  remove: ({ id }, account) => {
    const users = [...account.all("instanceProfile"), ...account.all("rolePolicy")].filter(
      (one) => one.role === id,
    );
    if (users.length > 0)
      throw apiError("DeleteConflict", `Cannot delete entity, must detach ${users[0]?.id ?? ""} first.`);
  },
});

/** `aws:iam/rolePolicy:RolePolicy`: a policy that stands in the role itself. */
export const rolePolicy = awsType({
  kind: "rolePolicy",
  isGlobal: true,
  newId: (inputs, name) => `${textOf(inputs, "role")}_${nameOf(textOf(inputs, "name"), name)}`,
  inputs: { name: text, role: required(text), policy: required(text) },
  outputs: ["name"],
  replaceOn: ["name", "role"],
  hasTags: false,
  check: (inputs) => policyFailures(inputs, "policy", ["Resource"]),
  create: (inputs, account, id) => {
    const { id: roleId } = account.find("role", inputs["role"]);
    return { values: { role: roleId }, outputs: { name: id.slice(roleId.length + 1) } };
  },
});

/** `aws:iam/instanceProfile:InstanceProfile`: what gives an instance its role. */
export const instanceProfile = awsType({
  kind: "instanceProfile",
  isGlobal: true,
  newId: (inputs, name) => nameOf(textOf(inputs, "name"), name),
  inputs: { name: text, role: required(text) },
  outputs: ["arn", "name"],
  replaceOn: ["name"],
  create: (inputs, account, id) => {
    const { id: roleId } = account.find("role", inputs["role"]);
    if (everywhere(account, "instanceProfile", id) !== undefined)
      throw apiError("EntityAlreadyExists", `Instance Profile ${id} already exists.`);
    return {
      values: { role: roleId },
      outputs: { arn: `arn:aws:iam::${ACCOUNT}:instance-profile/${id}`, name: id },
    };
  },
});

/** Throws what RunInstances answers to a profile that does not exist. */
export function checkProfile(account: Account, name: unknown): void {
  if (typeof name === "string" && everywhere(account, "instanceProfile", name) === undefined)
    throw apiError(
      "InvalidParameterValue",
      `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    );
}
