// What `rung build --js` writes, but for the bytes and the types of the policy.

import { type Loader, loaderOf } from "./inline.ts";

export { LoadError } from "./policy.ts";
export { decideWith } from "./provide.ts";

/** rung puts the module here, in base64. */
const inside: Loader = loaderOf("@rung:module@");
export const load: Loader["load"] = inside.load;
export const loadSync: Loader["loadSync"] = inside.loadSync;
