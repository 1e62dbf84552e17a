// Starts `rung lsp`, which does the work, and says what to do where there is no rung.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { server, documents } = require("./server.js");

/** @type {LanguageClient | undefined} */
let client;

async function start() {
  const command = server(vscode.workspace.getConfiguration("rung").get("path"));
  client = new LanguageClient("rung", "Rung", command, {
    documentSelector: documents,
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{rung.hcl,rungtest.hcl,txt,list,csv}") },
  });
  try {
    await client.start();
  } catch {
    client = undefined;
    const answer = await vscode.window.showWarningMessage(
      `Rung: \`${command.command} lsp\` does not start. Install rung, or say where it is.`,
      "Open settings",
    );
    if (answer) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "rung.path");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

exports.activate = async (/** @type {vscode.ExtensionContext} */ context) => {
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("rung.path")) {
        await stop();
        await start();
      }
    }),
  );
  await start();
};

exports.deactivate = stop;
