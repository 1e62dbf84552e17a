// What `make test` shows of node's tests: what has failed, what tests say, and the counts.
export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type === "test:fail" && data.details?.error?.failureType !== "subtestsFailed") {
      const { cause, message } = data.details.error;
      yield `FAIL ${data.file ?? ""} ${data.name}\n${cause?.stack ?? message}\n`;
    } else if (type === "test:diagnostic" && /^(pass|fail|skipped) \d+$/.test(data.message)) yield `# ${data.message}\n`;
    else if (type === "test:diagnostic" && !/^(tests|suites|cancelled|todo|duration_ms) /.test(data.message)) yield `      ${data.message}\n`;
    else if (type === "test:stdout" || type === "test:stderr") yield data.message;
  }
}
