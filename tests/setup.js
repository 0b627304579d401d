// An Output inside a template literal throws instead of rendering a long help text.
process.env.PULUMI_ERROR_OUTPUT_STRING = "true";
