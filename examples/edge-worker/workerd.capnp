using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [ (name = "main", worker = .w) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);

const w :Workerd.Worker = (
  modules = [ (name = "worker.mjs", esModule = embed "worker.mjs"), (name = "./policy.wasm", wasm = embed "policy.wasm") ],
  bindings = [
    (name = "ISSUER", text = "https://idp.example"),
    (name = "AUDIENCE", text = "https://notes.example"),
    (name = "JWK", fromEnvironment = "JWK"),
  ],
  compatibilityDate = "2026-03-01",
);
