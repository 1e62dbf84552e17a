// Decides the requests of a file of lines, each {"module": PATH, "request": REQUEST} with a request as JSON has it, and prints a decision a line.
import { readFileSync } from "node:fs";
import { Host } from "./host.mjs";
import { request } from "./request.mjs";

const hosts = new Map();
for (const line of readFileSync(process.argv[2], "utf8").split("\n")) {
  if (line === "") continue;
  const { module, request: r } = JSON.parse(line);
  let out;
  try {
    if (!hosts.has(module)) hosts.set(module, new Host(new WebAssembly.Module(readFileSync(module))));
    const host = hosts.get(module);
    out = host.decide(request(host.schema, r));
  } catch (e) {
    hosts.delete(module); // an instance that has trapped is not used again
    out = { effect: "deny", error: { code: "engine_error", message: String(e) } };
  }
  console.log(JSON.stringify(out));
}
