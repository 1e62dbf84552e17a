#!/bin/sh
# Makes policy.js and fast.js of the SDK: what modules of JavaScript are made of. It needs what sdk/js/package-lock.json names.

set -e
cd "$(dirname "$0")/../.."
go run ./internal/run install sdk/js
cd sdk/js
npm run --silent build
bundle() {
	npx --no-install esbuild "dist/$1" --bundle --minify --format=esm --charset=utf8 --log-level=error --outfile="../../wasm/js/$2"
}
bundle written.js policy.js
bundle written-fast.js fast.js
