import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import { RULES } from "./rules";

new PolicyPack("audio-meet", {
  enforcementLevel: "mandatory",
  policies: RULES.map(({ name, description, broken }): ResourceValidationPolicy => ({
    name,
    description,
    validateResource: ({ type, props }, report) => {
      for (const words of broken(type, props)) report(words);
    },
  })),
});
