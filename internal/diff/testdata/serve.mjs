// Decides for a parent process: it takes a line {"module": BASE64, "requests": [REQUEST, …]} and answers with one, a list of decisions as text. The host is
// that of the conformance suite.
import { Host } from "../../../conformance/testdata/host.mjs";
import { request } from "../../../conformance/testdata/request.mjs";

function decide({ module, requests }) {
  const compiled = new WebAssembly.Module(Buffer.from(module, "base64"));
  let host;
  return requests.map((r) => {
    try {
      host ??= new Host(compiled);
      return JSON.stringify(host.decide(request(host.schema, r)));
    } catch (e) {
      host = undefined; // an instance that has trapped is not used again
      return JSON.stringify({ error: String(e) });
    }
  });
}

function answer(line) {
  try {
    return decide(JSON.parse(line));
  } catch (e) {
    return { error: String(e) };
  }
}

let parts = [];
process.stdin.setEncoding("utf8").on("data", (text) => {
  for (let end; (end = text.indexOf("\n")) >= 0; text = text.slice(end + 1)) {
    parts.push(text.slice(0, end));
    process.stdout.write(JSON.stringify(answer(parts.join(""))) + "\n");
    parts = [];
  }
  parts.push(text);
});
