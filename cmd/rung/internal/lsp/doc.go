// Package lsp serves package editor by the Language Server Protocol (3.17).
//
// JSON-RPC is jrpc2's; frame.go bounds what a message may take, protocol.go has the part of the protocol that is served, files.go maps the URIs of files to
// the folders of policies, and server.go is the table of methods. What the answers are, package editor knows.
package lsp
