// What `rung build --js --fast` writes, but for the bytes and the types of the policy, and the code that writes its requests.

import { fast, type Writer } from "./fast.ts";
import { type Loader, loaderOf } from "./inline.ts";

export { LoadError } from "./policy.ts";
export { decideWith } from "./provide.ts";

/** rung puts the module here, in base64, and the code, as an expression. */
const inside: Loader = loaderOf("@rung:module@", (like) => fast("@rung:writer@" as unknown as Writer, like));
export const load: Loader["load"] = inside.load;
export const loadSync: Loader["loadSync"] = inside.loadSync;
