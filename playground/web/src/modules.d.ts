declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*/wasm_exec.js";
