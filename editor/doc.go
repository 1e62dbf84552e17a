// Package editor knows what an editor asks of a policy: what is wrong with it, what a name means and where it is declared, what could be written
// here, and how a name is changed everywhere.
//
//	w := editor.New(os.DirFS("policy"))
//	w.Set("bank.rung.hcl", text)
//	items := w.Complete("bank.rung.hcl", editor.Position{Line: 12, Character: 20})
//
// A [Workspace] is the folder of one policy, its test files and list files included. Its texts are what an editor has open, and what the folder
// has otherwise. Every method takes any text at any moment, also one that does not parse: positions outside of a text move to its nearest
// end, files that nobody knows have nothing to say.
//
// Values are plain and have a JSON form. Positions are those of the Language Server Protocol: lines and UTF-16 code units, both from 0. The
// rest of the library counts bytes and code points; position.go is where the two meet.
//
// How it works: a tolerant reader (token.go, tree.go) makes a tree of any text; mend.go takes out of a text what package hcl would
// refuse, so that the rest keeps its meaning while somebody is typing; model.go finds the names in the trees, and package cel answers for the
// conditions. Each is made when it is first asked for, and kept until a text changes.
package editor
