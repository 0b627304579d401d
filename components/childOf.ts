import * as pulumi from "@pulumi/pulumi";

/** Options of a resource that belongs to a component: the parent, and whatever else is given. */
export function childOf(
  parent: pulumi.Resource,
  more: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return { ...more, parent };
}
