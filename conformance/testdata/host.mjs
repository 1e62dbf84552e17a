// A host for modules of policies, written from docs/abi.md alone. It shows that a module takes decisions by itself in JavaScript too, and that the page says
// what somebody needs who writes a host. Requests are read already, and valid: booleans, BigInt for int, uint and duration (nanoseconds), numbers for double,
// strings, Uint8Array for bytes, {seconds: BigInt, nanos} for timestamps, {family, prefix, bytes} for addresses and ranges, arrays, and objects without a prototype.

const codes = [, , , "no_such_attribute", "no_such_key", "index_out_of_bounds", "overflow", "divide_by_zero", "no_such_overload", "bad_value", "invalid_argument", "optional_none", "limit"];
const effects = ["deny", "allow", "step_up", "need"];
const utf8 = new TextEncoder();

export class Host {
  constructor(module) {
    const section = (name) => {
      const [data] = WebAssembly.Module.customSections(module, name);
      return data && JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
    };
    this.meta = section("rung.meta");
    this.schema = section("rung.schema");
    this.outputs = section("rung.outputs");
    this.places = section("rung.debug")?.places;
    this.exports = new WebAssembly.Instance(module).exports;
    if (this.exports.rung_abi.value !== 1) throw new Error("another version of the interface");
    this.room = 0;
    this.reserve(1 << 12);
  }

  reserve(room) {
    this.base = this.exports.begin(room) >>> 0;
    if (this.base === 0) throw new Error("the request is too large");
    this.room = room;
  }

  decide(request) {
    const number = (this.schema.actions ?? []).findIndex((a) => a.name === request.action);
    if (number < 0) return { effect: "deny", error: { code: "unknown_action", path: "/action" } };
    let record = this.write(number, request);
    if (record.end > this.room) {
      this.reserve(record.end);
      record = this.write(number, request);
    }
    new Uint8Array(this.exports.memory.buffer).set(record.bytes.subarray(0, record.end), this.base);
    const at = this.exports.decide(number, this.base) >>> 0;
    if (at === 0) throw new Error("no such action");
    return this.read(number, at, request);
  }

  write(number, request) {
    const action = this.schema.actions[number];
    const w = new Writer(this.base, action.size);
    w.timestamp(0, request.now);
    w.u32(16, (this.schema.postures ?? []).find((p) => p.name === request.posture)?.rank ?? 0);
    let known = 0n;
    (this.schema.lazy ?? []).forEach((name, i) => {
      if (Object.hasOwn(request.signals, name)) known |= 1n << BigInt(i);
    });
    w.u64(24, known);
    for (const slot of action.slots ?? []) {
      const [value, type] = this.find(request, action, slot.path);
      if (value === undefined || (value === null && !(type === "any" && (slot.path.length > 2 || slot.path[0] !== "signals")))) continue;
      if (slot.offset !== undefined) w.value(slot.offset, type, value);
      const word = slot.bit >> 5;
      w.bit(word === 0 ? 20 : 96 + 4 * (word - 1), slot.bit);
    }
    return w;
  }

  // find is the value of a path and its type.
  find(request, action, path) {
    let at = path[0] === "params" ? request.params : request.signals;
    let attrs = path[0] === "params" ? this.schema.params : this.schema.signals;
    if (path[0] === "resource") attrs = [{ name: "resource", type: action.resource }];
    let type;
    for (const name of path[0] === "resource" ? path : path.slice(1)) {
      type = attrs.find((a) => a.name === name).type;
      at = at !== undefined && at !== null && Object.hasOwn(at, name) ? at[name] : undefined;
      attrs = type.object;
    }
    return [at, type];
  }

  read(number, at, request) {
    const view = new DataView(this.exports.memory.buffer);
    const u32 = (offset) => view.getUint32(at + offset, true);
    const seconds = (offset) => view.getBigInt64(at + offset, true);
    const rules = this.outputs.actions[number].map((n) => this.outputs.rules[n]);
    const set = (offset) => rules.map((_, i) => ((view.getUint8(u32(offset) + (i >> 3)) >> (i & 7)) & 1) === 1);
    const named = (bits, names) => names.filter((_, i) => ((bits >> BigInt(i)) & 1n) === 1n);
    const effect = effects[u32(0)];
    const d = { effect, action: request.action, posture: request.posture ?? "normal" };
    d.policy = { name: this.meta.name, version: this.meta.version, digest: this.meta.digest };
    if (u32(24) > 0) {
      d.satisfied = { level: this.outputs.levels[u32(24) - 1].name };
      if (seconds(32) >= 0n) d.satisfied.age = Number(seconds(32));
    }
    if (effect === "deny" || effect === "step_up") {
      const made = set(56);
      d.reasons = rules.filter((_, i) => made[i]).map((r) => reason(r));
    }
    if (effect === "step_up") {
      const level = this.outputs.levels[u32(8) - 1];
      d.requirement = { level: level.name, acr_values: level.acr_values };
      if (seconds(16) >= 0n) d.requirement.max_age = Number(seconds(16));
      if (u32(12) > 0) d.requirement.reachable = u32(12) === 2;
      const groups = [];
      for (let i = 0; i < u32(28); i++) groups.push(named(view.getBigUint64(u32(68) + 8 * i, true), this.outputs.methods));
      groups.sort(byElements);
      if (groups.length > 0) d.requirement.methods = groups.map((g) => ({ one_of: g }));
    }
    if (effect === "need") d.need = named(view.getBigUint64(at + 40, true), this.schema.lazy);
    const faults = new Map();
    for (let i = 0; i < u32(48); i++) faults.set(view.getUint32(u32(72) + 8 * i, true), view.getUint32(u32(72) + 8 * i + 4, true));
    const erred = rules.flatMap((r, i) => {
      if (!faults.has(i) || r.shadow) return [];
      return [{ rule: r.id, code: codes[faults.get(i) & 0xff], at: this.places?.[faults.get(i) >>> 8] || undefined }];
    });
    if (erred.length > 0) d.indeterminate = erred;
    if (effect !== "need" && rules.some((r) => r.shadow)) {
      const applying = set(60);
      const pending = set(64);
      const shadow = rules.flatMap((r, i) => {
        if (pending[i]) return [{ ...reason(r), pending: true }];
        return applying[i] ? [{ ...reason(r), code: faults.has(i) ? codes[faults.get(i) & 0xff] : undefined }] : [];
      });
      if (shadow.length > 0) d.shadow = shadow;
      if (u32(4) > 0) d.shadow_effect = effects[u32(4) - 1];
    }
    return d;
  }
}

function reason({ id, shadow, ...rest }) {
  return { rule: id, ...rest };
}

// compare orders texts by their bytes in UTF-8, which < does not.
function compare(a, b) {
  const x = utf8.encode(a);
  const y = utf8.encode(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}

function byElements(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return compare(a[i], b[i]);
  return a.length - b.length;
}

// layout is a type's size and alignment.
function layout(type) {
  if (type === "bool") return [1, 1];
  if (type === "ip" || type === "cidr" || type.map || type.object) return [4, 4];
  return type === "timestamp" || type === "any" ? [16, 8] : [8, 8];
}

// Writer writes a record and what lies behind it. It has memory of its own, which grows.
class Writer {
  constructor(base, size) {
    this.base = base;
    this.end = size;
    this.grow(size + 4096);
  }

  grow(n) {
    const bytes = new Uint8Array(n);
    if (this.bytes) bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  take(n, align) {
    const at = Math.ceil(this.end / align) * align;
    this.end = at + n;
    if (this.end > this.bytes.length) this.grow(2 * this.end);
    return at;
  }

  u32(at, n) { this.view.setUint32(at, n, true); }
  u64(at, n) { this.view.setBigUint64(at, BigInt.asUintN(64, n), true); }
  pointer(at, to) { this.u32(at, this.base + to); }
  span(at, to, n) { this.u32(at, this.base + to); this.u32(at + 4, n); }
  bit(at, bit) { this.u32(at, (this.view.getUint32(at, true) | (1 << (bit & 31))) >>> 0); }

  timestamp(at, { seconds, nanos }) {
    this.u64(at, seconds);
    this.u64(at + 8, BigInt(nanos));
  }

  raw(at, bytes) {
    const to = this.take(bytes.length, 1);
    this.bytes.set(bytes, to);
    this.span(at, to, bytes.length);
  }

  value(at, type, v) {
    switch (type) {
      case "bool": return this.view.setUint8(at, v ? 1 : 0);
      case "int": case "uint": case "duration": return this.u64(at, v);
      case "double": return this.view.setFloat64(at, v, true);
      case "string": return this.raw(at, utf8.encode(v));
      case "bytes": return this.raw(at, v);
      case "timestamp": return this.timestamp(at, v);
      case "ip": case "cidr": return this.address(at, v);
      case "any": return this.any(at, v);
    }
    if (type.list) {
      const [size, align] = layout(type.list);
      const to = this.take(size * v.length, align);
      this.span(at, to, v.length);
      v.forEach((e, i) => this.value(to + size * i, type.list, e));
    } else if (type.map) {
      this.map(at, type.map, v);
    } else {
      this.object(at, type.object, v);
    }
  }

  // any writes a tag, and the value behind it.
  any(at, v) {
    if (v === null) return this.u32(at, 1);
    const [tag, type] = {
      boolean: [2, "bool"], number: [5, "double"], string: [6, "string"], object: Array.isArray(v) ? [12, { list: "any" }] : [109, { map: "any" }],
    }[typeof v];
    this.u32(at, tag);
    this.value(at + 8, type, v);
  }

  address(at, { family, prefix, bytes }) {
    const to = this.take(20, 4);
    this.bytes.set([family, prefix ?? 0, 0, 0, ...bytes], to);
    this.pointer(at, to);
  }

  map(at, elem, m) {
    const keys = Object.keys(m).sort(compare);
    const [size, align] = layout(elem);
    const head = this.take(12, 4);
    const keysAt = this.take(8 * keys.length, 8);
    const valuesAt = this.take(size * keys.length, align);
    this.pointer(at, head);
    this.u32(head, keys.length);
    this.pointer(head + 4, keysAt);
    this.pointer(head + 8, valuesAt);
    keys.forEach((key, i) => {
      this.raw(keysAt + 8 * i, utf8.encode(key));
      this.value(valuesAt + size * i, elem, m[key]);
    });
  }

  object(at, attrs, o) {
    const first = ["acr:string", "amr:list of string", "time:timestamp"];
    const sign = ({ name, type }) => name + ":" + (type.list ? "list of " + type.list : type);
    const rank = (a) => (first.indexOf(sign(a)) + 4) % 4;
    if (first.every((s) => attrs.some((a) => sign(a) === s))) attrs = [...attrs].sort((a, b) => rank(a) - rank(b));
    let end = 4 * Math.max(1, Math.ceil(attrs.length / 32));
    const offsets = attrs.map(({ type }) => {
      const [size, align] = layout(type);
      const offset = Math.ceil(end / align) * align;
      end = offset + size;
      return offset;
    });
    const body = this.take(Math.ceil(end / 8) * 8, 8);
    this.pointer(at, body);
    attrs.forEach(({ name, type }, i) => {
      if (!Object.hasOwn(o, name) || (o[name] === null && type !== "any")) return;
      this.value(body + offsets[i], type, o[name]);
      this.bit(body + 4 * (i >> 5), i);
    });
  }
}
