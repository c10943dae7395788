// What scim2-parse-filter and scim-patch make of filters and patches: one question a line on the input, JSON, and one
// answer a line on the output. tests/it/independent explains both.
import { createInterface } from "node:readline";
import { scimPatch, patchBodyValidation } from "scim-patch";
import { filter, parse } from "scim2-parse-filter";

// The tree in the form that all libraries are compared in.
function form(node) {
  switch (node.op) {
    case "and":
    case "or":
      return [node.op, ...node.filters.map(form)];
    case "not":
      return ["not", form(node.filter)];
    case "[]":
      return ["[]", node.attrPath, form(node.valFilter)];
    case "pr":
      return ["pr", node.attrPath];
    default:
      return [node.op, node.attrPath, node.compValue];
  }
}

// Runs it; what it throws is a refusal.
function attempt(answer) {
  try {
    return answer();
  } catch (error) {
    return { refused: String(error.message ?? error) };
  }
}

function answer(question) {
  if ("filter" in question) {
    return {
      "scim2-parse-filter": attempt(() => {
        const tree = parse(question.filter);
        return { form: form(tree), matches: filter(tree)(question.resource) };
      }),
    };
  }
  return {
    "scim-patch": attempt(() => {
      patchBodyValidation(question.patch);
      return { resource: scimPatch(question.resource, question.patch.Operations) };
    }),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
