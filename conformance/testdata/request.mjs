// Makes of a request as JSON has it what the host takes.

// read makes what the host takes of JSON, by the type.
function read(type, v) {
  if (v === null) return null;
  switch (type) {
    case "bool": case "double": case "string": case "any": return v;
    case "int": case "uint": return BigInt(v);
    case "bytes": return Uint8Array.from(Buffer.from(v, "base64"));
    case "timestamp": {
      const [, whole, decimals = ""] = /^(.{19})(?:\.(\d+))?Z$/.exec(v);
      return { seconds: BigInt(Date.parse(whole + "Z")) / 1000n, nanos: Number(decimals.padEnd(9, "0")) };
    }
    case "duration": {
      const [, sign, whole, decimals = ""] = /^(-?)(\d+)(?:\.(\d+))?s$/.exec(v);
      return BigInt(sign + whole + decimals.padEnd(9, "0"));
    }
    case "ip": case "cidr": return address(v);
  }
  if (type.list) return v.map((e) => read(type.list, e));
  const out = Object.create(null);
  for (const key of Object.keys(v)) out[key] = read(type.map ?? type.object.find((a) => a.name === key).type, v[key]);
  return out;
}

function address(text) {
  const [ip, length] = text.split("/");
  if (!ip.includes(":")) {
    return { family: 4, prefix: length && 96 + Number(length), bytes: [...Array(10).fill(0), 255, 255, ...ip.split(".").map(Number)] };
  }
  const [head, tail] = ip.split("::").map((s) => (s ? s.split(":") : []));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail] : head;
  return { family: 6, prefix: length && Number(length), bytes: groups.flatMap((g) => [parseInt(g, 16) >> 8, parseInt(g, 16) & 255]) };
}

export function request(schema, r) {
  const action = schema.actions?.find((a) => a.name === r.action);
  const types = [...(schema.signals ?? []), { name: "resource", type: action?.resource }];
  return {
    ...r,
    now: read("timestamp", r.now),
    signals: read({ object: types }, r.signals),
    params: read({ object: schema.params ?? [] }, r.params),
  };
}
