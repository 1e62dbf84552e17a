// How the language server is started: by the program that the settings name.

/**
 * @param {string | undefined} path the setting `rung.path`
 * @returns {{ command: string, args: string[] }}
 */
exports.server = (path) => ({ command: path?.trim() || "rung", args: ["lsp"] });

/** The files that are served: policies and their tests, on the disk or not saved yet. */
exports.documents = [
  { language: "rung", scheme: "file" },
  { language: "rung", scheme: "untitled" },
];
