// Prints how large the compiler is by brotli at its best, which takes two minutes: `make figures` runs it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gunzipSync } from "node:zlib";

const page = join(import.meta.dirname, "..", "..", "dist", "page");
const bytes = gunzipSync(readFileSync(join(page, readdirSync(page).find((n) => n.endsWith(".wasm.gz")))));
const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
console.log(`figure compiler-brotli-bytes ${packed.length}`);
